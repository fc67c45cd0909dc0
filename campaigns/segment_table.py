"""The table of segments: what each means in words, how large it was, and where it is used."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from campaigns import segmenting
from campaigns.models import Segment
from marketing_site.lib.tables import DayColumn, NumberColumn, Table


class SegmentTable(Table):
    """Every order ends with the key, so that a page never shows a row twice."""

    name = tables.Column(_("Name"), linkify=True, order_by=("name", "pk"))
    sentence = tables.Column(
        _("In words"), empty_values=(), orderable=False, attrs={"td": {"class": "wrap muted"}}
    )
    kind = tables.Column(_("Kind"), order_by=("kind", "pk"))
    size = NumberColumn(verbose_name=_("Customers"), order_by=("size", "pk"))
    counted_at = DayColumn(_("Counted"), order_by=("counted_at", "pk"))
    used = NumberColumn(verbose_name=_("Campaigns"), order_by=("used", "pk"))

    class Meta:
        model = Segment
        fields = ("name", "sentence", "kind", "size", "counted_at", "used")
        order_by = "name"

    def prepare(self) -> None:
        """Say the rules of this page in words, all of them with a few queries."""
        self.said = segmenting.sentences(row.record for row in self.paginated_rows)

    def render_sentence(self, record: Segment) -> str:
        return self.said[record.pk] or record.note
