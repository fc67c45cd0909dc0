"""What a campaign still lacks before it can be submitted: one list for the page, the refusal and the API."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from campaigns.assigning import Audience
from campaigns.models import Campaign, OfferPolicy

Text = str | Promise
# The pages of the four steps.
STEPS = ("campaign_basics_edit", "campaign_audience_edit", "campaign_products_edit", "campaign_voice_edit")
NO_BUDGET = _("Without one, nobody is warned of overspending.")
NO_HOLDOUT = _("Without a holdout, what the campaign earned on top cannot be measured.")
NO_VOICE = _("Without one, the copy keeps to plain words.")


@dataclass(frozen=True)
class Check:
    """One point of the list. `step` names the page that settles it; an advice holds nobody up."""

    label: Text
    done: bool
    hint: Text
    step: str
    advice: bool = False

    @property
    def view(self) -> str:
        return f"campaigns:{self.step}"


def checks(campaign: Campaign, audience: Audience | None) -> list[Check]:
    """Return the points in the order of the four steps; `audience` is the preview, None without a segment."""
    basics, whom, what, voice = STEPS
    reachable = bool(audience and audience.treated)
    decided = OfferPolicy.objects.filter(campaign=campaign).exists()
    return [
        _dates(campaign, localdate()),
        Check(_("A budget"), campaign.budget is not None, NO_BUDGET, basics, advice=True),
        Check(_("A segment"), audience is not None, _("Choose whom the campaign is meant for."), whom),
        Check(_("Customers who can be contacted"), reachable, who_is_missing(audience), whom),
        Check(_("A holdout"), campaign.holdout_percent > 0, NO_HOLDOUT, whom, advice=True),
        Check(_("Products"), _has_products(campaign), _("Choose at least one product to write about."), what),
        Check(_("An offer policy"), decided, _("Decide on the discount, or on none."), what),
        Check(_("A brand voice"), campaign.brand_voice_id is not None, NO_VOICE, voice, advice=True),
    ]


def who_is_missing(audience: Audience | None) -> Text:
    """Return why an audience has nobody to treat, and what to do about it."""
    if audience is None:
        return _("Choose a segment first.")
    if not audience.members:
        return _("Nobody is in the segment today: widen its rule, or choose another segment.")
    if not audience.contactable:
        return _(
            "Nobody in the segment can be contacted on this channel: they gave no consent, have no address "
            "there, or are suppressed. Choose another channel or segment."
        )
    return _("The holdout leaves nobody to treat: lower it.")


def _dates(campaign: Campaign, today: date) -> Check:
    given = campaign.starts_on is not None and campaign.ends_on is not None
    over = campaign.ends_on is not None and campaign.ends_on < today
    hint = _("The last day has passed: choose a later one.") if over else _("Give the first and last day.")
    return Check(_("First and last day"), given and not over, hint, STEPS[0])


def _has_products(campaign: Campaign) -> bool:
    return campaign.goal == Campaign.Goal.INFORM or campaign.products.exists()
