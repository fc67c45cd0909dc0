"""What measurements share: a site of their own to measure, and the facts they state beside their figures."""

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
import psutil
from django.core.management import call_command
from django.db import connection

from marketing_site.embedded import Server
from marketing_site.programs import embedded_servers


def set_up() -> None:
    """Set Django up on a data folder that `running` removes, or on the one that LIFTWRIGHT_DATA names."""
    if "LIFTWRIGHT_DATA" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="liftwright-bench-"))
        folder.chmod(0o711)  # started by root, the servers run as another user
        os.environ["LIFTWRIGHT_DATA"] = os.environ["LIFTWRIGHT_THROWAWAY"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_site.settings")
    django.setup()


@contextmanager
def running(kind: type[Server] = Server) -> Iterator[None]:
    """Start the embedded servers of this kind and migrate; stop at the end what was started here."""
    started = [server for server in embedded_servers() if isinstance(server, kind) and server.start()]
    try:
        call_command("migrate", verbosity=0)
        yield
        connection.close()
    finally:
        for server in reversed(started):
            server.stop()
        if throwaway := os.environ.get("LIFTWRIGHT_THROWAWAY"):
            shutil.rmtree(throwaway, ignore_errors=True)


def machine() -> dict[str, Any]:
    """Return the facts of this machine that a figure depends on."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _cpu() -> str:
    with open("/proc/cpuinfo") as facts:
        return next((line.split(":", 1)[1].strip() for line in facts if "model name" in line), "unknown")


def versions(*packages: str) -> dict[str, str]:
    """Return the installed versions of Python and of these packages."""
    return {"python": platform.python_version()} | {package: version(package) for package in packages}


def show(figures: dict[str, Any], *, as_json: bool) -> None:
    """Print one JSON object, or one line for each figure."""
    if as_json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name}: {value}")
