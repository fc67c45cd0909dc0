"""A mark that changes with the figures: what was drawn from them may be shown again until it does."""

import pgtrigger
from django.db import connection, models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.money import CampaignDay, CreditedDay, Spend

# Ids are given before they are committed, so the newest id alone would miss an older change that was
# committed after it; that one is counted. Pruning lowers the count, and raises the smallest id.
MARK = "SELECT min(id), max(id), count(*) FROM campaigns_figureschange"

# The newest row stays: without any, all marks would be one.
PRUNE = """
DELETE FROM campaigns_figureschange
WHERE at < now() - interval '10 minutes' AND id < (SELECT max(id) FROM campaigns_figureschange)
"""


class FiguresChange(models.Model):
    """One statement that changed a campaign, its spend or its days; written by the database itself.

    Rows are only added and pruned: no writer of figures ever waits for another.
    """

    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = _("change of figures"), _("changes of figures")

    def __str__(self) -> str:
        return f"{self.pk}"


def mark() -> str:
    """Return what differs from all earlier marks once a figure or a campaign has changed."""
    with connection.cursor() as cursor:
        cursor.execute(MARK)
        return "-".join(map(str, cursor.fetchone()))


def prune() -> None:
    """Remove the changes that have been part of the mark for ten minutes."""
    with connection.cursor() as cursor:
        cursor.execute(PRUNE)


_NOTE = pgtrigger.Trigger(
    name="figures_changed",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
    func="INSERT INTO campaigns_figureschange DEFAULT VALUES; RETURN NULL;",
)
for _model in (Campaign, CampaignDay, CreditedDay, Spend):
    pgtrigger.register(_NOTE)(_model)
