"""`manage.py up`: everything from one command, nothing left after it, and refusals in one sentence."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.db import connection
from pytest_django import Settings
from redis import Redis

from marketing_site.checks import durable_database, keeping_broker
from marketing_site.embedded import Postgres, Valkey
from marketing_site.programs import site_programs

pytestmark = pytest.mark.xdist_group("up")  # they share one data folder
# Far above what it takes, since test machines are busy: `bench.demo` measures against the goals.
START_SECONDS, STOP_SECONDS = 120, 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Up:
    """One `manage.py up` in a folder of its own."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    known: set[psutil.Process] = field(default_factory=set)

    def __post_init__(self) -> None:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"DATABASE_URL", "CELERY_BROKER_URL"}
        }
        ours = {
            "DJANGO_SETTINGS_MODULE": "marketing_site.settings",
            "LIFTWRIGHT_DATA": str(self.folder),
            "PORT": str(self.port),
            "WEB_WORKERS": "1",
            "TEXT_ENGINE": "generation.engine.fake.FakeEngine",
        }
        self.environment = inherited | ours | self.variables

    def start(self, *arguments: str) -> list[str]:
        """Start and return what it has printed when everything runs."""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return list(self._lines_until("Ctrl-C"))

    def _lines_until(self, last: str) -> Iterator[str]:
        assert self.process.stdout
        for line in self.process.stdout:
            yield line
            if line.startswith(last):
                return

    def refusal(self, *arguments: str) -> str:
        """Run where it must refuse, and return what it says."""
        done = subprocess.run(
            [sys.executable, "manage.py", "up", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        assert done.returncode == 1
        return done.stderr.strip()

    def interrupt(self) -> float:
        """Press Ctrl-C and return the seconds until it has ended."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(START_SECONDS)
        return time.monotonic() - began

    def page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/accounts/login/", timeout=10) as answer:
            return str(answer.read().decode())

    def processes(self) -> dict[int, str]:
        """Return what runs below the supervisor; remembered, so that orphans are found after its end."""
        with contextlib.suppress(psutil.Error):
            self.known |= set(psutil.Process(self.process.pid).children(recursive=True))
        found = {}
        for process in self.known:
            with contextlib.suppress(psutil.Error):
                if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    found[process.pid] = " ".join(process.cmdline())
        return found

    def pid_of(self, words: str) -> int:
        return next(pid for pid, command in self.processes().items() if words in command)

    def wait_for(self, words: str, *, other_than: int) -> None:
        """Return once another process runs the same program."""
        deadline = time.monotonic() + 30
        while not any(words in command and pid != other_than for pid, command in self.processes().items()):
            assert time.monotonic() < deadline, f"{words} did not come back"
            time.sleep(0.2)

    def wait_for_page(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                if "password" in self.page().lower():
                    return
            assert time.monotonic() < deadline, "the page did not come back"
            time.sleep(0.2)

    def wait_until_gone(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while left := self.processes():
            assert time.monotonic() < deadline, f"still there: {left}"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Return a data folder that the tests of this module share, so that it is filled only once."""
    with tempfile.TemporaryDirectory(prefix="liftwright-up-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def empty() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="liftwright-up-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@contextlib.contextmanager
def running(up: Up) -> Iterator[Up]:
    """Make sure that nothing of it is left, however the test ends."""
    try:
        yield up
    finally:
        up.process.kill()
        up.process.communicate()
        up.wait_until_gone(15)


@pytest.fixture
def up(folder: Path) -> Up:
    return Up(folder)


def test_one_command_brings_the_page_and_ctrl_c_ends_everything(up: Up) -> None:
    with running(up):
        told = "".join(up.start())
        assert f"http://127.0.0.1:{up.port}/" in told
        assert "password" in up.page().lower()
        commands = " ".join(up.processes().values())
        for part in ("postgres", "valkey-server", "-Q default", "-Q generation", "beat", "granian"):
            assert part in commands

        second = Up(up.folder).refusal()
        assert "already runs on" in second
        assert "LIFTWRIGHT_DATA" in second

        assert up.interrupt() < STOP_SECONDS
        assert up.process.returncode == 0
        assert up.processes() == {}


def test_killed_parts_come_back_and_a_killed_supervisor_leaves_nothing(up: Up) -> None:
    with running(up):
        up.start()
        before = {part: up.pid_of(part) for part in ("-Q generation", "/postgres -D")}
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        for part, pid in before.items():
            up.wait_for(part, other_than=pid)
        up.wait_for_page()

        assert up.processes()
        up.process.kill()
        up.wait_until_gone(10)


def test_a_request_to_stop_that_comes_twice_is_carried_out_once(up: Up) -> None:
    with running(up):
        up.start()
        assert up.processes()
        up.process.terminate()
        time.sleep(0.3)
        up.process.terminate()
        rest = up.process.communicate(timeout=STOP_SECONDS)[0]
        assert up.process.returncode == 0
        assert "Stopping" in rest
        assert "Traceback" not in rest
        assert up.processes() == {}


def test_external_servers_are_used_and_none_is_started(empty: Path) -> None:
    """The servers of the test session stand for those of an installation."""
    database = settings.DATABASES["default"]
    variables = {
        "DATABASE_URL": f"postgres:///{database['HOST']}/{Postgres.database}",
        "PGUSER": database["USER"],
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        "CACHE_URL": settings.CACHE_URL,
    }
    with running(Up(empty, variables)) as external:
        external.start()
        assert "password" in external.page().lower()
        commands = " ".join(external.processes().values())
        assert "postgres -D" not in commands
        assert "valkey-server" not in commands
        assert not (empty / "postgres").exists()
        assert external.interrupt() < STOP_SECONDS


def test_a_busy_port_is_one_sentence(up: Up) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", up.port))
        taken.listen()
        said = up.refusal()
    assert said == (
        f"CommandError: Port {up.port} on 127.0.0.1 cannot be used (Address already in use): "
        f"choose another, such as PORT={up.port + 10}."
    )


def test_production_refuses_to_start_without_its_secrets(folder: Path) -> None:
    assert Up(folder, {"DEBUG": "off"}).refusal().startswith("DEBUG is off and SECRET_KEY is not set")
    without_hosts = Up(folder, {"DEBUG": "off", "SECRET_KEY": "long and random"})
    assert without_hosts.refusal().startswith("DEBUG is off and ALLOWED_HOSTS is not set")


def test_production_creates_no_people_with_a_known_password(folder: Path) -> None:
    variables = {"DEBUG": "off", "SECRET_KEY": "long and random", "ALLOWED_HOSTS": "example.com"}
    assert "needs DEBUG on" in Up(folder, variables).refusal("--demo")


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = Up(tmp_path / "file" / "data").refusal()
    assert "cannot be used (Not a directory)" in said
    assert "\n" not in said


@pytest.mark.django_db
def test_a_forgetful_database_is_refused() -> None:
    assert durable_database(["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    (error,) = durable_database(["default"])
    assert "synchronous_commit=off" in error.msg


def test_a_broker_that_throws_keys_away_is_refused(empty: Path, settings: Settings) -> None:
    valkey = Valkey(empty / "valkey")
    valkey.start()
    try:
        settings.CELERY_BROKER_URL = valkey.url("redis+socket")
        assert keeping_broker(["default"]) == []
        with Redis(unix_socket_path=str(valkey.socket_path)) as broker:
            broker.config_set("maxmemory-policy", "allkeys-lru")
        (error,) = keeping_broker(["default"])
        assert "maxmemory-policy allkeys-lru" in error.msg
    finally:
        valkey.stop()


def test_background_work_yields_to_pages() -> None:
    programs = {program.name: program for program in site_programs(reload=False)}
    assert list(programs) == ["worker", "generation", "beat", "web"]
    assert programs["generation"].background
    assert not programs["web"].background
