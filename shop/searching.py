"""Finding customers among a million: few matches are looked up, many are met on the way through the list."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from marketing_site.lib.arrays import array
from marketing_site.lib.searching import holds, holds_when_read
from shop.models import Customer, CustomerProfile
from shop.models.people import CustomerQuerySet

# More matches than these are not counted: nobody reads so many, and another word finds fewer.
MANY = 3000

# The planner does not know how often words come together: it takes many for few, and would sort them all.
# Parallel workers would read far ahead of the page.
IN_ORDER = """
SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off;
SET LOCAL max_parallel_workers_per_gather = 0
"""


@dataclass(frozen=True)
class Found:
    """The customers that match, in no order yet; `total` is None where they are more than MANY.

    Read a page of them inside `reading`.
    """

    rows: CustomerQuerySet
    total: int | None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Have many matches met in the order of the list until the page is full."""
        with transaction.atomic():
            if self.total is None:
                with connection.cursor() as cursor:
                    cursor.execute(IN_ORDER)
            yield


def find(customers: CustomerQuerySet, words: str, *, personal: bool) -> Found:
    """Keep customers whose number begins with the words or, where `personal`, whose profile has each of them.

    A list of these rows stays quick however many match: those of many are found by walking in its order.
    """
    if not words.strip():
        return Found(customers, customers.count())
    keys = find_keys(words, MANY + 1, personal=personal)
    if len(keys) <= MANY:
        # Thousands of parameters cost more than the search itself.
        few = customers.filter(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [array(keys)]))
        return Found(few, few.count())
    by_name = _named(words, "profile__", read=True) if personal else Q()
    return Found(customers.filter(Q(external_id__istartswith=words.strip()) | by_name), None)


def find_keys(words: str, limit: int, *, personal: bool) -> list[int]:
    """Return the ids of some matching customers, at most `limit`, each table asked by its own indexes."""
    numbers = Customer.objects.filter(external_id__istartswith=words.strip(), erased_at=None)
    keys = dict.fromkeys(numbers.order_by().values_list("pk", flat=True)[:limit])
    if personal and len(keys) < limit:
        named = CustomerProfile.objects.filter(_named(words)).order_by()
        keys |= dict.fromkeys(named.values_list("pk", flat=True)[:limit])
    return list(keys)[:limit]


def _named(words: str, to_profile: str = "", *, read: bool = False) -> Q:
    fields, found = (f"{to_profile}name", f"{to_profile}email"), holds_when_read if read else holds
    return reduce(and_, (found(word, *fields) for word in words.split()))
