"""What the learning pages show: work with its words, charts of losses and evaluations, and reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.checks.findings import rule_of
from generation.learning.measuring import MEASURES, Measure
from generation.learning.sifting import WHY_NOT
from generation.models.learning import DataSet, Evaluation, LearningJob, Source, Split, Training
from generation.models.runs import Language
from generation.texts.kinds import TONE_LABELS, Kind, Tone
from generation.work import reasons
from generation.work.progress import desk, in_words
from marketing_site.lib import figures
from marketing_site.lib.charts import ComboChart, Histogram, Series
from marketing_site.lib.work import State

Text = str | Promise
# A chart of more steps than these says no more.
POINTS_DRAWN = 60
MODEL = gettext_lazy("the model as it is")


@dataclass(frozen=True)
class Shown:
    """A piece of learning work as its page shows it."""

    job: LearningJob
    obstacle: str

    @property
    def note(self) -> str:
        """Return what the person waiting should know, or ""."""
        if self.job.over:
            return ""
        if self.obstacle:
            return self.obstacle + " " + _("The work is safe and will continue.")
        if self.job.state == State.RUNNING:
            return ""
        return reasons.sentence(self.job.reason) or _("It waits for its turn: texts go first.")

    @property
    def why(self) -> str:
        """Return why it needs a person, or ""."""
        code, _colon, details = self.job.reason.partition(": ")
        if self.job.state != State.DEAD:
            return ""
        told = code in (reasons.ENGINE_UNAVAILABLE,)
        return f"{reasons.sentence(self.job.reason)} {details if told else ''}".strip()


def shown(job: LearningJob | None) -> Shown | None:
    """Return the latest piece of work of a page."""
    return Shown(job, desk().obstacle) if job else None


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the tabs of the learning pages."""
    pages = (
        ("learning_sets", _("Data sets")),
        ("learning_trainings", _("Teaching")),
        ("learning_evaluations", _("Evaluations")),
        ("learning_use", _("In use")),
    )
    return [
        {"label": label, "url": reverse(f"generation:{name}"), "current": name == current}
        for name, label in pages
    ]


def name_of(adapter: str) -> Text:
    """Return how an adapter is called; "" is the model as it is."""
    return adapter or MODEL


def loss_chart(training: Training) -> ComboChart | None:
    """Return the chart of a run's losses, thinned; the watched ones stand where they were measured."""
    points = list(training.points.order_by("step").values_list("step", "loss", "validation_loss"))
    if len(points) < 2:
        return None
    every = -(-len(points) // POINTS_DRAWN)
    groups = [points[start : start + every] for start in range(0, len(points), every)]
    losses = [sum(loss for _step, loss, _checked in group) / len(group) for group in groups]
    checked = [next((c for _s, _l, c in reversed(group) if c is not None), None) for group in groups]
    known = [value for value in checked if value is not None]
    takeaway = _("After %(step)s steps the loss is %(loss)s.") % {
        "step": figures.number(points[-1][0]), "loss": figures.number(losses[-1], 2),
    }  # fmt: skip
    if len(known) > 1:
        takeaway += " " + _("On the texts set aside it went from %(first)s to %(last)s.") % {
            "first": figures.number(known[0], 2), "last": figures.number(known[-1], 2),
        }  # fmt: skip
    return ComboChart(
        "losses", _("Step"), [figures.number(group[-1][0]) for group in groups], None,
        Series(_("Loss"), losses), takeaway, lambda value: figures.number(value, 3),
        previous=Series(_("Texts set aside"), _bridged(checked)),
    )  # fmt: skip


def _bridged(values: Sequence[float | None]) -> list[float | None]:
    """Carry each value on to the next one, so that the line has no gaps."""
    bridged: list[float | None] = []
    for value in values:
        bridged.append(value if value is not None else bridged[-1] if bridged else None)
    return bridged


def history_chart(evaluations: Sequence[Evaluation], adapter: str) -> ComboChart | None:
    """Return pass rate, fallback share and diversity of one adapter over its evaluations, oldest first."""
    told = [(one, scores) for one in evaluations if (scores := scores_of(one, adapter))]
    if not told:
        return None
    rates = [scores["pass_rate"] for _one, scores in told]
    takeaway = _("%(name)s: %(share)s of the samples pass in the latest evaluation.") % {
        "name": name_of(adapter), "share": figures.share(rates[-1]),
    }  # fmt: skip
    return ComboChart(
        f"history-{adapter or 'model'}", _("Evaluation"),
        [figures.day(one.finished_at) for one, _scores in told],
        Series(_("Left to the plain writer"), [_hundred(scores["fallback_rate"]) for _one, scores in told]),
        Series(_("Samples that pass"), [_hundred(rate) for rate in rates]), takeaway,
        lambda value: figures.percent(value, 0),
        previous=Series(_("Diversity"), [_hundred(scores["distinct_2"]) for _one, scores in told]),
        more=[(_("On"), [str(one.data_set or _("the program's briefs")) for one, _scores in told])],
    )  # fmt: skip


def scores_of(evaluation: Evaluation, adapter: str) -> dict[str, Any] | None:
    """Return what an adapter scored in an evaluation, whichever side it was."""
    for side, name in (("before", evaluation.before), ("after", evaluation.after)):
        if name == adapter and evaluation.scores.get(side):
            return dict(evaluation.scores[side])
    return None


def _hundred(value: float | None) -> float | None:
    return None if value is None else 100 * value


def measures(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return the rows of an evaluation's table."""
    known = {measure.key: measure for measure in MEASURES}
    return [
        row
        | {
            "measure": known[row["key"]],
            "shown": [_written(known[row["key"]], row[s]) for s in ("before", "after")],
        }
        for row in evaluation.verdict or []
        if row["key"] in known
    ]


def _written(measure: Measure, value: float | None) -> str:
    return figures.share(value, 1) if measure.share else figures.number(value, 2)


def pairs_of(evaluation: Evaluation, most: int) -> list[dict[str, Any]]:
    """Return what both sides wrote for the same briefs, with the approved text."""
    texts = evaluation.texts.select_related("example").order_by("number")
    by_number: dict[int, dict[str, Any]] = {}
    for text in texts:
        pair = by_number.setdefault(text.number, {"brief": text.judged["brief"]})
        pair[text.side] = text
        if text.example and text.example.brief:
            pair["approved"] = text.example.brief["text"]
    whole = [pair for pair in by_number.values() if {"before", "after"} <= pair.keys()]
    return whole[:most]


def report_rows(report: dict[str, Any], name: str) -> list[tuple[Text, int]]:
    """Return one of the report's counts with the words for its keys."""
    counts = report.get("seen", {}).get(name, {})
    words = {"kind": _kind, "language": _language, "voice": _tone, "source": _source}[name]
    return [(words(key), count) for key, count in counts.items()]


def _kind(value: str) -> Text:
    return Kind(value).label if value else _("a customer's own words")


def _language(value: str) -> Text:
    return Language(value).label


def _tone(value: str) -> Text:
    return TONE_LABELS[Tone(value)]


def _source(value: str) -> Text:
    return Source(value).label


def report_of(data_set: DataSet) -> dict[str, Any]:
    """Return a data set's report in words."""
    report = data_set.report
    if not report:
        return {}
    edges, counts = report["histogram"]["edges"], report["histogram"]["counts"]
    return {
        "found": report["found"],
        "kept": report["kept"],
        "negatives": report["negatives"],
        "people": report["people"],
        "seen": [
            (_("By kind"), report_rows(report, "kind")),
            (_("By language"), report_rows(report, "language")),
            (_("By voice"), report_rows(report, "voice")),
            (_("By source"), report_rows(report, "source")),
        ],
        "left_out": [(WHY_NOT[code], count) for code, count in report["left_out"].items() if code in WHY_NOT],
        "missing": list(report["missing"].items()),
        "findings": [(_rule(code), count) for code, count in report["findings"].items()],
        "splits": [(Split(name).label, told) for name, told in report["splits"].items()],
        "lengths": [(_kind(kind), told) for kind, told in report["lengths"].items()],
        "histogram": Histogram(
            counts,
            _("Lengths in characters: shortest %(least)s, longest %(most)s")
            % {"least": figures.number(edges[0]), "most": figures.number(edges[-1] - 1)},
            max(counts),
        ) if counts else None,
    }  # fmt: skip


def _rule(code: str) -> str:
    try:
        return str(rule_of(code).message) % {"span": "…"}
    except KeyError:  # a code of earlier days
        return code


def left(training: Training) -> str:
    """Return the time left in words, or ""."""
    seconds = training.seconds_left
    return "" if seconds is None or training.finished_at else in_words(seconds)
