"""Who is in a segment: rules are read, compiled to one SQL statement, said in words and explained.

This is the only way from a rule to customers. A rule is a JSON tree of groups {"match", "rules"} and
conditions {"field", "operator", ...}; docs/segments.md lists them all.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection, models, transaction
from django.db.models.expressions import RawSQL

from campaigns.models import Campaign, Segment
from campaigns.segmenting.describing import sentence_of
from campaigns.segmenting.explaining import Explanation, Verdict, explanation_of
from campaigns.segmenting.linking import link
from campaigns.segmenting.naming import missing, names_of
from campaigns.segmenting.predicates import today as shop_day
from campaigns.segmenting.statement import members, tune
from campaigns.segmenting.tree import Group, Problem, RuleError, as_json, parse
from shop.models import Customer
from shop.models.people import CustomerQuerySet

__all__ = [
    "Explanation", "Problem", "RuleError", "Verdict", "count", "customers", "explain", "matching", "sentence",
    "sentences", "validate",
]  # fmt: skip


def validate(
    rule: object, campaigns: models.QuerySet[Campaign] | None = None, segment: Segment | None = None
) -> dict[str, object]:
    """Return the rule as it should be kept; raise RuleError naming every condition that is wrong.

    `campaigns` narrows which campaigns a rule may name, such as to those that an API key may see. `segment`
    is the one that the rule is for, which no segment that it names may lead back to.
    """
    tree = parse(rule)
    if problems := missing(tree, names_of([tree], campaigns)):
        raise RuleError(problems)
    link(tree, segment)
    return as_json(tree)


def matching(rule: object, today: date | None = None) -> CustomerQuerySet:
    """Return the customers for whom the rule holds on a day of the shop's zone, never an erased one.

    Raises RuleError where the rule, or that of a segment it names, cannot be read.
    """
    sql = members(link(parse(rule)), today or shop_day())
    found = RawSQL(sql.text, sql.params)  # noqa: S611  # compiled from our own words, every value bound
    return Customer.objects.filter(pk__in=found)


def customers(segment: Segment) -> CustomerQuerySet:
    """Return who is in a segment now; raise RuleError where its rule cannot be read."""
    if segment.kind == Segment.Kind.LIST:
        return Customer.objects.filter(pk__in=segment.members.values("customer"), erased_at__isnull=True)
    return matching(segment.rule)


@transaction.atomic
def count(rule: object) -> int:
    """Return for how many customers the rule holds: one statement."""
    sql = members(link(parse(rule)), shop_day())
    tune()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql.text}) AS found", sql.params)  # noqa: S608  # our own words
        return int(cursor.fetchone()[0])


def sentences(segments: Iterable[Segment]) -> dict[int, str]:
    """Return each segment in words, by primary key, with one query for each kind of row that they name."""
    trees: dict[int, Group | None] = {segment.pk: _readable(segment) for segment in segments}
    names = names_of(tree for tree in trees.values() if tree)
    return {key: sentence_of(tree, names) if tree else "" for key, tree in trees.items()}


def sentence(rule: object, campaigns: models.QuerySet[Campaign] | None = None) -> str:
    """Return a rule in words, and nothing for a rule that cannot be read.

    With `campaigns`, those are called by their names and no others.
    """
    try:
        tree = parse(rule)
    except RuleError:
        return ""
    return sentence_of(tree, names_of([tree], campaigns))


def explain(rule: object, customer: Customer) -> Explanation:
    """Return every condition's verdict on a customer; raise RuleError where the rule cannot be read."""
    linked = link(parse(rule))
    return explanation_of(linked, customer.pk, names_of(linked.trees()), shop_day())


def _readable(segment: Segment) -> Group | None:
    if segment.kind == Segment.Kind.LIST:
        return None
    try:
        return parse(segment.rule)
    except RuleError:
        return None
