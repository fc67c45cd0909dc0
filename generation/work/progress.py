"""What a page says about work under way: how far runs are, how fast, how long still, and who is writing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.models import Job, Run
from generation.work import beating, model_progress
from generation.work.claiming import LANE
from marketing_site.lib.figures import number
from marketing_site.lib.work import OPEN, State
from shop.models import Lane, SetupStep

# The pace of the lane is read off its latest texts.
LATEST = 50


@dataclass(frozen=True)
class Desk:
    """Who can write now."""

    writers: int
    paused: bool
    model: SetupStep | None

    @property
    def obstacle(self) -> str:
        """Return why nothing is written at the moment, or ""."""
        if self.paused:
            return _("An administrator has paused writing.")
        if not self.writers:
            return _("No writer is running.")
        if self.model and self.model.state == SetupStep.State.FAILED:
            return _("The language model cannot be loaded: %(why)s") % {"why": self.model.detail}
        if self.model and self.model.state == SetupStep.State.RUNNING:
            return _("The language model is being prepared: %(percent)s%%.") % {"percent": self.model.done}
        return ""


@dataclass(frozen=True)
class Pace:
    """How fast texts are written: tokens a second while computing, seconds a text."""

    tokens_per_second: float | None
    seconds_per_text: float | None


@dataclass(frozen=True)
class Progress:
    """One run as its page shows it."""

    run: Run
    counts: dict[str, int]
    pace: Pace
    desk: Desk
    runs_before: int
    open_runs: int

    @property
    def ended(self) -> int:
        return sum(count for state, count in self.counts.items() if state not in OPEN)

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def over(self) -> bool:
        return self.open == 0

    @property
    def dead(self) -> int:
        return self.counts.get(State.DEAD, 0)

    @property
    def seconds_left(self) -> float | None:
        """Estimate when the run ends: its texts at the lane's pace, shared with the other runs."""
        if self.pace.seconds_per_text is None or not self.desk.writers:
            return None
        return self.open * self.pace.seconds_per_text * self.open_runs / self.desk.writers

    @property
    def parts(self) -> list[tuple[str, str, int]]:
        """Return (state, its word, count) in the order of the work, without empty ones."""
        return [
            (state.value, str(state.label), self.counts[state]) for state in State if self.counts.get(state)
        ]

    @property
    def note(self) -> str:
        """Return what the person waiting should know, or ""."""
        if self.over:
            return ""
        if self.run.pause:
            why = _("Not going on: %(why)s.") % {"why": self.run.get_pause_display()}
            return why + " " + safe_and_waiting(self.open)
        if self.desk.obstacle:
            return self.desk.obstacle + " " + safe_and_waiting(self.open)
        if self.counts.get(State.RUNNING) or self.ended or not self.runs_before:
            return ""
        return ngettext(
            "Waiting in line: %(count)s other run comes first.",
            "Waiting in line: %(count)s other runs come first.",
            self.runs_before,
        ) % {"count": number(self.runs_before)}

    @property
    def left(self) -> str:
        """Return the time left in words, or ""."""
        seconds = self.seconds_left
        if self.over or seconds is None or self.desk.obstacle or self.run.pause:
            return ""
        return in_words(seconds)


def safe_and_waiting(count: int) -> str:
    """Say that waiting texts are not lost."""
    return ngettext(
        "Your %(count)s text is safe and will continue.",
        "Your %(count)s texts are safe and will continue.",
        count,
    ) % {"count": number(count)}


def in_words(seconds: float) -> str:
    """Word a waiting time, rounded up."""
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 60:
        return ngettext("about %(count)s minute left", "about %(count)s minutes left", minutes) % {
            "count": minutes
        }
    hours = round(minutes / 60)
    return ngettext("about %(count)s hour left", "about %(count)s hours left", hours) % {"count": hours}


def desk() -> Desk:
    """Return who can write now."""
    return Desk(
        writers=beating.alive(LANE).count(),
        paused=Lane.objects.filter(name=LANE, paused=True).exists(),
        model=SetupStep.objects.filter(name=model_progress.STEP).first(),
    )


def progress(runs: Sequence[Run]) -> list[Progress]:
    """Return how far each run is; a handful of queries however many they are."""
    counts: dict[object, dict[str, int]] = {run.pk: {} for run in runs}
    for row in Job.objects.filter(run__in=runs).values("run", "state").annotate(count=Count("pk")):
        counts[row["run"]][row["state"]] = row["count"]
    now, waiting = desk(), _waiting_runs()
    paces = {purpose: pace(purpose) for purpose in {run.purpose for run in runs}}
    return [
        Progress(
            run=run,
            counts=counts[run.pk],
            pace=paces[run.purpose],
            desk=now,
            runs_before=waiting.index(run.pk) if run.pk in waiting else 0,
            open_runs=max(1, len(waiting)),
        )
        for run in runs
    ]


def pace(purpose: str) -> Pace:
    """Return the pace of the lane's latest texts of one purpose."""
    done = Job.objects.filter(run__purpose=purpose, state=State.DONE, finished_at__isnull=False)
    latest = done.order_by("-finished_at").values("new_tokens", "seconds")[:LATEST]
    rows = list(latest)
    tokens, seconds = sum(row["new_tokens"] for row in rows), sum(row["seconds"] for row in rows)
    if not seconds:
        return Pace(None, None)
    return Pace(tokens / seconds, seconds / len(rows))


def _waiting_runs() -> list[object]:
    """Return the runs with open jobs in the order of their turns."""
    open_jobs = Job.objects.filter(run=OuterRef("pk"), state__in=OPEN)
    runs = Run.objects.filter(Exists(open_jobs), cancel_requested_at=None, pause="")
    return list(
        runs.order_by(F("turn__last_claim_at").asc(nulls_first=True), "created_at").values_list(
            "pk", flat=True
        )
    )
