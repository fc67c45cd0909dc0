"""One prepared part into the temporary tables, and what the statements of its kind find there."""

from dataclasses import dataclass, field
from typing import Any

from shop.importing.faults import fault
from shop.importing.frames import Rejected
from shop.importing.parts import Prepared, duplicate_action, name_of
from shop.importing.values import Layout
from shop.importing.writing import Batch, Handler

REGISTER = """
WITH keys AS MATERIALIZED (SELECT row_no, hashtextextended(lower(concat_ws(E'\\x1f', {keys})), 0) AS key
    FROM import_stage WHERE coalesce({keys}) IS NOT NULL),
     made AS (INSERT INTO shop_importedkey (file_id, key) SELECT %(file)s, key FROM keys
              ON CONFLICT DO NOTHING RETURNING key)
DELETE FROM import_stage WHERE row_no IN (SELECT row_no FROM keys WHERE key NOT IN (SELECT key FROM made))
RETURNING row_no
"""


@dataclass
class Outcome:
    """What became of one part: how many rows of each sort, and those that are not stored."""

    counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0, "unchanged": 0})
    rejected: list[Rejected] = field(default_factory=list)


def load(batch: Batch, part: Prepared, kind: Handler, layout: Layout) -> Outcome:
    """Stage a part and find out about each row; `import_work` then says what to write."""
    _stage(batch, part, kind)
    outcome = Outcome(rejected=list(part.rejected))
    if kind.key and kind.key[0] in batch.mapped:
        _refuse_repeated(batch, part, kind, layout, outcome)
    kind.prepare(batch)
    kind.resolve(batch)
    batch.cursor.execute("SELECT act, count(*) FROM import_work GROUP BY act")
    counts = dict(batch.cursor.fetchall())
    if counts.pop("rejected", 0):
        _refuse_wrong(batch, part, layout, outcome)
    outcome.counts |= counts
    return outcome


def _stage(batch: Batch, part: Prepared, kind: Handler) -> None:
    columns = kind.stage_columns()
    if part.groups:
        own = {name: columns[name] for name in (kind.group, *kind.group_fields)}
        _copy(batch, "import_group", {"grp": "bigint"} | own | {"lines_total": "numeric"}, *part.groups)
        flags = {"grp": "bigint", "number": "bigint", "differs": "boolean", "repeated": "boolean"}
        columns = flags | {name: type_ for name, type_ in columns.items() if name not in own}
    _copy(batch, "import_stage", {"row_no": "bigint"} | columns, *part.stage)


def _copy(batch: Batch, table: str, columns: dict[str, str], there: list[str], content: bytes) -> None:
    described = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    named = ", ".join(f'"{name}"' for name in there)
    batch.cursor.execute(f"DROP TABLE IF EXISTS {table}")
    batch.cursor.execute(f"CREATE TEMP TABLE {table} ({described}) ON COMMIT DROP")
    with batch.cursor.copy(f"COPY {table} ({named}) FROM STDIN (FORMAT csv)") as target:
        target.write(content)


def _refuse_repeated(batch: Batch, part: Prepared, kind: Handler, layout: Layout, outcome: Outcome) -> None:
    keys = ", ".join(f's."{name}"::text' for name in kind.key).replace("s.", "")
    rows = [row[0] for row in batch.rows(REGISTER.format(keys=keys))]
    name = name_of(layout, kind.key[0])
    for row, (line, cells) in part.chunk.cells(rows).items() if rows else ():
        faults = [fault("duplicate", name)]
        outcome.rejected.append(Rejected(row, line, cells, faults, duplicate_action(layout, name)))


def _refuse_wrong(batch: Batch, part: Prepared, layout: Layout, outcome: Outcome) -> None:
    found = dict(batch.rows("SELECT row_no, faults FROM import_work WHERE act = 'rejected'"))
    for row, (line, cells) in part.chunk.cells(list(found)).items():
        outcome.rejected.append(Rejected(row, line, cells, [_fault(one, layout) for one in found[row]]))


def _fault(told: str, layout: Layout) -> dict[str, Any]:
    name, code = told.rsplit(":", 1)
    return fault(code, name_of(layout, name))
