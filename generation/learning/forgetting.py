"""What learning knows of a person, and taking it away when they are erased.

Examples that concern them go, and with them what an evaluation wrote from these. Which data sets and adapters
saw them stays known, without a word of theirs: such an adapter cannot be put into use, and is refused later.
"""

from dataclasses import dataclass

from django.db.models.functions import Coalesce, Now

from generation.learning.keeping import hash_of
from generation.models.learning import DataSet, Example, Sighting, Training
from shop.models import Customer


@dataclass(frozen=True)
class Seen:
    """One data set that held texts that concern a person, and what was taught from it while it did."""

    sighting: Sighting
    trainings: list[Training]


def seen(customer: Customer) -> list[Seen]:
    """Return where texts that concern a person were learnt from."""
    sightings = Sighting.objects.filter(customer=customer).select_related("data_set").order_by("pk")
    return [
        Seen(each, [one for one in each.data_set.trainings.order_by("pk") if saw(one, each)])
        for each in sightings
    ]


def saw(training: Training, sighting: Sighting) -> bool:
    """Say whether a run was taught from a data set while the person's texts were in it."""
    began, gone = training.began_at, sighting.forgotten_at
    return began is not None and (gone is None or began <= gone)


def forget(customer: Customer) -> None:
    """Take a person's examples out of every data set, and mark what was taught from them; one transaction."""
    sets = list(DataSet.objects.filter(sightings__customer=customer, sightings__forgotten_at=None))
    Example.objects.filter(customer=customer).delete()
    for data_set in sets:
        data_set.hash = hash_of(data_set.examples.all())
        data_set.save(update_fields=["hash"])
    Training.objects.filter(data_set__in=sets, began_at__isnull=False).update(
        saw_erased_at=Coalesce("saw_erased_at", Now())
    )
    Sighting.objects.filter(customer=customer, forgotten_at=None).update(forgotten_at=Now())
