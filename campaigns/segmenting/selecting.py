"""A segment, rule or list, as one SQL statement: whoever counts, compares or keeps it goes this way."""

from datetime import date

from campaigns.models import Segment
from campaigns.segmenting.linking import link
from campaigns.segmenting.predicates import Asked, Sql
from campaigns.segmenting.statement import listed, members
from campaigns.segmenting.tree import parse


def selection(segment: Segment, today: date, *, some: bool = False) -> Sql:
    """Return the statement that selects the ids of a segment's customers, never an erased one.

    With `some`, only of those in the statement's own list (`predicates.SOME`). Raises RuleError where the
    rule, or that of a segment it names, cannot be read.
    """
    if segment.kind == Segment.Kind.LIST:
        return listed(segment.pk, Asked(today, some))
    return members(link(parse(segment.rule)), today, some=some)
