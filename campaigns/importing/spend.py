"""Spend of campaigns: each write brings its days up to date at once, as `campaigns.spending` does."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from campaigns import attribution
from campaigns.importing.naming import CAMPAIGN, JOIN, find_campaigns
from campaigns.models import Spend
from campaigns.spending import TAKE_TURNS
from shop.importing.handlers.columns import EXTERNAL_ID_ALIASES
from shop.importing.kinds import Column
from shop.importing.writing import Batch, TableHandler
from shop.models.importing import ImportFile

CATEGORIES = (
    *((value, value) for value in Spend.Category.values if value != Spend.Category.GENERATION),
    ("ads", "media"), ("advertising", "media"), ("广告", "media"), ("媒体", "media"),
    ("postage", "delivery"), ("sending", "delivery"), ("投递", "delivery"), ("发送", "delivery"),
    ("design", "creative"), ("创意", "creative"), ("fee", "fees"), ("费用", "fees"),
)  # fmt: skip
# Two bookings that say the same are two: the second of them in a file is known as such.
ALIKE = (
    "'h' || md5(concat_ws(E'\\x1f', campaign.id, s.category, s.amount, s.day, s.note)) || ' ' || "
    "row_number() OVER (PARTITION BY campaign.id, s.category, s.amount, s.day, s.note ORDER BY s.row_no)"
)
UNDONE_DAYS = """
SELECT spend.campaign_id, spend.day FROM shop_importimage AS image JOIN campaigns_spend AS spend ON
    spend.id = image.key
WHERE image.file_id = %(file)s AND image.model = 'campaigns_spend'
UNION SELECT (before->>'campaign_id')::bigint, (before->>'day')::date FROM shop_importimage
WHERE file_id = %(file)s AND model = 'campaigns_spend' AND before IS NOT NULL
"""


class SpendFile(TableHandler):
    """What campaigns cost; a booking of the same source and id is corrected."""

    name = "spend"
    label = _("Spend")
    help = _(
        "What campaigns cost, by day. Without an id a booking is known by what it says; two in one file that "
        "say the same are two."
    )
    key = ("external_id",)
    table = "campaigns_spend"
    tables = {"campaigns_spend": "id"}
    joins = f"{JOIN} JOIN import_booking AS booking ON booking.row_no = s.row_no"
    match = "known.source = 'csv' AND known.external_id = booking.known_by"
    values = {
        "source": "'csv'::text",
        "external_id": "booking.known_by",
        "campaign_id": "campaign.id",
        "category": "s.category",
        "amount": "round(s.amount, 4)",
        "day": "s.day",
        "note": "coalesce(s.note, '')",
    }
    created = {"created_at": "now()"}
    touched = {"updated_at": "now()"}
    checks = {"campaign:unknown_campaign": "campaign.id IS NULL"}
    columns = (
        CAMPAIGN,
        Column(
            "category",
            _("Category"),
            "choice",
            required=True,
            choices=CATEGORIES,
            example="media",
            aliases=("type", "cost_type", "类别", "费用类型"),
        ),
        Column(
            "amount",
            _("Amount"),
            "money",
            required=True,
            example="120.00",
            low=0,
            high=1_000_000,
            aliases=("cost", "spend", "spent", "金额", "花费", "费用金额"),
        ),
        Column(
            "day",
            _("Day"),
            "day",
            required=True,
            example="2026-03-31",
            aliases=("date", "spent_on", "日期", "时间"),
        ),
        Column(
            "external_id",
            _("Booking"),
            max_length=100,
            example="INV-7",
            aliases=("invoice", "booking", "booking_id", *EXTERNAL_ID_ALIASES),
        ),
        Column(
            "note", _("Note"), max_length=200, example="", aliases=("comment", "description", "备注", "说明")
        ),
    )

    def prepare(self, batch: Batch) -> None:
        find_campaigns(batch)
        if batch.writes:
            batch.cursor.execute(TAKE_TURNS)
        batch.temporary(
            "import_booking",
            f"SELECT s.row_no, coalesce(s.external_id, {ALIKE}) AS known_by FROM import_stage AS s {JOIN}",
        )

    def after(self, batch: Batch) -> None:
        touched = batch.rows(
            "SELECT v_campaign_id, v_day FROM import_work WHERE act IN ('new', 'changed') "
            "UNION SELECT k_campaign_id, k_day FROM import_work WHERE act = 'changed'"
        )
        attribution.refresh_spend(set(touched))

    def undoing(self, file: ImportFile) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(UNDONE_DAYS, {"file": file.pk})
            return set(cursor.fetchall())

    def undone(self, file: ImportFile, noted: Any) -> None:
        attribution.refresh_spend(noted)
