"""What people do with a product besides buying it: from views to carts to orders, and what they say of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Avg, Count, Q

from marketing_site.lib.figures import number
from marketing_site.lib.money import ratio
from shop.models import Event, Order, OrderLine, Product

FUNNEL_DAYS = 90
REVIEWS = 10


@dataclass(frozen=True)
class Funnel:
    """How many different customers viewed a product, put it into the cart and ordered it, each by itself.

    A step is no part of the one before: people order what they never looked at on the site.
    """

    views: int
    carts: int
    orders: int

    @property
    def carts_per_view(self) -> Decimal | None:
        return ratio(Decimal(self.carts), Decimal(self.views))

    @property
    def orders_per_cart(self) -> Decimal | None:
        return ratio(Decimal(self.orders), Decimal(self.carts))


@dataclass(frozen=True)
class Reviews:
    """All ratings of a product, and its latest reviews."""

    ratings: int
    average: float | None
    satisfied: int
    latest: Sequence[Event]

    @property
    def average_written(self) -> str:
        return number(self.average, 1)

    @property
    def satisfied_share(self) -> Decimal | None:
        """Ratings of 4 and 5 ÷ all ratings."""
        return ratio(Decimal(self.satisfied), Decimal(self.ratings))


def funnel(product: Product, now: datetime) -> Funnel:
    """Count the customers of the last 90 days; cancelled orders are none."""
    since = now - timedelta(days=FUNNEL_DAYS)
    events = Event.objects.filter(product=product, occurred_at__gte=since)
    counts = events.filter(kind__in=(Event.Kind.VIEW, Event.Kind.CART)).values("kind")
    customers = dict(counts.annotate(who=Count("customer", distinct=True)).values_list("kind", "who"))
    cancelled = Order.objects.filter(status=Order.Status.CANCELLED, ordered_at__gte=since)
    bought = OrderLine.objects.filter(product=product, ordered_at__gte=since, quantity__gt=0)
    orders = bought.exclude(order__in=cancelled).aggregate(who=Count("customer_id", distinct=True))["who"]
    return Funnel(customers.get(Event.Kind.VIEW, 0), customers.get(Event.Kind.CART, 0), orders)


def reviews(product: Product) -> Reviews:
    """Return ratings and the latest reviews, whoever wrote them."""
    written = Event.objects.filter(product=product, kind=Event.Kind.REVIEW)
    rated = written.aggregate(
        ratings=Count("rating"), average=Avg("rating"), satisfied=Count("pk", filter=Q(rating__gte=4))
    )
    latest = written.order_by("-occurred_at", "-pk")[:REVIEWS]
    return Reviews(rated["ratings"], rated["average"], rated["satisfied"], list(latest))
