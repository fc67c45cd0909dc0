"""Putting approved texts into their products: what would change, doing it, and taking it back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from json import dumps

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from generation import briefing
from generation.citing import stale
from generation.models import Run, Variant, WriteBack, WrittenProduct
from generation.texts.kinds import Kind
from generation.texts.slots import fill_copy
from shop.models import Product

# Where the parts of a text stand in the product's row.
COLUMNS = {
    (Kind.PRODUCT, "text"): "description",
    (Kind.PRODUCT, "title"): "shop_title",
    (Kind.SEO, "title"): "seo_title",
    (Kind.SEO, "description"): "seo_description",
}
WRITABLE = tuple(COLUMNS.values())
# Why something approved is not written: it is out of date or too long, or other words stand there.
STALE, LONG, STANDS = "stale", "long", "stands"

WRITE = f"""
UPDATE shop_product SET updated_at = now(),
    {", ".join(f"{column} = coalesce(written.after ->> '{column}', {column})" for column in WRITABLE)}
FROM generation_writtenproduct AS written
WHERE written.write_back_id = %s AND written.product_id = shop_product.id
"""  # noqa: S608  (names of our own columns)
KEEP = """
UPDATE generation_writtenproduct AS written SET kept = to_jsonb(array(
    SELECT key FROM jsonb_each_text(written.after) WHERE value IS DISTINCT FROM to_jsonb(product) ->> key
))
FROM shop_product AS product
WHERE written.write_back_id = %s AND product.id = written.product_id
"""
RESTORE = f"""
UPDATE shop_product SET updated_at = now(),
    {
    ", ".join(
        f"{column} = CASE WHEN {column} = written.after ->> '{column}' "
        f"THEN written.before ->> '{column}' ELSE {column} END"
        for column in WRITABLE
    )
}
FROM generation_writtenproduct AS written
WHERE written.write_back_id = %s AND written.product_id = shop_product.id
    AND NOT written.kept @> to_jsonb(array(SELECT jsonb_object_keys(written.after)))
"""  # noqa: S608  (names of our own columns)


class Changed(Exception):
    """What would be written is not what was looked at; nothing was written."""


class Undone(Exception):
    """The write-back was taken back already."""


@dataclass(frozen=True)
class Change:
    """One product: its columns as they are, and as they would become."""

    product: Product
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def columns(self) -> list[tuple[str, str, str]]:
        """Return (label, before, after) of each column."""
        return [(label(column), self.before[column], self.after[column]) for column in self.after]


@dataclass(frozen=True)
class Plan:
    """What a write-back would do: changes by product, and what is left out and why."""

    changes: Sequence[Change]
    left: Counter[str] = field(default_factory=Counter)

    @property
    def digest(self) -> str:
        """Return a mark that changes with anything that the plan would write or overwrite."""
        seen = [[one.product.pk, one.before, one.after] for one in self.changes]
        return sha256(dumps(seen, sort_keys=True).encode()).hexdigest()


def label(column: str) -> str:
    """Return a product's column in words."""
    return str(Product._meta.get_field(column).verbose_name)  # type: ignore[union-attr]


def approved(run: Run, language: str = "") -> QuerySet[Variant]:
    """Return the run's approved texts by product, the one decided last coming last."""
    found = Variant.objects.filter(job__run=run, state=Variant.State.APPROVED).order_by(
        "product", "updated_at"
    )
    found = found.select_related("product")
    return found.filter(language=language) if language else found


def worded(variant: Variant) -> dict[str, str]:
    """Return the text's parts with their slots filled, as a reader sees them."""
    return fill_copy(variant.fields, briefing.restored(variant.facts, None))


def plan(run: Run, language: str, *, overwrite: bool) -> Plan:
    """Return what would be written; without `overwrite` a column that says something already stays."""
    texts = approved(run, language).filter(kind__in={kind for kind, _part in COLUMNS}, product__isnull=False)
    outdated = set(texts.filter(stale()).values_list("pk", flat=True))
    left = Counter({STALE: len(outdated)})
    wanted: dict[int, dict[str, str]] = {}
    products: dict[int, Product] = {}
    columns = ("product__sku", "product__name", *(f"product__{column}" for column in WRITABLE))
    # The text decided last stands, where several were approved for one place.
    for text in texts.only("kind", "fields", "facts", *columns).iterator(chunk_size=2000):
        if text.product and text.pk not in outdated:
            product = products.setdefault(text.product.pk, text.product)
            wanted.setdefault(product.pk, {}).update(_columns(text))
    changes = [
        _change(product, wanted[product.pk], left, overwrite=overwrite) for product in products.values()
    ]
    return Plan([change for change in changes if change.after], +left)


@transaction.atomic
def write_back(run: Run, language: str, by: User, digest: str, *, overwrite: bool) -> WriteBack:
    """Write what was looked at; raises Changed where that is not what would be written now."""
    _lock(approved(run, language).values_list("product", flat=True))
    now = plan(run, language, overwrite=overwrite)
    if now.digest != digest or not now.changes:
        raise Changed
    written = WriteBack.objects.create(run=run, language=language, by=by)
    WrittenProduct.objects.bulk_create(
        (
            WrittenProduct(write_back=written, product=one.product, before=one.before, after=one.after)
            for one in now.changes
        ),
        batch_size=1000,
    )
    _execute(WRITE, written)
    return written


@transaction.atomic
def undo(written: WriteBack, by: User) -> int:
    """Put back what stood before; what somebody has changed since stays, and its products are counted."""
    standing = WriteBack.objects.filter(pk=written.pk, undone_at=None)
    if not standing.update(undone_at=Now(), undone_by=by):
        raise Undone
    _lock(written.products.values_list("product", flat=True))
    _execute(KEEP, written)
    _execute(RESTORE, written)
    return changed_since(written).count()


def changed_since(written: WriteBack) -> QuerySet[WrittenProduct]:
    """Return the products of an undone write-back that kept what somebody has changed since."""
    return written.products.exclude(kept=[]).select_related("product").order_by("product__name", "pk")


def _columns(text: Variant) -> Iterable[tuple[str, str]]:
    parts = worded(text)
    return [
        (column, parts[part])
        for (kind, part), column in COLUMNS.items()
        if kind == text.kind and parts.get(part)
    ]


def _change(product: Product, wanted: Mapping[str, str], left: Counter[str], *, overwrite: bool) -> Change:
    after = {}
    for column, words in wanted.items():
        stands, longest = getattr(product, column), Product._meta.get_field(column).max_length  # type: ignore[union-attr]
        if stands == words:
            continue
        if longest and len(words) > longest:
            left[LONG] += 1
        elif stands and not overwrite:
            left[STANDS] += 1
        else:
            after[column] = words
    return Change(product, {column: getattr(product, column) for column in after}, after)


def _lock(products: Iterable[int | None]) -> None:
    """Lock the products against change until the transaction ends, in one order."""
    known = [pk for pk in products if pk is not None]
    list(Product.objects.filter(pk__in=known).order_by("pk").select_for_update().values_list("pk"))


def _execute(sql: str, written: WriteBack) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, [written.pk])
