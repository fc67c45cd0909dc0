"""Who entered and left which segment when: kept right for customers whose facts changed, and no others.

Everybody is judged only after a change of the rule, on a new day where time alone changes the answer (the
last 30 days are others tomorrow), and when a change concerns everybody. A segment is judged by one statement.
Approving a campaign does not read this: it asks the rule itself.
"""

from datetime import date

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.timezone import now

from campaigns.models import Segment
from campaigns.models.segment import SegmentQuerySet
from campaigns.segmenting.linking import dependents, link
from campaigns.segmenting.predicates import SOME, Sql
from campaigns.segmenting.predicates import today as shop_day
from campaigns.segmenting.selecting import selection
from campaigns.segmenting.statement import NOBODY, tune
from campaigns.segmenting.tree import RuleError, parse

# Changes that are taken together, and how many waiting ones make judging everybody the shorter way.
AT_ONCE, MANY = 5_000, 50_000

# One writer of memberships at a time: the slower of two would put an older answer over a newer one.
LOCK = "pg_{}advisory_xact_lock(hashtext('campaigns.membership'))"
WAIT_FOR_TURN = "SELECT " + LOCK.format("")
TRY_TURN = "SELECT " + LOCK.format("try_")

WAITING = "SELECT count(*) FROM (SELECT FROM campaigns_changedcustomer LIMIT %s) AS waiting"
TAKE = """
DELETE FROM campaigns_changedcustomer
WHERE id IN (SELECT id FROM campaigns_changedcustomer ORDER BY id LIMIT %s) RETURNING customer_id
"""

# Only the differences are written: who stays keeps the moment of entry.
JUDGE = """
WITH {some} inside AS MATERIALIZED ({members}), gone AS (
    UPDATE campaigns_segmentmembership AS stay SET left_at = now()
    WHERE stay.segment_id = %s AND stay.left_at IS NULL {among}
      AND NOT EXISTS (SELECT FROM inside WHERE inside.id = stay.customer_id)
    RETURNING 1
), come AS (
    INSERT INTO campaigns_segmentmembership (segment_id, customer_id, entered_at)
    SELECT %s, inside.id, now() FROM inside
    WHERE NOT EXISTS (SELECT FROM campaigns_segmentmembership AS stay
                      WHERE stay.segment_id = %s AND stay.left_at IS NULL AND stay.customer_id = inside.id)
    RETURNING 1
)
SELECT (SELECT count(*) FROM inside), (SELECT count(*) FROM come) - (SELECT count(*) FROM gone)
"""
SOME_CUSTOMERS = f"{SOME} AS MATERIALIZED (SELECT unnest(%s::bigint[]) AS id),"
AMONG_SOME = f"AND stay.customer_id IN (SELECT id FROM {SOME})"  # noqa: S608  # our own words


def keep_up(today: date | None = None) -> None:
    """Bring every membership up to date: what was changed, and what a new day changes; nothing is fine.

    Works in short transactions; returns at once where another process is at it.
    """
    while _step(today or shop_day()):
        continue


@transaction.atomic
def settle(segment: Segment, today: date | None = None) -> int:
    """Judge everybody for one segment now, and return its size; waits for its turn."""
    with connection.cursor() as cursor:
        cursor.execute(WAIT_FOR_TURN)
    return _judge_everybody(Segment.objects.get(pk=segment.pk), today or shop_day())


def make_due(segment: Segment) -> None:
    """Have everybody judged anew for a segment that changed, and for those that name it."""
    keys = [segment.pk, *(one.pk for one in dependents(segment))]
    Segment.objects.filter(pk__in=keys).update(evaluated_on=None)


@transaction.atomic
def _step(today: date) -> bool:
    """Do one piece of the work; return whether there may be more."""
    with connection.cursor() as cursor:
        cursor.execute(TRY_TURN)
        if not cursor.fetchone()[0]:
            return False
    due = _due(today).order_by(F("evaluated_on").asc(nulls_first=True), "pk").first()
    if due is None:
        return _judge_changed(today)
    if due.evaluated_on is None or _changes_with_time(due):
        _judge_everybody(due, today)
    Segment.objects.filter(pk=due.pk).update(evaluated_on=today)
    return True


def _due(today: date) -> SegmentQuerySet:
    return Segment.objects.current().filter(Q(evaluated_on=None) | Q(evaluated_on__lt=today))


def _judge_everybody(segment: Segment, today: date) -> int:
    size, _change = _judge(segment, today)
    Segment.objects.filter(pk=segment.pk).update(size=size, counted_at=now(), evaluated_on=today)
    return size


def _judge_changed(today: date) -> bool:
    """Take the oldest noted changes and judge those customers in every segment."""
    customers = _take()
    if not customers:
        return False
    if None in customers:
        Segment.objects.current().update(evaluated_on=None)
        return True
    for segment in Segment.objects.current().order_by("pk"):
        _size, change = _judge(segment, today, sorted(key for key in customers if key))
        if change:
            grown = F("size") + change
            Segment.objects.filter(pk=segment.pk).update(size=grown, counted_at=now())
    return True


def _take() -> set[int | None]:
    """Remove the oldest changes and return their customers; None stands for everybody."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [MANY])
        many = cursor.fetchone()[0] == MANY
        cursor.execute("DELETE FROM campaigns_changedcustomer" if many else TAKE, [] if many else [AT_ONCE])
        return {None} if many else {key for (key,) in cursor.fetchall()}


def _judge(segment: Segment, today: date, customers: list[int] | None = None) -> tuple[int, int]:
    """Write who entered and left, of everybody or of some; return how many are in and the change."""
    some = customers is not None
    chosen = _selection(segment, today, some=some)
    statement = JUDGE.format(
        some=SOME_CUSTOMERS if some else "", members=chosen.text, among=AMONG_SOME if some else ""
    )
    own = [segment.pk] * 3
    tune()
    with connection.cursor() as cursor:
        cursor.execute(statement, [*([customers] if some else []), *chosen.params, *own])
        size, change = cursor.fetchone()
    return int(size), int(change)


def _selection(segment: Segment, today: date, *, some: bool) -> Sql:
    """Return the statement of a segment's customers; a rule that cannot be read means nobody."""
    try:
        return selection(segment, today, some=some)
    except RuleError:
        return NOBODY


def _changes_with_time(segment: Segment) -> bool:
    if segment.kind == Segment.Kind.LIST:
        return False
    try:
        trees = link(parse(segment.rule)).trees()
    except RuleError:
        return False
    return any(clause.changes_with_time for tree in trees for clause in tree.clauses())
