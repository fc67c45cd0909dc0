"""The servers of the test session: started before the first test, stopped and thrown away after the last."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import translation

from marketing_site.embedded import Server
from marketing_site.programs import embedded_servers

SERVERS: list[Server] = []


def is_first_process(config: pytest.Config) -> bool:
    """Tell the process of the session from those that pytest-xdist starts."""
    return not hasattr(config, "workerinput")


def pytest_sessionstart(session: pytest.Session) -> None:
    if is_first_process(session.config):
        SERVERS.extend(embedded_servers())
        for server in SERVERS:
            server.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in reversed(SERVERS):
        server.stop()
    if is_first_process(config) and (folder := os.environ.get("LIFTWRIGHT_THROWAWAY")):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def own_language() -> None:
    """Forget the language of the last request, which the test client leaves behind."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Forget rate limits and counts of the test before."""
    yield
    cache.clear()
