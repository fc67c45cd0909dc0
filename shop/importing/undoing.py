"""Taking an import back: what it created goes, what it changed is what it was, unless something needs it."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from shop.importing.faults import ImportRefused, message
from shop.importing.working import Hold, end_step, handler_of
from shop.importing.writing import Handler
from shop.ledger import forget_customers, hint_after_commit, total
from shop.models import Category, Customer, Order, Product
from shop.models.importing import ImportFile

# What follows from facts and goes with them: a created row may have these and still be taken back. Upper apps
# add theirs by settings, each with the filter that tells which of its rows are made by the program.
FOLLOWS: dict[str, dict[str, Any]] = {
    f"shop.{name}": {}
    for name in (
        "CustomerRfm", "CustomerCategoryDay", "CustomerMonth", "CohortMonth", "CustomerProfile", "Consent",
        "ConsentEvent", "OrderLine",
    )
} | settings.IMPORT_FOLLOWS  # fmt: skip
NOW = "md5((to_jsonb(now) - '{follows}'::text[])::text)"
# Columns that follow from other facts: a roll-up that is recomputed is no later change.
COMPUTED = {"shop_product": "{updated_at}"}
ORDER_NOW = """
md5((to_jsonb(now))::text || coalesce((SELECT jsonb_agg(to_jsonb(line) ORDER BY line_no) FROM
    shop_orderline AS line
     WHERE line.order_id = now.id)::text, ''))
"""


def digest(table: str) -> str:
    """Return the expression for the digest of a row `now` of a table."""
    return ORDER_NOW if table == "shop_order" else NOW.format(follows=COMPUTED.get(table, "{}"))


def seal(file: ImportFile) -> None:
    """Note what each row is after the import: what differs from it later was changed by somebody else."""
    with connection.cursor() as cursor:
        for table, key in handler_of(file).tables.items():
            cursor.execute(
                f"UPDATE shop_importimage AS image SET after = {digest(table)} FROM {table} AS now "
                "WHERE image.file_id = %s AND image.model = %s AND now." + key + " = image.key",
                [file.pk, table],
            )


def undo(file: ImportFile, hold: Hold) -> None:
    """Take the import back in one transaction; where something depends on it, the file stays applied."""
    try:
        with transaction.atomic():
            refuse_dependent(file)
            _take_back(file, handler_of(file))
            file.images.all().delete()
            end_step(file, hold, ImportFile.State.UNDONE, problem="")
    except (ImportRefused, IntegrityError, models.ProtectedError) as error:
        problem = (
            str(error) if isinstance(error, ImportRefused) else message("undo_depends", what=_("other data"))
        )
        end_step(file, hold, ImportFile.State.APPLIED, problem=problem, applied_at=file.applied_at)


def refuse_dependent(file: ImportFile) -> None:
    """Raise ImportRefused where a row was changed since, or something else refers to a created one."""
    kind = handler_of(file)
    with connection.cursor() as cursor:
        for table, key in kind.tables.items():
            cursor.execute(
                f"SELECT image.key FROM shop_importimage AS image LEFT JOIN {table} AS now ON now.{key} "
                "= image.key "
                "WHERE image.file_id = %s AND image.model = %s AND image.after IS DISTINCT FROM "
                f"{digest(table)} LIMIT 1",
                [file.pk, table],
            )
            if cursor.fetchone():
                raise ImportRefused(message("undo_changed", what=_called(table)))
    for model in (Customer, Product, Order, Category):
        _refuse_referred(file, model)


def _called(table: str) -> str:
    found = next((one for one in apps.get_models() if one._meta.db_table == table), None)
    return str(found._meta.verbose_name) if found else table


def _refuse_referred(file: ImportFile, model: type[models.Model]) -> None:
    """Look whether rows that this import did not make refer to rows that it made."""
    table = model._meta.db_table
    created = file.images.filter(model=table, before__isnull=True)
    if not created.exists():
        return
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        if relation.many_to_many or relation.on_delete is models.SET_NULL:
            continue
        column = relation.field.attname
        referring = other._base_manager.filter(**{f"{column}__in": created.values("key")})
        if (follows := FOLLOWS.get(other._meta.label)) is not None:
            referring = referring.exclude(**follows) if follows else referring.none()
        own = file.images.filter(model=other._meta.db_table)
        if other._meta.pk and not isinstance(other._meta.pk, models.CompositePrimaryKey):
            referring = referring.exclude(pk__in=own.values("key")) if own.exists() else referring
        if referring.exists():
            raise ImportRefused(message("undo_depends", what=str(other._meta.verbose_name_plural)))
    if model is Product:
        _refuse_sold(file)


def _refuse_sold(file: ImportFile) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM shop_orderline AS line JOIN shop_importimage AS made ON made.key = "
            "line.product_id "
            "AND made.file_id = %(file)s AND made.model = 'shop_product' AND made.before IS NULL "
            "WHERE NOT EXISTS (SELECT FROM shop_importimage AS own WHERE own.file_id = %(file)s "
            "AND own.model = 'shop_order' AND own.key = line.order_id) LIMIT 1",
            {"file": file.pk},
        )
        if cursor.fetchone():
            raise ImportRefused(message("undo_depends", what=str(Order._meta.verbose_name_plural)))


def _take_back(file: ImportFile, kind: Handler) -> None:
    noted = kind.undoing(file)
    with connection.cursor() as cursor:
        _mark(cursor, file)
        for table, key in kind.tables.items():
            if table == "shop_order":
                _orders_back(cursor, file)
            else:
                _rows_back(cursor, file, table, key)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if {"shop_refund", "shop_order"} & kind.tables.keys():
            _totals_back(cursor, file)
    kind.undone(file, noted)
    hint_after_commit()


def _mark(cursor: Any, file: ImportFile) -> None:
    """Mark what is to be rolled up anew, while both what was and what is are still known."""
    cursor.execute(
        "INSERT INTO shop_dirtykey (kind, key, marked_at) SELECT DISTINCT kind, key, now() FROM ("
        "SELECT 'order' AS kind, key FROM shop_importimage WHERE file_id = %(file)s AND model = 'shop_order' "
        "UNION SELECT 'customer', placed.customer_id FROM shop_importimage AS image JOIN shop_order AS "
        "placed "
        "ON placed.id = image.key WHERE image.file_id = %(file)s AND image.model = 'shop_order' "
        "UNION SELECT 'customer', (before->>'customer_id')::bigint FROM shop_importimage "
        "WHERE file_id = %(file)s AND model = 'shop_order' AND before IS NOT NULL "
        "UNION SELECT 'order', refund.order_id FROM shop_importimage AS image JOIN shop_refund AS refund "
        "ON refund.id = image.key WHERE image.file_id = %(file)s AND image.model = 'shop_refund' "
        "UNION SELECT 'order', (before->>'order_id')::bigint FROM shop_importimage "
        "WHERE file_id = %(file)s AND model = 'shop_refund' AND before IS NOT NULL "
        "UNION SELECT 'order', line.order_id FROM shop_importimage AS image JOIN shop_orderline AS line "
        "ON line.product_id = image.key WHERE image.file_id = %(file)s AND image.model = 'shop_product' "
        "AND image.before IS NOT NULL) AS touched "
        "WHERE NOT (kind = 'customer' AND key IN (SELECT key FROM shop_importimage WHERE file_id = %(file)s "
        "AND model = 'shop_customer' AND before IS NULL)) "
        "ON CONFLICT (kind, key) DO UPDATE SET marked_at = excluded.marked_at",
        {"file": file.pk},
    )


def _orders_back(cursor: Any, file: ImportFile) -> None:
    mine = "(SELECT key FROM shop_importimage WHERE file_id = %(file)s AND model = 'shop_order')"
    cursor.execute(f"DELETE FROM shop_orderline WHERE order_id IN {mine}", {"file": file.pk})
    cursor.execute(
        "INSERT INTO shop_orderline SELECT line.* FROM shop_importimage AS image, "
        "LATERAL jsonb_populate_recordset(NULL::shop_orderline, image.before->'lines') AS line "
        "WHERE image.file_id = %(file)s AND image.model = 'shop_order' AND image.before IS NOT NULL "
        "AND jsonb_typeof(image.before->'lines') = 'array'",
        {"file": file.pk},
    )
    _rows_back(cursor, file, "shop_order", "id")


def _rows_back(cursor: Any, file: ImportFile, table: str, key: str) -> None:
    model: Any = next(one for one in apps.get_models() if one._meta.db_table == table)
    created = list(file.images.filter(model=table, before__isnull=True).values_list("key", flat=True))
    if created:
        _follows_away(cursor, model, created)
        cursor.execute(f"DELETE FROM {table} WHERE {key} = ANY(%s)", [created])
    columns = [field.column for field in model._meta.concrete_fields if field.column != key]
    cursor.execute(
        f"UPDATE {table} AS now SET {', '.join(f'{one} = was.{one}' for one in columns)} "
        f"FROM shop_importimage AS image, LATERAL jsonb_populate_record(NULL::{table}, image.before) AS was "
        f"WHERE image.file_id = %s AND image.model = %s AND image.before IS NOT NULL AND now.{key} = "
        "image.key",
        [file.pk, table],
    )


def _follows_away(cursor: Any, model: type[models.Model], keys: list[int]) -> None:
    """Delete what follows from rows that go."""
    if model is Customer:
        forget_customers(keys)
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        table, column = other._meta.db_table, getattr(relation.field, "column", None)
        if other._meta.label in FOLLOWS and relation.on_delete is not models.SET_NULL:
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [keys])
        elif relation.on_delete is models.SET_NULL:
            cursor.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} = ANY(%s)", [keys])


def _totals_back(cursor: Any, file: ImportFile) -> None:
    cursor.execute(
        "SELECT (before->>'order_id')::bigint FROM shop_importimage WHERE file_id = %(file)s AND model "
        "= 'shop_refund' "
        "AND before IS NOT NULL UNION SELECT key FROM shop_importimage WHERE file_id = %(file)s AND "
        "model = 'shop_order' "
        "UNION SELECT key FROM shop_dirtykey WHERE kind = 'order' AND marked_at = now()",
        {"file": file.pk},
    )
    total([row[0] for row in cursor.fetchall()])
