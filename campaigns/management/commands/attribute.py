"""`manage.py attribute`: every credit and campaign day anew, after a change of windows or coupons."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Sum

from campaigns import attribution
from campaigns.models import Credit, Touch
from marketing_site.lib.figures import money, number
from marketing_site.lib.money import ZERO
from shop.models import Order


class Command(BaseCommand):
    """Recompute what campaigns are credited with, and say what came out."""

    help = "Recompute all credits and campaign days from orders, touches and spend."

    def handle(self, *args: Any, **options: Any) -> None:
        attribution.rebuild()
        orders = Order.objects.values_list("pk", flat=True)
        redemptions = Touch.objects.filter(kind=Touch.Kind.COUPON)
        self.stdout.write(
            f"{number(redemptions.count())} redemptions, "
            f"{number(attribution.linked_redemptions(orders))} of them linked to a line, "
            f"credited with {money(_credited(touch__in=redemptions))}.\n"
            f"Net revenue: {money(_credited(campaign__isnull=False))} credited to campaigns, "
            f"{money(_credited(campaign=None))} to no campaign, {money(_credited())} in all."
        )


def _credited(**of: Any) -> Any:
    return Credit.objects.filter(model=attribution.MODEL, **of).aggregate(sum=Sum("amount", default=ZERO))[
        "sum"
    ]
