"""The two jobs behind a data set: looking through the texts for its report, and keeping them."""

from collections.abc import Iterator

from generation.engine import TextEngine
from generation.learning import claiming, gathering, keeping
from generation.learning.gathering import Found
from generation.learning.sifting import Sifted, sifted
from generation.learning.teacher import Stopped
from generation.learning.watching import Watch
from generation.models.learning import DataSet, LearningJob, Split


class NothingToLearn(Exception):
    """No text is fit to be learnt from."""


def look(job: LearningJob, watch: Watch, engine: TextEngine) -> bool:
    """Write the report; no text is kept."""
    data_set = _of(job)
    found = _sifted(data_set, watch)
    with claiming.held(job):
        claiming.end(job)
        DataSet.objects.filter(pk=data_set.pk).update(report=found.report, state=DataSet.State.REPORTED)
    return True


def keep(job: LearningJob, watch: Watch, engine: TextEngine) -> bool:
    """Freeze the examples; what changed since the report was written is in the new one."""
    data_set = _of(job)
    found = _sifted(data_set, watch)
    if not any(fit.split == Split.TRAIN for fit in found.fit):
        raise NothingToLearn
    with claiming.held(job):
        claiming.end(job)
        keeping.freeze(data_set, found)
    return True


def _of(job: LearningJob) -> DataSet:
    return DataSet.objects.get(pk=job.data_set_id or 0)


def _sifted(data_set: DataSet, watch: Watch) -> Sifted:
    return sifted(_watched(gathering.found(keeping.choice_of(data_set)), watch))


def _watched(items: Iterator[Found], watch: Watch) -> Iterator[Found]:
    for item in items:
        watch.sign()
        if watch.stop():
            raise Stopped
        yield item
