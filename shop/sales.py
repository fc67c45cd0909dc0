"""What was sold of a product, month by month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.functions import TruncMonth
from django.utils.timezone import get_default_timezone

from marketing_site.lib.money import ZERO
from shop.models import Order, OrderLine, Product

MONTHS = 12


@dataclass(frozen=True)
class MonthOfSales:
    """One month of the shop's zone, without cancelled orders; sales after discounts, before refunds."""

    month: date
    sales: Decimal = ZERO
    discount: Decimal = ZERO
    units: int = 0
    orders: int = 0


def sales_by_month(product: Product, today: date) -> list[MonthOfSales]:
    """Return the twelve months up to the one of `today`, oldest first, months without sales included."""
    months = last_months(today, MONTHS)
    since = datetime.combine(months[0], time.min, get_default_timezone())
    cancelled = Order.objects.filter(status=Order.Status.CANCELLED, ordered_at__gte=since)
    lines = OrderLine.objects.filter(product=product, ordered_at__gte=since).exclude(order__in=cancelled)
    sold = lines.annotate(month=TruncMonth("ordered_at", tzinfo=get_default_timezone())).values("month")
    sums = sold.annotate(
        sales=Sum(F("gross") - F("discount")), discounts=Sum("discount"), units=Sum("quantity"),
        orders=Count("order_id", distinct=True),
    )  # fmt: skip
    found = {row["month"].date(): _month(row) for row in sums.order_by("month")}
    return [found.get(month, MonthOfSales(month)) for month in months]


def last_months(today: date, count: int) -> list[date]:
    """Return the first days of the last `count` months, that of `today` included, oldest first."""
    number = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(number - count + 1, number + 1)]


def _month(row: Mapping[str, Any]) -> MonthOfSales:
    return MonthOfSales(row["month"].date(), row["sales"], row["discounts"], row["units"], row["orders"])
