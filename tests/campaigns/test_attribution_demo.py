"""The strict rule on the real demo data: as many redemptions and as much revenue as the data says."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import polars as pl
import pytest
from django.db.models import Sum

from campaigns import attribution
from campaigns.models import CampaignDay, Credit, Touch
from marketing_site.demo import seeding
from marketing_site.demo.progress import Progress
from marketing_site.demo.reading import Source
from shop.models import Order

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class RedemptionDays(Source):
    """What households bought on the days on which they redeemed a coupon; the rest cannot be linked."""

    @cached_property
    def transactions(self) -> pl.DataFrame:
        days = self.redemptions.select("household", "day").unique()
        bought = super().transactions.with_columns(
            self.moved_time("transaction_timestamp").dt.date().alias("day")
        )
        return bought.join(days, on=["household", "day"], how="semi").drop("day")

    @cached_property
    def products(self) -> pl.DataFrame:
        return super().products.join(self.transactions, on="item", how="semi")

    @cached_property
    def coupons(self) -> pl.DataFrame:
        """Leave out products that nobody bought on these days, but no code as a whole."""
        code = ["mailing", "coupon_upc"]
        all_of_them = super().coupons
        bought = all_of_them.join(self.transactions, on="item", how="semi")
        unsold = all_of_them.join(bought, on=code, how="anti").unique(code)
        return pl.concat([bought, unsold])

    @cached_property
    def recipients(self) -> pl.DataFrame:
        return super().recipients.join(self.transactions, on="household", how="semi")


class Silence(Progress):
    """Tells nobody: told steps stand on a connection of their own, and would outlive the test."""

    def _write(self, state: str, detail: str) -> None:
        pass


def test_1130_redemptions_are_linked_and_credited_with_4353_28_dollars() -> None:
    source = Source.installed(small=False, weeks=0)
    seeding.seed(RedemptionDays(source.folder, source.weeks), Silence())
    touches = Touch.objects.filter(kind=Touch.Kind.COUPON)
    assert touches.count() == 2102
    assert attribution.linked_redemptions(Order.objects.values_list("pk", flat=True)) == 1130
    credited = Credit.objects.filter(touch__in=touches)
    assert credited.aggregate(total=Sum("amount"))["total"] == Decimal("4353.28")
    assert credited.values("order").distinct().count() == 722
    sums = CampaignDay.objects.aggregate(all=Sum("net_revenue"), redemptions=Sum("redemptions"))
    assert sums["all"] == Order.objects.aggregate(total=Sum("net_revenue"))["total"]
    assert sums["redemptions"] == 2102
