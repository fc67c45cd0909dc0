"""What the database and the broker must promise before the site may rely on them."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from redis import Redis

DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


@register(Tags.database)
def durable_database(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Refuse a Postgres that may forget what it has acknowledged. Runs with every `migrate`."""
    return [
        Error(
            f"Postgres runs with {name}=off and may lose acknowledged work in a crash.",
            hint=f"Set {name} = on in postgresql.conf and reload the server.",
            id="marketing_site.E001",
        )
        for alias in databases or ()
        for name in _settings_off(alias)
    ]


def _settings_off(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'", [list(DURABLE)]
        )
        return [name for (name,) in cursor.fetchall()]


@register(Tags.database)
def keeping_broker(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Refuse a Valkey or Redis that throws keys away when memory is short: Celery's bookkeeping breaks."""
    if not databases or not settings.CELERY_BROKER_URL.startswith("redis"):
        return []
    policy = _memory_policy(settings.CELERY_BROKER_URL)
    if policy in {"noeviction", ""}:  # some hosts do not tell
        return []
    return [
        Error(
            f"The broker runs with maxmemory-policy {policy} and may throw away queued hints.",
            hint="Set maxmemory-policy noeviction, or use another server as broker.",
            id="marketing_site.E002",
        )
    ]


def _memory_policy(url: str) -> str:
    address = url.replace("redis+socket://", "unix://").partition("?")[0] if "+socket" in url else url
    with Redis.from_url(address, socket_connect_timeout=2, socket_timeout=2) as broker:
        return str(broker.info("memory").get("maxmemory_policy", ""))
