"""What the rows that rules name are called, fetched for many rules at once, and which of them are gone."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from campaigns.models import Campaign
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
    """Return a problem for each condition that names what is not there."""
    problems = []
    for clause in tree.clauses():
        for model, key in clause.references():
            if (model, key) not in names:
                thing = {"field": clause.field.label, "thing": model._meta.verbose_name, "id": key}
                text = _("%(field)s: there is no %(thing)s number %(id)s.") % thing
                problems.append(Problem(clause.path, model._meta.model_name or "", text))
        if isinstance(clause.field, Attribute) and not attribute_exists(str(clause.values["attribute"])):
            text = _("no customer has an attribute “%(name)s”.") % {"name": clause.values["attribute"]}
            problems.append(Problem(clause.path, "attribute", text))
    return problems


def attribute_exists(name: str) -> bool:
    return Customer.objects.filter(attributes__has_key=name).exists()
