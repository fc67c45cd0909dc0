"""The dry run: what a file would do, written nowhere but into its own row."""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from shop.importing.faults import fault, message
from shop.importing.frames import Rejected
from shop.importing.looking import look
from shop.importing.outliers import FAR_OFF
from shop.importing.parts import Place, Prepared, layout_of, prepared_parts
from shop.importing.sampling import readable
from shop.importing.shapes import header_faults
from shop.importing.staging import load
from shop.importing.values import Layout
from shop.importing.working import Hold, batch_for, end_step, forget_scratch, handler_of, keep_rejected
from shop.models.importing import ImportFile

SAMPLES = 20
# Rows that a dry run lists; it counts them all.
LISTED = 10_000
# Numbers that medians are taken from. Larger files are thinned out evenly, and the report says so.
MEASURED = 200_000
BARS = 12
ORPHANS_NAMED = 20


@dataclass
class Numbers:
    """The numbers of one column, thinned out evenly where there are too many."""

    parts: list[pl.Series] = field(default_factory=list)
    kept: int = 0
    every: int = 1

    def add(self, values: pl.Series) -> None:
        values = values.drop_nulls().gather_every(self.every)
        self.parts.append(values)
        self.kept += len(values)
        if self.kept > MEASURED:
            self.parts = [pl.concat(self.parts).gather_every(2)]
            self.kept, self.every = len(self.parts[0]), self.every * 2

    def all(self) -> pl.Series:
        return pl.concat(self.parts) if self.parts else pl.Series(dtype=pl.Float64)


@dataclass
class Findings:
    """What a dry run finds out, part by part."""

    rows: int = 0
    counts: dict[str, int] = field(
        default_factory=lambda: {"new": 0, "changed": 0, "unchanged": 0, "rejected": 0}
    )
    refused: int = 0
    listed: int = 0
    samples: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"new": [], "changed": [], "unchanged": [], "rejected": []}
    )
    before: dict[str, Numbers] = field(default_factory=dict)
    after: dict[str, Numbers] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    duplicates: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    orphans: dict[str, set[str]] = field(default_factory=dict)

    def reject(self, row: Rejected) -> None:
        """Count a row that is not stored, and what is wrong with it."""
        self.counts["rejected"] += 1
        self.refused += row.action == "rejected"
        for found in row.faults:
            code, column = found["code"], found["column"]
            self.codes[code] = self.codes.get(code, 0) + 1
            counted = {"duplicate": self.duplicates, "missing": self.missing}.get(code)
            if counted is not None:
                counted[column] = counted.get(column, 0) + 1
        if len(self.samples["rejected"]) < SAMPLES:
            cells = [str(cell)[:200].replace("\0", "\ufffd") for cell in row.cells]
            self.samples["rejected"].append(
                {"row": row.row, "line": row.line, "cells": cells, "errors": row.faults}
            )

    def measure(self, part: Prepared) -> None:
        for name, values in part.before.items():
            self.before.setdefault(name, Numbers()).add(values)
        for name, values in part.after.items():
            self.after.setdefault(name, Numbers()).add(values)
        for name, count in part.missing.items():
            self.missing[name] = self.missing.get(name, 0) + count


def check(file: ImportFile, hold: Hold) -> None:
    """Read the whole file, store its report, and say whether it can be applied."""
    kind = handler_of(file)
    if not file.report.get("head"):
        look(file)
    if faults := header_faults(kind, file.report["head"]["columns"], file.mapping, sure=_confirmed(file)):
        _reject(file, hold, faults)
        return
    layout = layout_of(file, kind)
    if _needs_measures(layout):
        layout = _measured(file, layout)
    with transaction.atomic():
        forget_scratch(file)
        file.rejected_rows.all().delete()
    findings = Findings()
    for part in prepared_parts(file, kind, Place(), layout, measured=True):
        with transaction.atomic():
            _take(file, part, layout, findings)
        hold.advance(part.place.offset)
    forget_scratch(file)
    _finish(file, hold, findings, layout)


def _confirmed(file: ImportFile) -> bool:
    return not any(isinstance(one, dict) and one.get("guessed") for one in file.shape.values())


def _reject(file: ImportFile, hold: Hold, faults: list[dict[str, Any]]) -> None:
    report = file.report | {"header_faults": faults, "counts": {}, "samples": {}, "columns": {}}
    end_step(file, hold, ImportFile.State.REJECTED, report=report, problem=faults[0]["message"])


def _needs_measures(layout: Layout) -> bool:
    wanted = any(
        layout.policy(name, "outlier") in ("cap", "drop", "quarantine")
        or layout.policy(name, "missing") == "fill"
        for name in layout.fields
    )
    return wanted and not layout.measured


def _measured(file: ImportFile, layout: Layout) -> Layout:
    """Read the file once for its medians: what is to be done with outliers needs them."""
    findings = Findings()
    for part in prepared_parts(file, handler_of(file), Place(), layout, measured=True):
        findings.measure(part)
    measured = {}
    for name, numbers in findings.before.items():
        spread = _spread(numbers.all())
        if spread:
            measured[name] = spread
    return Layout(layout.columns, layout.fields, layout.shape, layout.policies, measured)


def _take(file: ImportFile, part: Prepared, layout: Layout, findings: Findings) -> None:
    batch = batch_for(file, layout, writes=False)
    kind = handler_of(file)
    outcome = load(batch, part, kind, layout)
    findings.rows += part.rows
    for act, count in outcome.counts.items():
        findings.counts[act] += count
        if len(findings.samples[act]) < SAMPLES and count:
            found = kind.samples(batch, act, SAMPLES - len(findings.samples[act]))
            findings.samples[act] += readable(kind, found)
    for one in outcome.rejected:
        findings.reject(one)
    keep_rejected(file, outcome.rejected[: max(LISTED - findings.listed, 0)])
    findings.listed += len(outcome.rejected)
    for sort, names in kind.orphans_in(batch).items():
        findings.orphans.setdefault(sort, set()).update(names)
    findings.measure(part)


def _finish(file: ImportFile, hold: Hold, findings: Findings, layout: Layout) -> None:
    report = file.report | {
        "header_faults": [],
        "counts": findings.counts,
        "codes": findings.codes,
        "samples": findings.samples,
        "columns": {name: _column(name, findings, layout) for name in layout.fields},
        "orphans": {
            "products": len(findings.orphans.get("products", ())),
            "customers": len(findings.orphans.get("customers", ())),
            "examples": sorted(
                {*findings.orphans.get("products", ()), *findings.orphans.get("customers", ())}
            )[:ORPHANS_NAMED],
        },
        "rejected_listed": min(findings.listed, LISTED),
    }
    state, problem = _verdict(file, findings)
    if not findings.rows:
        report["header_faults"] = [fault("header_only")]
    fields = {name: findings.counts[name] for name in ("new", "changed", "unchanged", "rejected")}
    end_step(file, hold, state, report=report, problem=problem, rows=findings.rows, **fields)


def _verdict(file: ImportFile, findings: Findings) -> tuple[ImportFile.State, str]:
    if not findings.rows:
        return ImportFile.State.REJECTED, message("header_only")
    if file.mode == ImportFile.Mode.ATOMIC and findings.rows > settings.IMPORT_ATOMIC_ROWS:
        return ImportFile.State.REJECTED, message("too_large")
    if file.mode == ImportFile.Mode.ATOMIC and findings.refused:
        return ImportFile.State.REJECTED, message("some_rejected", rows=findings.refused)
    return ImportFile.State.READY, ""


def _column(name: str, findings: Findings, layout: Layout) -> dict[str, Any]:
    found: dict[str, Any] = {
        "missing": findings.missing.get(name, 0),
        "duplicates": findings.duplicates.get(name, 0),
        "outliers": 0,
        "outside_limits": 0,
    }
    if name not in findings.before:
        return found
    values, column = findings.before[name].all(), layout.fields[name]
    found["before"] = _distribution(values)
    found["after"] = _distribution(findings.after[name].all(), found["before"])
    every = findings.before[name].every
    if every > 1:
        found["estimated"] = True
    spread = _spread(values)
    if spread and spread["mad"]:
        far = (0.6745 * (values - spread["median"]) / spread["mad"]).abs() > FAR_OFF
        found["outliers"] = int(far.sum()) * every
    low, high = column.low, column.high
    outside = (values < low if low is not None else values.is_nan()) | (
        values > high if high is not None else values.is_nan()
    )
    found["outside_limits"] = int(outside.sum()) * every
    return found


def _spread(values: pl.Series) -> dict[str, float] | None:
    median = values.median()
    if not isinstance(median, int | float):
        return None
    mad = (values - median).abs().median()
    return {"median": float(median), "mad": float(mad) if isinstance(mad, int | float) else 0.0}


def _distribution(values: pl.Series, like: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what a small histogram and a line of figures need; both have the same edges."""
    spread = _spread(values)
    if spread is None:
        return {"min": None, "median": None, "max": None, "mean": None, "mad": None, "histogram": []}
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    edges = [edge for edge, _count in like["histogram"]] if like and like["histogram"] else _edges(values)
    bars = [0] * len(edges)
    if edges:
        found = values.bin_intervals(edges[1:], labels=False) if len(edges) > 1 else values * 0
        for at, count in found.cast(pl.Int64).value_counts().iter_rows():
            bars[at] = count
    return {
        "min": low, "max": high, "mean": float(values.mean()),  # type: ignore[arg-type]
        "median": spread["median"], "mad": spread["mad"],
        "histogram": [[edge, count] for edge, count in zip(edges, bars, strict=True)],
    }  # fmt: skip


def _edges(values: pl.Series) -> list[float]:
    """Return where the bars begin: between the 1st and the 99th percentile, so that outliers hide nothing."""
    low, high = values.quantile(0.01), values.quantile(0.99)
    first = float(values.min())  # type: ignore[arg-type]
    if low is None or high is None or high <= low:
        return [first]
    step = (high - low) / (BARS - 1)
    return [min(first, low), *(round(low + step * at, 6) for at in range(1, BARS))]
