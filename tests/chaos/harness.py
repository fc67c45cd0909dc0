"""Real Celery workers that can be killed, and the questions asked of the ledger afterwards."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psutil
import redis
from django.conf import settings
from django.db import connection
from django.db.models import Count
from kombu import Connection

from campaigns.models import Coupon
from generation.models import Job, Run, Variant
from generation.tasks import wake
from marketing_site.embedded import Valkey
from marketing_site.lib.work import OPEN
from tests.generation import ledger

FAST = {
    "WORK_LEASE_SECONDS": "4",
    "WORK_HEARTBEAT_SECONDS": "1",
    "WORK_SWEEP_SECONDS": "1",
    "WORK_POLL_SECONDS": "0.2",
    "WORK_RETRY_SECONDS": "0.1",
    "WORK_STOP_SECONDS": "5",
    "WORK_HARD_LIMIT_SECONDS": "10",
    "ENGINE_BATCH": "32",
    "TEXT_ENGINE": "tests.chaos.engines.KillableEngine",
}
CHILD = "tests.chaos.fake_child"


def environment(**changed: str) -> dict[str, str]:
    """Return what a worker needs to work on this test's database and broker."""
    return {
        **os.environ,
        **FAST,
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": settings.CELERY_BROKER_URL,
        "CACHE_URL": "locmemcache://",
        "DJANGO_SETTINGS_MODULE": "marketing_site.settings",
        **changed,
    }


def database_url() -> str:
    """Return the address of this test process's own database; a host that is a folder goes into the path."""
    one = {name: quote(str(value), safe="/") for name, value in connection.settings_dict.items()}
    who = f"{one['USER']}:{one['PASSWORD']}" if one["PASSWORD"] else one["USER"]
    host, folder = ("", one["HOST"] + "/") if one["HOST"].startswith("/") else (one["HOST"], "")
    return f"postgres://{who}@{host}:{one['PORT']}/{folder}{one['NAME']}"


@dataclass
class Worker:
    """One generation worker process with its engine child."""

    name: str
    log: Path
    changed: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "marketing_site", "worker", "-Q", "generation"]
        command += ["-n", f"{self.name}@chaos", "--pool=threads", "-c", "1", "-l", "INFO"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=environment(**self.changed), start_new_session=True
            )

    def kill(self) -> None:
        """Kill the worker as the out-of-memory killer would: its child then ends by itself."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def kill_engine(self) -> bool:
        """Kill the engine child; False where none runs just now."""
        children = self.engines()
        for child in children:
            with contextlib.suppress(psutil.Error):
                child.kill()
        return bool(children)

    def engines(self) -> list[psutil.Process]:
        assert self.process
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self.process.pid).children()
            return [child for child in children if CHILD in child.cmdline()]
        return []

    def pause(self) -> None:
        """Freeze the worker and its child, as a machine that swaps or sleeps does."""
        for process in self._everything():
            process.suspend()

    def go_on(self) -> None:
        for process in self._everything():
            process.resume()

    def stop(self) -> None:
        """Ask for the end, as a deployment does, and wait for it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def _everything(self) -> list[psutil.Process]:
        assert self.process
        return [psutil.Process(self.process.pid), *self.engines()]


@contextlib.contextmanager
def workers(names: Sequence[str], folder: Path, **changed: str) -> Iterator[list[Worker]]:
    """Run workers of these names and stop them at the end, whatever happened."""
    team = [Worker(name, folder / f"{name}.log", changed) for name in names]
    try:
        for worker in team:
            worker.start()
        yield team
    finally:
        for worker in team:
            worker.stop()


def has_ended(run: Run, items: int) -> bool:
    return run.jobs.exclude(state__in=OPEN).count() >= items


def wait_until(reached: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


def dice(seed: int) -> random.Random:
    """Return the run's source of chance; the seed is printed, so that a failure can be had again."""
    sys.stderr.write(f"seed {seed}\n")
    return random.Random(seed)


def kill_by_progress(run: Run, team: list[Worker], kills: int, dice: random.Random, seconds: float) -> None:
    """Kill something each time another part of the run has ended, so that every kill meets work."""
    for number in range(kills):
        at = int(run.expected * (number + dice.random()) / kills)
        wait_until(partial(has_ended, run, at), seconds, f"{at} items ended")
        victim = dice.choice(team)
        if dice.random() < 0.6 and victim.kill_engine():
            continue
        victim.kill()
        victim.start()


def lost(run: Run) -> int:
    """O1: how many texts or offers are missing or too many."""
    return run.expected - Variant.objects.filter(job__run=run).count() - run.offers.count()


def repeated(run: Run) -> int:
    """O2: how many jobs have more than one text, and customers more than one offer or code."""
    jobs = Variant.objects.filter(job__run=run).values("job").annotate(texts=Count("pk"))
    customers = run.offers.values("customer").annotate(offers=Count("pk"))
    codes = Coupon.objects.filter(campaign=run.campaign, customer__isnull=False)
    twice = codes.values("customer").annotate(codes=Count("pk")).filter(codes__gt=1)
    return jobs.filter(texts__gt=1).count() + customers.filter(offers__gt=1).count() + twice.count()


def stuck() -> int:
    """O3: how many jobs are still open."""
    return Job.objects.filter(state__in=OPEN).count()


illegal = ledger.illegal_moves  # O4


class ForgetfulBroker(Valkey):
    """A Valkey that keeps nothing on disk: whatever it held is gone with it."""

    def command(self) -> list[str]:
        return [*super().command(), "--appendonly", "no"]

    def forget(self) -> None:
        """Die and come back empty."""
        assert self.process
        self.process.kill()
        self.process.wait()
        self.start()

    def hint(self, times: int = 1) -> None:
        """Send hints as the web server does."""
        with Connection(self.url("redis+socket")) as broker:
            for _ in range(times):
                wake.apply_async(args=("generation",), queue="generation", connection=broker)  # type: ignore[call-arg]

    def waiting(self) -> int:
        """Return how many hints nobody has taken yet."""
        return int(redis.Redis.from_url(self.url("unix")).llen("generation"))


@contextlib.contextmanager
def forgetful_broker(folder: Path) -> Iterator[ForgetfulBroker]:
    """Run a broker of the test's own."""
    folder.chmod(0o711)  # started by root, it runs as another user
    broker = ForgetfulBroker(folder / "valkey")
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


@contextlib.contextmanager
def without_unique_text() -> Iterator[None]:
    """Take the last line of defence away: one text a job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint "
            "WHERE conrelid = 'generation_variant'::regclass AND contype = 'u'"
        )
        [name] = [row[0] for row in cursor.fetchall()]
        cursor.execute(f'ALTER TABLE generation_variant DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        Variant.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE generation_variant ADD CONSTRAINT "{name}" UNIQUE (job_id)')
