"""A rule as a sentence that a marketer can read aloud."""

from django.utils.translation import gettext as _

from campaigns.segmenting.fields.base import Clause
from campaigns.segmenting.tree import Group
from campaigns.segmenting.values import Names


def sentence_of(tree: Group, names: Names) -> str:
    """Return the whole rule as one sentence."""
    if tree.match == "none":
        return _("Customers to whom none of this applies: %(rules)s.") % {"rules": listed(tree, names)}
    return _("Customers who %(rules)s.") % {"rules": listed(tree, names)}


def words_of(node: Group | Clause, names: Names) -> str:
    """Return one condition, or a group in brackets, as it follows "customers who"."""
    if isinstance(node, Clause):
        return node.words(names)
    if node.match == "none":
        return _("match none of (%(rules)s)") % {"rules": listed(node, names)}
    if len(node.rules) == 1:
        return listed(node, names)
    return _("(%(rules)s)") % {"rules": listed(node, names)}


def listed(group: Group, names: Names) -> str:
    """Return the rules of a group with the word of its match between them."""
    between = _(", and ") if group.match == "all" else _(", or ")
    return between.join(words_of(rule, names) for rule in group.rules)
