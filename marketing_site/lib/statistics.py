"""What the planner knows of tables that grow by a lot at once."""

from django.db import connection

# Times its size when the planner last looked: beyond it a plan made for few rows may be used for many.
GROWN = 5

GREW = """
SELECT oid::regclass::text FROM pg_class
WHERE oid = ANY(%(tables)s::regclass[])
  AND pg_relation_size(oid) > CASE WHEN reltuples > 0 THEN %(grown)s * relpages ELSE 0 END
                              * current_setting('block_size')::bigint
"""


def refresh_statistics(*tables: str) -> list[str]:
    """Analyze those of the tables that grew beyond what the planner takes them for; return them.

    Autovacuum does it within a minute. A statement planned earlier, for a table last seen empty, would
    compare every row with every row, and the statement that runs is not planned again.
    """
    with connection.cursor() as cursor:
        cursor.execute(GREW, {"tables": list(tables), "grown": GROWN})
        grown = [name for (name,) in cursor.fetchall()]
        if grown:
            cursor.execute(f"ANALYZE {', '.join(grown)}")
    return grown
