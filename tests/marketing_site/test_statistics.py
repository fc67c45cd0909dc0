"""A table that was seen empty and then filled is planned for by its rows."""

import pytest
from django.db import connection

from marketing_site.lib.statistics import refresh_statistics


@pytest.mark.django_db
def test_a_table_that_grew_is_analyzed_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE grown (n int PRIMARY KEY)")
        cursor.execute("ANALYZE grown")
        assert refresh_statistics("grown") == []
        cursor.execute("INSERT INTO grown SELECT generate_series(1, 20000)")
        assert refresh_statistics("grown", "shop_customerrfm") == ["grown"]
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'grown'::regclass")
        assert cursor.fetchone() == (20000,)
        cursor.execute("INSERT INTO grown SELECT generate_series(20001, 25000)")
        assert refresh_statistics("grown") == []
