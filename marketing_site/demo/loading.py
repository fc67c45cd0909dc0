"""How frames become rows: ids from the tables' own sequences, rows through COPY."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import connection, models

from marketing_site.demo.progress import Progress

SLICE = 50_000


def with_ids(model: type[models.Model], frame: pl.DataFrame) -> pl.DataFrame:
    """Add an `id` to each row, taken from the table's sequence, so that others may insert meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, frame.height],
        )
        return frame.with_columns(pl.Series("id", [row[0] for row in cursor.fetchall()], dtype=pl.Int64))


def copy(model: type[models.Model], frame: pl.DataFrame, progress: Progress) -> None:
    """Write the frame's columns that the table has; columns it does not name get the model's default."""
    known = [field.column for field in model._meta.concrete_fields if field.column in frame.columns]
    rows = frame.select(known).with_columns(*_defaults(model, known))
    columns = ", ".join(f'"{name}"' for name in rows.columns)
    statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN (FORMAT csv)'
    progress.stage(str(model._meta.verbose_name_plural))
    with connection.cursor() as cursor, cursor.copy(statement) as target:
        for part in rows.iter_slices(SLICE):
            target.write(part.write_csv(include_header=False, float_precision=2))
            progress.advance(part.height)


def _defaults(model: type[models.Model], known: list[str]) -> list[pl.Expr]:
    missing = [
        field
        for field in model._meta.concrete_fields
        if field.column not in known and not field.null and not isinstance(field, models.AutoField)
    ]
    return [pl.lit(_written(field)).alias(str(field.column)) for field in missing]


def _written(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.DateTimeField):
        return datetime.now(UTC)  # auto_now and auto_now_add
    value = field.get_default()
    if isinstance(field, models.JSONField):
        return json.dumps(value)
    return str(value) if isinstance(value, Decimal) else value
