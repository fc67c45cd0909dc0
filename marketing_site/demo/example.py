"""What waits for the newcomer: brand voices, and a draft campaign that is two clicks from its first copy."""

from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count
from django.utils.timezone import localdate, now

from campaigns import launching, segmenting
from campaigns.models import BrandVoice, Campaign, OfferPolicy, Segment
from shop.models import Category, Product

CAMPAIGN = "Win back lapsed coffee buyers"
SEGMENT = "Lapsed coffee buyers"
BOUGHT_AT_LEAST, NOT_SINCE_DAYS, PRODUCTS = 2, 60, 6
VOICES = (
    {
        "name": "Neighbourly", "tone": "warm, plain, a little dry",
        "use_words": "fresh, your shop, today", "avoid_words": "cheap, best ever, guaranteed, hurry",
    },
    {
        "name": "To the point", "tone": "short, factual, calm",
        "use_words": "price, until, in store", "avoid_words": "amazing, unbelievable, only now",
    },
)  # fmt: skip


def create() -> None:
    """Create the voices and, where the shop sells coffee, the draft; voices that exist are left alone."""
    voices = [BrandVoice.objects.get_or_create(name=voice["name"], defaults=voice)[0] for voice in VOICES]
    coffee = Category.objects.filter(name="Coffee").order_by("pk").first()
    if coffee is None:
        return
    campaign = Campaign(
        name=CAMPAIGN, goal=Campaign.Goal.WIN_BACK, segment=lapsed_buyers(coffee), brand_voice=voices[0],
        budget=Decimal(500), holdout_percent=Decimal(10), **_window(localdate()),
    )  # fmt: skip
    launching.create(campaign, by=None)
    campaign.products.set(favourites(coffee))
    OfferPolicy.objects.create(
        campaign=campaign, kind=OfferPolicy.Kind.PERCENT, value=Decimal(15), margin_floor=Decimal(5),
        code_policy=OfferPolicy.CodePolicy.UNIQUE, valid_days=14,
    )  # fmt: skip


def lapsed_buyers(category: Category) -> Segment:
    """Return the segment of those who bought in the category on several days, and not lately."""
    rule = segmenting.validate(
        {
            "match": "all",
            "rules": [
                {
                    "field": "category",
                    "operator": "at_least",
                    "category": category.pk,
                    "count": BOUGHT_AT_LEAST,
                },
                {"field": "category", "operator": "none", "category": category.pk, "days": NOT_SINCE_DAYS},
            ],
        }
    )
    return Segment.objects.create(name=SEGMENT, rule=rule, size=segmenting.count(rule), counted_at=now())


def favourites(category: Category) -> list[Product]:
    """Return the products of the category that were bought most often and are coffee by their name."""
    offered = Product.objects.active().under(category).filter(name__iregex="coffee|bean")
    return list(offered.annotate(bought=Count("lines")).order_by("-bought", "pk")[:PRODUCTS])


def _window(today: date) -> dict[str, date]:
    return {"starts_on": today, "ends_on": today + timedelta(weeks=6)}
