"""Conditions on campaigns: who received one, was held out of it, clicked, used its coupon."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from campaigns.segmenting.fields.base import DAYS, Clause, Counted, Operator
from campaigns.segmenting.predicates import Asked, Sql, since
from campaigns.segmenting.values import Reference

TOPIC = _("Campaigns")
CAMPAIGN = Reference(_("campaign"), absent=_("any campaign"), model=Campaign)


def counted(table: str, fixed: str, column: str, clause: Clause, asked: Asked) -> Sql:
    """Return how many rows of a table each customer has for the clause's campaign, in its window."""
    rows = Sql(f"SELECT customer_id, count(*) AS n FROM {table} WHERE {fixed}")  # noqa: S608  # our own words
    if (key := clause.number("campaign")) is not None:
        rows += Sql(" AND campaign_id = %s", (key,))
    rows += since(column, clause.window(asked.today)) + asked.only("customer_id")
    return rows + Sql(" GROUP BY customer_id")


class CouponUsed(Counted):
    """Redemptions of a campaign's coupons."""

    name, label, topic = "coupon", _("coupon used"), TOPIC
    parameters: ClassVar = {"campaign": CAMPAIGN, "days": DAYS}
    operators: ClassVar = {
        "some": Operator(
            _("used"),
            _("used a coupon of %(campaign)s in the last %(days)s"),
            _("used a coupon of %(campaign)s"),
            may=("campaign", "days"),
        ),
        "none": Operator(
            _("not used"),
            _("did not use a coupon of %(campaign)s in the last %(days)s"),
            _("never used a coupon of %(campaign)s"),
            may=("campaign", "days"),
        ),
    }

    def source(self, clause: Clause, asked: Asked) -> Sql:
        return counted("campaigns_touch", "kind = 'coupon'", "touched_at", clause, asked)


class CampaignReceived(Counted):
    """Campaigns in whose frozen audience a customer is treated; who is held out received nothing."""

    name, label, topic = "campaign", _("campaign received"), TOPIC
    hint = _("Customers who were held out did not receive the campaign.")
    parameters: ClassVar = {"campaign": CAMPAIGN, "days": DAYS}
    operators: ClassVar = {
        "some": Operator(
            _("received"),
            _("received %(campaign)s in the last %(days)s"),
            _("received %(campaign)s"),
            may=("campaign", "days"),
        ),
        "none": Operator(
            _("not received"),
            _("did not receive %(campaign)s in the last %(days)s"),
            _("never received %(campaign)s"),
            may=("campaign", "days"),
        ),
    }

    def source(self, clause: Clause, asked: Asked) -> Sql:
        return counted("campaigns_assignment", "arm = 'treated'", "assigned_at", clause, asked)


class CampaignClicked(Counted):
    """Clicks by a person on a link of a campaign."""

    name, label, topic = "clicked", _("campaign clicked"), TOPIC
    parameters: ClassVar = {"campaign": CAMPAIGN, "days": DAYS}
    operators: ClassVar = {
        "some": Operator(
            _("clicked"),
            _("clicked in %(campaign)s in the last %(days)s"),
            _("clicked in %(campaign)s"),
            may=("campaign", "days"),
        ),
        "none": Operator(
            _("not clicked"),
            _("did not click in %(campaign)s in the last %(days)s"),
            _("never clicked in %(campaign)s"),
            may=("campaign", "days"),
        ),
    }

    def source(self, clause: Clause, asked: Asked) -> Sql:
        return counted("campaigns_touch", "kind = 'click'", "touched_at", clause, asked)


class HeldOut(Counted):
    """Campaigns in whose frozen audience a customer is held out, to measure the others by."""

    name, label, topic = "held_out", _("held out of campaign"), TOPIC
    parameters: ClassVar = {"campaign": CAMPAIGN, "days": DAYS}
    operators: ClassVar = {
        "some": Operator(
            _("held out"),
            _("were held out of %(campaign)s in the last %(days)s"),
            _("were held out of %(campaign)s"),
            may=("campaign", "days"),
        ),
        "none": Operator(
            _("not held out"),
            _("were not held out of %(campaign)s in the last %(days)s"),
            _("were never held out of %(campaign)s"),
            may=("campaign", "days"),
        ),
    }

    def source(self, clause: Clause, asked: Asked) -> Sql:
        return counted("campaigns_assignment", "arm = 'held_out'", "assigned_at", clause, asked)
