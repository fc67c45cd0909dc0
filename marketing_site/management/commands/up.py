"""`manage.py up`: the whole site with one command, from its servers to its pages."""

import contextlib
import fcntl
import http.client
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from marketing_site.demo_people import PASSWORD, PEOPLE, create_people
from marketing_site.programs import demo_import, embedded_servers, site_programs
from marketing_site.server_account import ServerError
from marketing_site.setup_progress import SetupProgress
from marketing_site.supervising import Supervisor

PAGE_SECONDS = 120.0
# How often the page is tried during the start, and the programs are looked at after it.
TRY_SECONDS, WATCH_SECONDS = 0.2, 0.5
# A worker that has not handed its work back after WORK_STOP_SECONDS is killed this much later.
KILL_AFTER_SECONDS = 5.0
# Where a browser on this machine finds a server that listens on every address.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class Command(BaseCommand):
    """Start the servers, migrate, start the workers, the clock and the web server; stop all on Ctrl-C."""

    help = __doc__
    requires_system_checks = []  # `migrate` runs them all, with the database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo data and create demo people")
        parser.add_argument(
            "--reload", action="store_true", help="restart programs when their source changes"
        )

    def handle(self, *, demo: bool, reload: bool, **options: Any) -> None:
        if demo and not settings.DEVELOPMENT:
            raise CommandError("--demo creates people with a known password, so it needs DEBUG on.")
        with only_one_on(settings.DATA_DIR):
            refuse_busy_port(settings.HOST, settings.PORT)
            programs = [*([demo_import()] if demo else []), *site_programs(reload=reload)]
            grace = settings.WORK_STOP_SECONDS + KILL_AFTER_SECONDS
            supervisor = Supervisor(embedded_servers(), programs, self.say, grace)
            signal.signal(signal.SIGINT, interrupt)
            signal.signal(signal.SIGTERM, interrupt)
            try:
                self.run(supervisor, demo=demo)
            except KeyboardInterrupt:
                self.say("\nStopping; work that is under way goes back to its queue.")
            except ServerError as error:
                raise CommandError(str(error)) from error
            finally:
                signal.signal(signal.SIGINT, lambda *_: supervisor.kill())  # a second Ctrl-C does not wait
                # A service manager tells the whole group, `make` and us, so the same request comes twice.
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                supervisor.stop()

    def run(self, supervisor: Supervisor, *, demo: bool) -> None:
        """Start in order, tell where the page is, then watch until interrupted."""
        began = time.monotonic()
        self.say(f"Starting Liftwright on {settings.DATA_DIR}")
        keep_one_older_log(settings.DATA_DIR / "logs")
        supervisor.start_servers()
        self.prepare(demo=demo)
        progress = SetupProgress() if demo else None
        supervisor.start_programs()
        wait_for_page(supervisor)
        supervisor.start_background()
        self.tell_address(time.monotonic() - began, demo=demo)
        while True:
            time.sleep(WATCH_SECONDS)
            supervisor.check()
            if progress:
                progress.show()

    def prepare(self, *, demo: bool) -> None:
        """Bring the database to this version and, for the demo, create its people."""
        try:
            call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {error}".strip()) from error
        if not settings.DEVELOPMENT:
            call_command("collectstatic", interactive=False, verbosity=0)
        if demo:
            create_people()

    def tell_address(self, seconds: float, *, demo: bool) -> None:
        host = LOOPBACK.get(settings.HOST, settings.HOST)
        self.say(f"Ready after {seconds:.1f} s: http://{host}:{settings.PORT}/")
        if demo:
            self.say(f"Log in as one of these, with the password {PASSWORD}")
            for email in PEOPLE.values():
                self.say(f"  {email}")
        self.say("Ctrl-C stops everything.")

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def only_one_on(data: Path) -> Iterator[None]:
    """Hold the folder for this process; a second `up` on it is refused."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "up.lock").open("a")
    except OSError as error:
        raise CommandError(
            f"{data} cannot be used ({error.strerror}): set LIFTWRIGHT_DATA to a folder of yours."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"Liftwright already runs on {data}: stop it first, "
                "or set LIFTWRIGHT_DATA and PORT for a second one."
            ) from None
        yield


def keep_one_older_log(folder: Path) -> None:
    """Let every program begin a new log, and keep the one of the run before."""
    folder.mkdir(exist_ok=True)
    for log in folder.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def refuse_busy_port(host: str, port: int) -> None:
    """Raise CommandError unless this process may listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error.strerror}): "
                f"choose another, such as PORT={port + 10}."
            ) from error


def wait_for_page(supervisor: Supervisor) -> None:
    """Return when the web server answers with anything but an error of its own."""
    deadline = time.monotonic() + PAGE_SECONDS
    while not page_answers():
        if time.monotonic() > deadline:
            raise CommandError(
                f"The web server does not answer: see {settings.DATA_DIR / 'logs' / 'web.log'}"
            )
        supervisor.check()
        time.sleep(TRY_SECONDS)


def page_answers() -> bool:
    host = LOOPBACK.get(settings.HOST, settings.HOST)
    connection = http.client.HTTPConnection(host, settings.PORT, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()
