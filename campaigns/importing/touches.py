"""Touches from elsewhere: deliveries, clicks and redeemed coupons of campaigns, which may claim revenue."""

from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from campaigns.attribution import days
from campaigns.importing.naming import CAMPAIGN, JOIN, find_campaigns
from shop.importing.handlers.columns import CUSTOMER, EXTERNAL_ID_ALIASES
from shop.importing.kinds import Column
from shop.importing.writing import Batch, TableHandler, first_of_each, stub_customers, unknown
from shop.ledger import mark_dirty
from shop.models import Customer
from shop.models.importing import ImportFile

KINDS = (
    ("delivery", "delivery"), ("delivered", "delivery"), ("sent", "delivery"), ("送达", "delivery"),
    ("click", "click"), ("clicked", "click"), ("点击", "click"),
    ("coupon", "coupon"), ("redeemed", "coupon"), ("redemption", "coupon"), ("核销", "coupon"),
)  # fmt: skip
BY_CONTENT = (
    "'h' || md5(concat_ws(E'\\x1f', campaign.id, s.customer, s.kind, s.coupon, "
    "extract(epoch from s.touched_at)))"
)
UNDONE_DAYS = """
SELECT touch.campaign_id, (touch.touched_at AT TIME ZONE %(zone)s)::date, touch.customer_id
FROM shop_importimage AS image JOIN campaigns_touch AS touch ON touch.id = image.key
WHERE image.file_id = %(file)s AND image.model = 'campaigns_touch'
"""


class TouchFile(TableHandler):
    """Contacts of customers by campaigns. A known one stays as it is: it happened."""

    name = "touches"
    label = _("Touches: deliveries, clicks, redeemed coupons")
    help = _(
        "What may be credited with an order's revenue. An open is not a touch. A known touch stays as it is."
    )
    orphans = ("reject", "stub")
    table = "campaigns_touch"
    tables = {"campaigns_touch": "id", "shop_customer": "id"}
    corrects = False
    joins = (
        f"{JOIN} LEFT JOIN shop_customer AS c ON c.external_id = s.customer AND c.erased_at IS NULL "
        "LEFT JOIN campaigns_coupon AS coupon ON coupon.campaign_id = campaign.id AND coupon.code = s.coupon "
        f"CROSS JOIN LATERAL (SELECT coalesce(s.external_id, {BY_CONTENT}) AS known_by) AS id"
    )
    match = "known.source = %(source)s AND known.external_id = id.known_by"
    values = {
        "source": "%(source)s",
        "external_id": "id.known_by",
        "campaign_id": "campaign.id",
        "customer_id": "c.id",
        "kind": "s.kind",
        "coupon_id": "CASE WHEN s.kind = 'coupon' THEN coupon.id END",
        "touched_at": "s.touched_at",
    }
    created = {"received_at": "now()"}
    columns = (
        CAMPAIGN,
        CUSTOMER,
        Column(
            "kind",
            _("Kind"),
            "choice",
            required=True,
            choices=KINDS,
            example="delivery",
            aliases=("type", "event", "event_type", "action", "类型", "事件"),
        ),
        Column(
            "touched_at",
            _("Time"),
            "time",
            required=True,
            example="2026-03-02T12:00:00Z",
            aliases=("time", "timestamp", "date", "sent_at", "clicked_at", "delivered_at", "时间", "日期"),
        ),
        Column(
            "coupon",
            _("Coupon code"),
            max_length=64,
            example="",
            aliases=("code", "coupon_code", "优惠码"),
            help=_("Needed for a redeemed coupon: a code of the campaign."),
        ),
        Column(
            "external_id",
            _("Touch"),
            max_length=100,
            example="T-1",
            aliases=("touch_id", "message_id", "event_id", *EXTERNAL_ID_ALIASES),
        ),
    )

    def prepare(self, batch: Batch) -> None:
        find_campaigns(batch)
        if batch.stubs and batch.writes:
            stub_customers(batch)

    def all_checks(self, batch: Batch) -> dict[str, str]:
        refuses = "false" if batch.stubs else "true"
        return {
            "campaign:unknown_campaign": "campaign.id IS NULL",
            "customer:unknown_customer": f"c.id IS NULL AND ({refuses} OR EXISTS "
            "(SELECT FROM shop_customer WHERE external_id = s.customer))",
            "coupon:missing": "s.kind = 'coupon' AND s.coupon IS NULL",
            "coupon:choice": "s.kind = 'coupon' AND s.coupon IS NOT NULL AND coupon.id IS NULL",
        }

    def resolve(self, batch: Batch) -> None:
        super().resolve(batch)
        first_of_each(batch)

    def after(self, batch: Batch) -> None:
        batch.mark_dirty("SELECT DISTINCT 'customer', v_customer_id FROM import_work WHERE act = 'new'")

    def orphans_in(self, batch: Batch) -> dict[str, list[str]]:
        return unknown(batch)

    def undoing(self, file: ImportFile) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(UNDONE_DAYS, {"file": file.pk, "zone": settings.TIME_ZONE})
            return cursor.fetchall()

    def undone(self, file: ImportFile, noted: Any) -> None:
        """Take the redemptions off their days; what orders are credited with follows from the dirty keys."""
        days.refresh_credit({(campaign, day) for campaign, day, _customer in noted})
        there = Customer.objects.filter(pk__in={customer for _campaign, _day, customer in noted})
        mark_dirty(customers=there.values_list("pk", flat=True))
