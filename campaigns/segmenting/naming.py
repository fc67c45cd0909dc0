"""What the rows that rules name are called, fetched for many rules at once, and which of them are gone."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Segment
from campaigns.segmenting.fields.about import Attribute
from campaigns.segmenting.tree import Group, Problem
from campaigns.segmenting.values import Names
from shop.models import Customer


def names_of(trees: Iterable[Group], campaigns: models.QuerySet[Campaign] | None = None) -> Names:
    """Return the names of all rows that the rules name: one query for each kind of row.

    With `campaigns`, other campaigns have no name: as if they were not there.
    """
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for tree in trees:
        for clause in tree.clauses():
            for model, key in clause.references():
                wanted[model].add(key)
    found = {}
    for model, keys in wanted.items():
        seen = campaigns if model is Campaign and campaigns is not None else model._default_manager.all()
        for key, name in seen.filter(pk__in=keys).values_list("pk", "name"):
            found[model, key] = name
    return found


def missing(tree: Group, names: Names) -> list[Problem]:
    """Return a problem for each condition that names what is not there, or an archived segment."""
    problems = []
    archived = archived_among(tree.names(Segment))
    for clause in tree.clauses():
        for model, key in clause.references():
            thing = {"field": clause.field.label, "thing": model._meta.verbose_name, "id": key}
            if (model, key) not in names:
                text = _("%(field)s: there is no %(thing)s number %(id)s.") % thing
                problems.append(Problem(clause.path, model._meta.model_name or "", text))
            elif model is Segment and key in archived:
                text = _("%(field)s: “%(name)s” is archived: restore it, or choose another.")
                words = thing | {"name": names[model, key]}
                problems.append(Problem(clause.path, "segment", text % words))
        if isinstance(clause.field, Attribute) and not attribute_exists(str(clause.values["attribute"])):
            text = _("no customer has an attribute “%(name)s”.") % {"name": clause.values["attribute"]}
            problems.append(Problem(clause.path, "attribute", text))
    return problems


def archived_among(segments: set[int]) -> set[int]:
    """Return which of these segments are archived; no question where there are none."""
    if not segments:
        return set()
    return set(
        Segment.objects.filter(pk__in=segments, archived_at__isnull=False).values_list("pk", flat=True)
    )


def attribute_exists(name: str) -> bool:
    return Customer.objects.filter(attributes__has_key=name).exists()
