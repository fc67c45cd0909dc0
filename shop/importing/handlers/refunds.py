"""Refunds of orders or of one of their lines."""

from django.utils.translation import gettext_lazy as _

from shop.importing.handlers.columns import EXTERNAL_ID_ALIASES
from shop.importing.kinds import Column
from shop.importing.writing import Batch, TableHandler
from shop.ledger import total

# What is already given back for the order, without the refunds that this part corrects, and with its own.
TOO_MUCH = """
o.id IS NOT NULL AND o.gross - o.discount + o.tax + o.shipping < o.refunded
    - coalesce(sum(known.amount) OVER (PARTITION BY o.id), 0)
    + sum(s.amount) OVER (PARTITION BY o.id ORDER BY s.row_no)
"""


class Refunds(TableHandler):
    """Money given back; a refund of the same source and id is corrected."""

    name = "refunds"
    label = _("Refunds")
    help = _("Money given back for an order, or for one of its lines.")
    key = ("external_id",)
    table = "shop_refund"
    tables = {"shop_refund": "id"}
    joins = 'LEFT JOIN shop_order AS o ON o.source = %(source)s AND o.external_id = s."order"'
    match = "known.source = %(source)s AND known.external_id = s.external_id"
    values = {
        "source": "%(source)s",
        "external_id": "s.external_id",
        "order_id": "o.id",
        "amount": "round(s.amount, 4)",
        "refunded_at": "s.refunded_at",
        "line_no": "s.line_no::int",
        "reason": "coalesce(s.reason, '')",
    }
    checks = {
        "order:unknown_order": "o.id IS NULL",
        "external_id:duplicate": "known.order_id <> o.id",
        "amount:range": "s.amount <= 0",
        "amount:refund_too_large": TOO_MUCH,
        "line_no:range": "s.line_no IS NOT NULL AND NOT EXISTS (SELECT FROM shop_orderline AS line "
        "WHERE line.order_id = o.id AND line.line_no = s.line_no)",
    }
    columns = (
        Column(
            "external_id",
            _("Refund"),
            required=True,
            max_length=64,
            example="R-77",
            aliases=(
                "refund",
                "refund_id",
                "refund_no",
                "return_id",
                "退款单号",
                "退款编号",
                *EXTERNAL_ID_ALIASES,
            ),
        ),
        Column(
            "order",
            _("Order"),
            required=True,
            max_length=64,
            example="A-5001",
            aliases=("order_id", "orderid", "order_no", "order_number", "订单", "订单号", "订单编号"),
            help=_("The id of an order of the same source."),
        ),
        Column(
            "amount",
            _("Amount"),
            "money",
            required=True,
            example="4.00",
            low=0,
            high=1_000_000,
            aliases=("refund_amount", "refunded", "金额", "退款金额"),
        ),
        Column(
            "refunded_at",
            _("Refunded at"),
            "time",
            required=True,
            example="2026-03-05T12:00:00Z",
            aliases=("date", "time", "timestamp", "refund_date", "created_at", "退款时间", "日期", "时间"),
        ),
        Column(
            "line_no",
            _("Line number"),
            "integer",
            example="",
            low=1,
            aliases=("line", "line_number", "行号"),
            help=_("Empty: the whole order."),
        ),
        Column(
            "reason",
            _("Reason"),
            max_length=200,
            example="Broken",
            aliases=("note", "comment", "原因", "退款原因"),
        ),
    )

    def after(self, batch: Batch) -> None:
        orders = batch.rows("SELECT DISTINCT v_order_id FROM import_work WHERE act IN ('new', 'changed')")
        ids = [row[0] for row in orders]
        total(ids)
        batch.mark_dirty("SELECT 'order', unnest(%(ids)s::bigint[])", ids=ids)
