"""Applying a file: all of it in one transaction, or part by part so that it can go on after anything.

All or nothing: a crash means that nothing happened, and what rows were before is kept for the undo. Part by
part: the rows of a part, its rejected rows, its dirty keys and the place in the file are one transaction, so
stored and reported rows are always those that were read.
"""

import time
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from marketing_site.lib.statistics import refresh_statistics
from shop.importing.faults import message
from shop.importing.parts import Place, Prepared, layout_of, prepared_parts
from shop.importing.staging import Outcome, load
from shop.importing.undoing import seal
from shop.importing.values import Layout
from shop.importing.working import (
    Hold,
    LostLease,
    batch_for,
    end_step,
    forget_scratch,
    handler_of,
    keep_rejected,
    lease,
)
from shop.importing.writing import Busy
from shop.models.importing import ImportFile

TRIES = 5


class Faulty(Exception):
    """A row cannot be stored, so nothing of this file may be."""


def apply(file: ImportFile, hold: Hold) -> None:
    """Store the file's rows, as its mode says."""
    if file.mode == ImportFile.Mode.ATOMIC:
        _at_once(file, hold)
    else:
        _part_by_part(file, hold)


def _at_once(file: ImportFile, hold: Hold) -> None:
    counts = {"rows": 0, "new": 0, "changed": 0, "unchanged": 0, "rejected": 0}
    layout, memory = layout_of(file, handler_of(file)), dict[str, Any]()
    try:
        with transaction.atomic():
            _only_one(file)
            forget_scratch(file)
            file.rejected_rows.all().delete()
            for part in prepared_parts(file, handler_of(file), Place(), layout):
                outcome = _store(file, part, layout, memory)
                if wrong := [one for one in outcome.rejected if one.action == "rejected"]:
                    raise Faulty(len(wrong))
                _add(counts, part, outcome)
                if counts["rows"] > settings.IMPORT_ATOMIC_ROWS:
                    raise Faulty(0)
                hold.advance(part.place.offset)
            seal(file)
            forget_scratch(file)
            _tell_the_planner(file)
            end_step(file, hold, ImportFile.State.APPLIED, problem="", done=F("total"), **counts)
    except Faulty as error:
        code = "some_rejected" if error.args[0] else "too_large"
        problem = message(code, rows=error.args[0])
        end_step(file, hold, ImportFile.State.REJECTED, problem=problem)


def _part_by_part(file: ImportFile, hold: Hold) -> None:
    layout, memory = layout_of(file, handler_of(file)), dict[str, Any]()
    begun = file.applied_upto or {}
    place = Place(begun.get("offset", 0), begun.get("row", 0), begun.get("line", 0))
    if not begun:
        with transaction.atomic():
            forget_scratch(file)
            file.rejected_rows.all().delete()
            begun = {"ok": 0, "bad": 0}
            _held(file, hold).update(rows=0, new=0, changed=0, unchanged=0, rejected=0, applied_upto=begun)
    for part in prepared_parts(file, handler_of(file), place, layout):
        with transaction.atomic():
            _commit_without_waiting()
            if not _held(file, hold).select_for_update().exists():
                raise LostLease(file.pk)
            outcome = _store(file, part, layout, memory)
            _note(file, hold, part, outcome)
        hold.advance(part.place.offset)
    with transaction.atomic():
        forget_scratch(file)
        _tell_the_planner(file)
        end_step(file, hold, ImportFile.State.APPLIED, problem="", done=F("total"))


def _commit_without_waiting() -> None:
    """Let this transaction commit before the disk has it.

    A database that fails at this moment loses the part together with the place after it, and the import goes
    on at the place before; the last commit waits, and with it all that came before is on the disk.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def _tell_the_planner(file: ImportFile) -> None:
    """Let the pages and roll-ups that read a large import next be planned for it."""
    kind = handler_of(file)
    refresh_statistics(*kind.tables, *kind.parts)


def _held(file: ImportFile, hold: Hold) -> Any:
    return ImportFile.objects.filter(pk=file.pk, lease_token=hold.token, state=ImportFile.State.APPLYING)


def _note(file: ImportFile, hold: Hold, part: Prepared, outcome: Outcome) -> None:
    """Count the part and remember the place after it, in the transaction that stores its rows."""
    stored, bad = sum(outcome.counts.values()), len(outcome.rejected)
    before = file.applied_upto or {"ok": 0, "bad": 0}
    file.applied_upto = {
        "offset": part.place.offset, "row": part.place.row, "line": part.place.line,
        "ok": before["ok"] + stored, "bad": before["bad"] + bad,
    }  # fmt: skip
    counts: dict[str, Any] = {name: F(name) + count for name, count in outcome.counts.items()}
    changed = _held(file, hold).update(
        applied_upto=file.applied_upto, rows=F("rows") + part.rows, rejected=F("rejected") + bad,
        done=part.place.offset, crashes=0, lease_until=Now() + lease(), **counts,
    )  # fmt: skip
    if not changed:
        raise LostLease(file.pk)


def _store(file: ImportFile, part: Prepared, layout: Layout, memory: dict[str, Any]) -> Outcome:
    """Write one part; where somebody else wrote the same rows at the same moment, look again."""
    for number in range(TRIES):
        try:
            with transaction.atomic():
                batch = batch_for(file, layout, writes=True, memory=memory)
                outcome = load(batch, part, handler_of(file), layout)
                handler_of(file).write(batch)
                keep_rejected(file, outcome.rejected)
                return outcome
        except Busy:
            memory.clear()
            time.sleep(0.05 * 2**number)
    raise Busy


def _add(counts: dict[str, int], part: Prepared, outcome: Outcome) -> None:
    counts["rows"] += part.rows
    counts["rejected"] += len(outcome.rejected)
    for name, count in outcome.counts.items():
        counts[name] += count


def _only_one(file: ImportFile) -> None:
    """Exclude a second worker for as long as this transaction is open, even one that only looks dead."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '30s'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import {file.pk}"])
