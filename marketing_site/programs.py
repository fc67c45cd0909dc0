"""The programs of the site as `manage.py up` runs them: those of the Procfile, and the demo import."""

import os
import shlex
import signal
import sys
from pathlib import Path
from string import Template

from django.apps import apps
from django.conf import settings

from marketing_site.embedded import Postgres, Server, Valkey
from marketing_site.supervising import Program

# A Python module on the command line: the environment's `bin` need not be on the PATH.
MODULE = [sys.executable, "-m"]
# Runs the command after it again and again; a worker gets time to hand its work back.
RELOADING = [*MODULE, "watchfiles", "--sigint-timeout=20", "--filter=python"]


def embedded_servers() -> list[Server]:
    """Return the servers that no setting replaces by external ones."""
    servers: list[Server] = []
    if settings.EMBEDDED_DATABASE:
        servers.append(Postgres(settings.DATA_DIR / "postgres", settings.PG_BIN))
    if settings.EMBEDDED_BROKER:
        servers.append(Valkey(settings.DATA_DIR / "valkey"))
    return servers


def site_programs(*, reload: bool) -> list[Program]:
    """Return the programs of the Procfile in its order, which is the order of starting."""
    lines = (settings.BASE_DIR / "Procfile").read_text().splitlines()
    return [_program(*line.split(": ", 1), reload=reload) for line in lines]


def demo_import() -> Program:
    """Return the import of the demo data, which ends at once where the data is in."""
    return _run("import", [sys.executable, "manage.py", "seed_demo"], background=True, once=True)


def _program(name: str, line: str, *, reload: bool) -> Program:
    command = MODULE + shlex.split(Template(line).substitute(_variables()))
    if name == "web":
        # Granian stops its own processes on SIGTERM; killed outright it would leave them behind.
        return _run(name, command + (_reload_flags() if reload else []), last_signal=signal.SIGTERM)
    if reload:
        watched = [*RELOADING, shlex.join(command), *_source_folders()]
        return _run(name, watched, background=True, last_signal=signal.SIGTERM)
    return _run(name, command, background=True)


def _run(
    name: str,
    command: list[str],
    *,
    background: bool = False,
    once: bool = False,
    last_signal: signal.Signals = signal.SIGKILL,
) -> Program:
    log = settings.DATA_DIR / "logs" / f"{name}.log"
    return Program(name, command, log, settings.BASE_DIR, background, once, last_signal)


def _variables() -> dict[str, str]:
    return {
        **os.environ,
        "HOST": settings.HOST,
        "PORT": str(settings.PORT),
        "WEB_WORKERS": str(settings.WEB_WORKERS),
        "LIFTWRIGHT_DATA": shlex.quote(str(settings.DATA_DIR)),
    }


def _reload_flags() -> list[str]:
    folders = [*_source_folders(), str(settings.BASE_DIR / "templates")]
    return ["--reload", *(part for folder in folders for part in ("--reload-paths", folder))]


def _source_folders() -> list[str]:
    return [app.path for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
