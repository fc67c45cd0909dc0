"""How a word that somebody typed becomes conditions that an index answers, however short the word is.

- A word with Chinese, Japanese or Korean characters is found anywhere in a text: those characters are indexed
  one by one, because such words have one or two of them and stand in a text without spaces.
- Another word of three characters or more is found anywhere, by its trigrams.
- A shorter one is found at the beginning of a text: it has no trigram.

A model lists the three kinds of index in its Meta, for every field that `holds` is asked about.
"""

from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Length, Upper
from django.db.models.lookups import GreaterThan, Lookup

TRIGRAM = 3
# From the radicals on: Chinese, Japanese, Korean.
FIRST_CHARACTER = "\u2e80"


class Characters(Func):
    """The Chinese, Japanese and Korean characters of a text, as an array."""

    template = r"string_to_array(regexp_replace(%(expressions)s, '[^\u2E80-\U0002FFFF]', '', 'g'), NULL)"
    output_field = ArrayField(models.TextField())


class Bytes(Func):
    """How many bytes a text has: more than characters where it has any beyond ASCII."""

    function = "octet_length"
    output_field = models.IntegerField()


def beyond_ascii(field: str) -> Q:
    """Return the condition of the rows that the index of characters has; other names cost it nothing."""
    return Q(GreaterThan(Bytes(F(field)), Length(F(field))))


def characters_of(word: str) -> list[str]:
    return sorted({one for one in word if one >= FIRST_CHARACTER})


def holds(word: str, *fields: str) -> Q:
    """Return the condition that one of the fields has the word, in any case of its letters."""
    return reduce(or_, (_index(word, field) & _has(word, field) for field in fields))


def holds_when_read(word: str, *fields: str) -> Q:
    """Return the same condition for rows that are read anyhow: what only an index needs would be work."""
    return reduce(or_, (_has(word, field) for field in fields))


def _has(word: str, field: str) -> Q:
    if characters_of(word):
        # Without `icontains` the planner is not tempted by trigrams, which many databases have none of here.
        contains = "contains" if word.upper() == word.lower() else "icontains"
    else:
        contains = "icontains" if len(word) >= TRIGRAM else "istartswith"
    return Q(**{f"{field}__{contains}": word})


def _index(word: str, field: str) -> Q:
    if characters := characters_of(word):
        return beyond_ascii(field) & Q(_HasCharacters(Characters(F(field)), characters))
    return Q()


class _HasCharacters(Lookup[Any]):
    """The array holds all of these characters."""

    lookup_name = "has_characters"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} @> %s::text[]", [*parameters, self.rhs]


def trigrams(name: str, *fields: str) -> models.Index:
    """Return the index for words within these fields, as `icontains` asks for them."""
    return GinIndex(*(OpClass(Upper(field), "gin_trgm_ops") for field in fields), name=name)


def beginnings(name: str, field: str) -> models.Index:
    """Return the index for the beginning of this field, as `istartswith` asks for it."""
    return models.Index(OpClass(Upper(field), "text_pattern_ops"), name=name)


def characters(name: str, field: str) -> models.Index:
    """Return the index for Chinese, Japanese and Korean words in this field."""
    return GinIndex(Characters(field), name=name, condition=beyond_ascii(field))
