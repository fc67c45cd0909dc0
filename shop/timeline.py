"""What the ledger adds to a customer's timeline: orders, events, consents, and who took the data out."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marketing_site.lib import figures
from marketing_site.lib.timelines import Entry, Source, Span
from shop.models import ConsentEvent, Disclosure, Event, Order, OrderLine

PERSONAL = "shop.view_personal_data"


def orders_of(pk: int, user: User, span: Span) -> Iterable[Entry]:
    found = list(span.of(Order.objects.filter(customer=pk), "order", "ordered_at"))
    counted = OrderLine.objects.filter(order__in=found).values_list("order_id").annotate(lines=Count("*"))
    lines = dict(counted)
    for order in found:
        title = _("Order %(number)s: %(amount)s") % {
            "number": order.external_id, "amount": figures.money(order.net_revenue),
        }  # fmt: skip
        yield Entry(
            order.ordered_at, "order", order.pk, title, note=order_note(order, lines.get(order.pk, 0))
        )


def order_note(order: Order, lines: int) -> str:
    """Say what else there is to an order: its lines, what was taken off or given back, whether it stands."""
    parts = [
        ngettext("%(count)s line", "%(count)s lines", lines) % {"count": figures.number(lines)},
        _("discounts %(amount)s") % {"amount": figures.money(order.discount)} if order.discount else "",
        _("refunded %(amount)s") % {"amount": figures.money(order.refunded)} if order.refunded else "",
        _("coupons %(codes)s") % {"codes": ", ".join(order.coupon_codes)} if order.coupon_codes else "",
        str(order.get_status_display()) if order.status != Order.Status.PLACED else "",
    ]
    return " · ".join(part for part in parts if part)


def events_of(pk: int, user: User, span: Span) -> Iterable[Entry]:
    """Yield events; what the customer wrote is shown to those who may see personal data."""
    personal = user.has_perm(PERSONAL)
    for event in span.of(Event.objects.filter(customer=pk).select_related("product"), "event", "occurred_at"):
        rated = _("%(rating)s of 5") % {"rating": event.rating} if event.rating else ""
        yield Entry(
            event.occurred_at, "event", event.pk,
            " · ".join(part for part in (capfirst(event.get_kind_display()), rated) if part),
            about=str(event.product or ""),
            about_url=event.product.get_absolute_url() if event.product else "",
            words=event.text if personal else "",
            note=_("invented") if event.synthetic else "",
        )  # fmt: skip


def consents_of(pk: int, user: User, span: Span) -> Iterable[Entry]:
    for event in span.of(ConsentEvent.objects.filter(customer=pk), "consent", "at"):
        title = _("Consent %(state)s: %(purpose)s, %(channel)s") % {
            "state": event.get_state_display(), "purpose": event.get_purpose_display(),
            "channel": event.get_channel_display(),
        }  # fmt: skip
        yield Entry(event.at, "consent", event.pk, title, note=event.source)


def disclosures_of(pk: int, user: User, span: Span) -> Iterable[Entry]:
    rows = Disclosure.objects.filter(customer=pk).select_related("by")
    for export in span.of(rows, "disclosure", "at"):
        title = _("Data exported by %(who)s") % {"who": export.by.email if export.by else "–"}
        yield Entry(export.at, "disclosure", export.pk, title)


ORDERS = Source("order", gettext_lazy("Orders"), "shop.view_order", orders_of)
EVENTS = Source("event", gettext_lazy("Events"), "shop.view_event", events_of)
CONSENTS = Source("consent", gettext_lazy("Consent"), "shop.view_customer", consents_of)
DISCLOSURES = Source("disclosure", gettext_lazy("Data exports"), "shop.export_customer", disclosures_of)
