"""How segments are saved, counted, copied, put away and taken back: the one place for each of these."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from campaigns.models import Segment, SegmentMember
from campaigns.segmenting.linking import link, naming
from campaigns.segmenting.membership import make_due
from campaigns.segmenting.tree import RuleError, parse

# One segment is saved at a time.
TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('campaigns.segments'))"


class Refused(Exception):
    """A change that is no longer possible; the message says why and what to do."""


def save(segment: Segment, by: User, version: datetime | None = None) -> None:
    """Store a segment; with `version`, only if nobody changed it since. Raise Refused otherwise."""
    try:
        with transaction.atomic():
            _store(segment, by, version)
    except IntegrityError as error:
        raise Refused(_("Another segment was just given this name: choose a different one.")) from error


def _store(segment: Segment, by: User, version: datetime | None) -> None:
    if segment.pk is None:
        segment.created_by = by
        segment.save()
        return
    _refuse_circle(segment)
    unchanged = Segment.objects.current().filter(pk=segment.pk)
    if version is not None:
        unchanged = unchanged.filter(updated_at=version)
    segment.updated_at = now()
    fields = {name: getattr(segment, name) for name in ("name", "rule", "note", "updated_at")}
    if not unchanged.update(**fields):
        raise Refused(
            _(
                "Somebody else changed or archived this segment while you were editing. What you entered is "
                "still here: open the segment in a second tab, compare, then reload this page."
            )
        )
    make_due(segment)


def _refuse_circle(segment: Segment) -> None:
    """Look again while nobody else can save: two edits at a time could close a circle between them."""
    if segment.kind == Segment.Kind.LIST:
        return
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS)
    try:
        link(parse(segment.rule), segment)
    except RuleError as error:
        raise Refused(str(error)) from error


def archive(segment: Segment) -> bool:
    """Put a segment away; return whether this call did it. Campaigns that use it keep it.

    Raises Refused where other segments name it: they would change their meaning in silence.
    """
    users = [one.name for one in naming(segment) if one.archived_at is None]
    if users:
        text = _("Other segments use this one: %(names)s. Change or archive those first.")
        raise Refused(text % {"names": _(", ").join(users[:5])})
    return bool(Segment.objects.current().filter(pk=segment.pk).update(archived_at=now()))


def restore(segment: Segment) -> bool:
    """Take an archived segment back; return whether this call did it. Everybody in it is judged anew."""
    archived = Segment.objects.filter(pk=segment.pk, archived_at__isnull=False)
    return bool(archived.update(archived_at=None, evaluated_on=None))


@transaction.atomic
def duplicate(segment: Segment, by: User) -> Segment:
    """Copy a segment, with its customers if it is a fixed list, under a name of its own."""
    copy = Segment.objects.create(
        name=free_name(segment.name), kind=segment.kind, rule=segment.rule, note=segment.note, created_by=by,
        size=segment.size, counted_at=segment.counted_at,
    )  # fmt: skip
    members = segment.members.values_list("customer_id", flat=True)
    SegmentMember.objects.bulk_create(SegmentMember(segment=copy, customer_id=key) for key in members)
    return copy


def free_name(name: str) -> str:
    """Return "name (copy)", or "name (copy 2)" and so on, whichever is not taken."""
    number, base = 1, name[:180]
    while True:
        words = {"name": base, "number": number}
        wanted = _("%(name)s (copy)") % words if number == 1 else _("%(name)s (copy %(number)s)") % words
        if not Segment.objects.filter(name=wanted).exists():
            return wanted
        number += 1
