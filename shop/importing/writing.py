"""How staged rows become facts: one set of statements for a part of a file, by its kind.

The right rows of a part lie in the temporary table `import_stage`. A kind finds out in `import_work` what is
known of them, what is wrong, and whether each row is new, changed or unchanged; then it writes those.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db.backends.utils import CursorWrapper

from shop.importing.kinds import Kind
from shop.ledger import hint_after_commit
from shop.models.importing import ImportFile

SQL_TYPES = {
    "integer": "bigint", "money": "numeric", "number": "numeric", "rate": "numeric", "rating": "numeric",
    "time": "timestamptz", "epoch": "timestamptz", "day": "date",
}  # fmt: skip


class Busy(Exception):
    """Somebody else wrote the same rows at the same moment: this part has to be done again."""


@dataclass
class Batch:
    """One part of a file on its way: where to write, and what was chosen."""

    file: ImportFile
    cursor: CursorWrapper
    # The fields that the file has.
    mapped: frozenset[str]
    # False in a dry run, which writes nothing but temporary tables.
    writes: bool
    # Keep what rows were before, for the undo.
    images: bool = False
    stubs: bool = False
    groups: bool = False
    # Anything that a kind remembers from part to part of this run.
    memory: dict[str, Any] = field(default_factory=dict)
    orders: set[int] = field(default_factory=set)
    customers: set[int] = field(default_factory=set)

    @property
    def source(self) -> str:
        return self.file.source

    def run(self, sql: str, **params: Any) -> int:
        """Execute a statement with the file's id and source; return how many rows it touched."""
        values: dict[str, Any] = {"file": self.file.pk, "source": self.source}
        self.cursor.execute(sql, values | params)
        return int(self.cursor.rowcount)

    def rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        self.run(sql, **params)
        return list(self.cursor.fetchall())

    def temporary(self, name: str, select: str, **params: Any) -> None:
        """Make a temporary table anew."""
        self.cursor.execute(f"DROP TABLE IF EXISTS {name}")
        self.run(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {select}", **params)

    def looked_up(self, name: str, select: str, **params: Any) -> None:
        """Make a temporary table of rows that are looked up by their keys, each through an index.

        A table that grew since it was last analyzed looks empty to the planner, which would then read all of
        it for every row; a LATERAL with a limit keeps it from that.
        """
        self.cursor.execute("SET LOCAL enable_seqscan = off")
        self.temporary(name, select, **params)
        self.cursor.execute("SET LOCAL enable_seqscan = on")

    def keep_created(self, table: str, insert: str, key: str = "id", **params: Any) -> int:
        """Insert rows, remember them for the undo where that is kept, and return how many."""
        if not self.images:
            return self.run(insert, **params)
        return self.run(
            f"WITH made AS ({insert} RETURNING {key}) "
            "INSERT INTO shop_importimage (file_id, model, key, before, after) "
            f"SELECT %(file)s, '{table}', {key}, NULL, '' FROM made ON CONFLICT DO NOTHING",
            **params,
        )

    def keep_before(self, table: str, which: str, key: str = "id", **params: Any) -> None:
        """Remember the rows that are about to change, as they are; `which` selects their keys."""
        if self.images:
            self.run(
                "INSERT INTO shop_importimage (file_id, model, key, before, after) "
                f"SELECT %(file)s, '{table}', known.{key}, to_jsonb(known), '' FROM {table} AS known "
                f"WHERE known.{key} IN ({which}) ON CONFLICT DO NOTHING",
                **params,
            )

    def mark_dirty(self, select_kind_and_key: str, **params: Any) -> None:
        """Mark what is to be rolled up anew, in this transaction."""
        self.run(
            "INSERT INTO shop_dirtykey (kind, key, marked_at) "
            f"SELECT kind, key, now() FROM ({select_kind_and_key}) AS touched (kind, key) ORDER BY kind, key "
            "ON CONFLICT (kind, key) DO UPDATE SET marked_at = excluded.marked_at",
            **params,
        )
        if self.cursor.rowcount:
            hint_after_commit()


class Handler(Kind):
    """A kind whose rows are written by statements. Subclasses fill `import_work` and write it."""

    # Fields that identify a row within the file: a repeated one is a fault. In any case of letters.
    key: ClassVar[tuple[str, ...]] = ()
    # {staged column: field}: keyed hashes of addresses, made here because the key stays out of statements.
    hashed: ClassVar[dict[str, str]] = {}
    # Rows that belong together: the field that says so, and those that are theirs together.
    group: ClassVar[str] = ""
    group_fields: ClassVar[tuple[str, ...]] = ()
    # Tables that an undo restores, in this order, each with its primary key.
    tables: ClassVar[dict[str, str]] = {}
    # Others that grow with them.
    parts: ClassVar[tuple[str, ...]] = ()

    def stage_columns(self) -> dict[str, str]:
        """Return the columns of `import_stage` after row_no, with their types in SQL."""
        own = {one.name: SQL_TYPES.get(one.type, "text") for one in self.columns}
        return own | dict.fromkeys(self.hashed, "text")

    def prepare(self, batch: Batch) -> None:
        """Make what must be there before rows are looked up, such as stubs."""

    def resolve(self, batch: Batch) -> None:
        """Fill `import_work` (row_no, act, faults "field:code", …) from `import_stage`."""
        raise NotImplementedError

    def write(self, batch: Batch) -> None:
        """Write the new and changed rows of `import_work`, and mark what follows from them."""
        raise NotImplementedError

    def undoing(self, file: ImportFile) -> Any:
        """Return what `undone` has to know of the rows that are about to be taken back."""

    def undone(self, file: ImportFile, noted: Any) -> None:
        """Bring up to date what follows from rows that were taken back, beside orders and customers."""

    def orphans_in(self, batch: Batch) -> dict[str, list[str]]:
        """Return the unknown ids of `import_stage`, by "products" and "customers"."""
        return {}

    def samples(self, batch: Batch, act: str, limit: int) -> list[dict[str, Any]]:
        """Return rows of `import_work` with this act: {"row", "before", "after"}."""
        return []


class TableHandler(Handler):
    """A kind whose every row is one row of one table."""

    table: ClassVar[str]
    table_key: ClassVar[str] = "id"
    # Joins from `import_stage AS s`, and when a row of the table, as `known`, is this one.
    joins: ClassVar[str] = ""
    match: ClassVar[str]
    # {column: expression over s, the joins and known}, compared and written.
    values: ClassVar[dict[str, str]]
    # {column: expression}, written with new rows only, and {column: expression} with every change.
    created: ClassVar[dict[str, str]] = {}
    touched: ClassVar[dict[str, str]] = {}
    # {"field:code": condition}
    checks: ClassVar[dict[str, str]] = {}
    # False: what is known stays as it is.
    corrects: ClassVar[bool] = True
    # Further columns of `import_work`, for `after`.
    carries: ClassVar[dict[str, str]] = {}

    def all_checks(self, batch: Batch) -> dict[str, str]:
        return self.checks

    def resolve(self, batch: Batch) -> None:
        checks = [
            f"CASE WHEN {condition} THEN '{code}' END" for code, condition in self.all_checks(batch).items()
        ]
        faults = f"array_remove(ARRAY[{', '.join(checks)}]::text[], NULL)" if checks else "'{}'::text[]"
        values = [f"{value} AS v_{name}" for name, value in self.values.items()]
        values += [f"{value} AS {name}" for name, value in self.carries.items()]
        known = [f"known.{name} AS k_{name}" for name in self.values]
        same = " AND ".join(f"k_{name} IS NOT DISTINCT FROM v_{name}" for name in self.values)
        changed = f"WHEN NOT ({same}) THEN 'changed'" if self.corrects else ""
        batch.looked_up(
            "import_work",
            f"SELECT *, CASE WHEN faults <> '{{}}' THEN 'rejected' WHEN known_id IS NULL THEN 'new' "
            f"{changed} "
            f"ELSE 'unchanged' END AS act FROM (SELECT s.row_no, known.{self.table_key} AS known_id, "
            f"{', '.join(values + known)}, {faults} AS faults FROM import_stage AS s {self.joins} "
            f"LEFT JOIN LATERAL (SELECT * FROM {self.table} AS known WHERE {self.match} LIMIT 1) AS known "
            "ON true) AS found",
        )

    def write(self, batch: Batch) -> None:
        columns = [*self.values, *self.created, *self.touched]
        chosen = [f"v_{name}" for name in self.values] + [*self.created.values(), *self.touched.values()]
        [(expected,)] = batch.rows("SELECT count(*) FROM import_work WHERE act = 'new'")
        made = batch.keep_created(
            self.table,
            f"INSERT INTO {self.table} ({', '.join(columns)}) "
            f"SELECT {', '.join(chosen)} FROM import_work WHERE act = 'new' ORDER BY row_no ON CONFLICT "
            "DO NOTHING",
            self.table_key,
        )
        if made != expected:
            raise Busy
        if self.corrects:
            self.change(batch)
        self.after(batch)

    def change(self, batch: Batch) -> None:
        batch.keep_before(
            self.table, "SELECT known_id FROM import_work WHERE act = 'changed'", self.table_key
        )
        sets = [f"{name} = w.v_{name}" for name in self.values]
        sets += [f"{name} = {value}" for name, value in self.touched.items()]
        batch.run(
            f"UPDATE {self.table} AS t SET {', '.join(sets)} FROM import_work AS w "
            f"WHERE w.act = 'changed' AND t.{self.table_key} = w.known_id"
        )

    def after(self, batch: Batch) -> None:
        """Mark what follows from the rows just written."""

    def samples(self, batch: Batch, act: str, limit: int) -> list[dict[str, Any]]:
        rows = batch.rows(
            "SELECT row_no, to_jsonb(w) FROM import_work AS w WHERE act = %(act)s ORDER BY row_no "
            "LIMIT %(limit)s",
            act=act, limit=limit,
        )  # fmt: skip
        return [
            {
                "row": row,
                "before": _picked(found, "k_", act, self.key),
                "after": _picked(found, "v_", act, self.key),
            }
            for row, found in ((row, as_object(found)) for row, found in rows)
        ]


def first_of_each(batch: Batch) -> None:
    """Of rows that say the same thing happened, the first is it; the others change nothing."""
    batch.run(
        "UPDATE import_work SET act = 'unchanged' FROM (SELECT row_no, row_number() OVER "
        "(PARTITION BY v_external_id ORDER BY row_no) AS place FROM import_work WHERE act = 'new') AS one "
        "WHERE one.row_no = import_work.row_no AND one.place > 1"
    )


def as_object(value: Any) -> dict[str, Any]:
    """Return a jsonb value as Django's cursor gives it: as text."""
    return json.loads(value) if isinstance(value, str) else value  # type: ignore[no-any-return]


def _picked(found: dict[str, Any], prefix: str, act: str, key: Sequence[str]) -> dict[str, Any]:
    """Return the row's values; of a changed one those that differ, and what it is known by."""
    names = [name[2:] for name in found if name.startswith("v_")]
    if act == "changed":
        names = [name for name in names if name in key or found.get(f"k_{name}") != found[f"v_{name}"]]
    elif prefix == "k_":
        return {}
    return {name: found.get(f"{prefix}{name}") for name in names}


# --- Stubs ----------------------------------------------------------------------------------------

MISSING_CUSTOMERS = """
SELECT DISTINCT s.customer FROM {table} AS s
WHERE s.customer IS NOT NULL AND NOT EXISTS (SELECT FROM shop_customer WHERE external_id = s.customer)
"""
MISSING_PRODUCTS = """
SELECT DISTINCT ON (lower(s.product)) s.product FROM {table} AS s
WHERE length(s.product) BETWEEN 1 AND 64 AND NOT EXISTS (SELECT FROM shop_product WHERE lower(sku) =
    lower(s.product))
ORDER BY lower(s.product), s.row_no
"""


def stub_customers(batch: Batch, table: str = "import_stage") -> None:
    """Write a customer of whom only the id is known for each unknown id."""
    batch.keep_created(
        "shop_customer",
        "INSERT INTO shop_customer (external_id, locale, time_zone, attributes, created_at) "
        f"SELECT missing, 'en', '', '{{}}', now() FROM ({MISSING_CUSTOMERS.format(table=table)}) AS one "
        "(missing) "
        "ORDER BY missing ON CONFLICT DO NOTHING",
    )


def stub_products(batch: Batch, table: str = "import_stage") -> None:
    """Write a product that is not sold for each unknown SKU: nobody advertises what nobody described."""
    batch.keep_created(
        "shop_product",
        "INSERT INTO shop_product (sku, name, brand, description, cost_assumed, attributes, image_url, "
        "active, "
        "created_at, updated_at) "
        "SELECT missing, missing, '', '', false, '{}', '', false, now(), now() "
        f"FROM ({MISSING_PRODUCTS.format(table=table)}) AS one (missing) ON CONFLICT DO NOTHING",
    )


def unknown(batch: Batch, table: str = "import_stage") -> dict[str, list[str]]:
    """Return which ids of customers and products nobody knows, of the fields that the file has."""
    found: dict[str, list[str]] = {}
    if "customer" in batch.mapped:
        found["customers"] = [row[0] for row in batch.rows(MISSING_CUSTOMERS.format(table=table))]
    if "product" in batch.mapped:
        found["products"] = [row[0] for row in batch.rows(MISSING_PRODUCTS.format(table="import_stage"))]
    return found
