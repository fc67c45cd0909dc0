"""Judged texts, data sets and runs as the tests of learning need them."""

from uuid import uuid4

from django.contrib.auth.models import User

from generation.learning import requesting
from generation.learning.gathering import Choice
from generation.models import DataSet, Job, Run, Training, Variant
from generation.models.learning import Source
from shop.models import Customer, Product
from tests import make
from tests.generation import ledger

# Names of one word each, so that no two products are alike.
NAMES = (
    "Alder", "Birch", "Cedar", "Dahlia", "Elder", "Fern", "Ginger", "Hazel", "Iris", "Jasmine", "Kale",
    "Laurel", "Maple", "Nettle", "Olive", "Poppy", "Quince", "Rowan", "Sage", "Thyme",
)  # fmt: skip


def shop(products: int = 12) -> list[Product]:
    """Return products with a fact each."""
    return [make.product(f"{name} mug", attributes={"finish": "matte glaze"}) for name in NAMES[:products]]


def judged(
    product: Product, text: str, state: str = "approved", kind: str = "sms", **fields: object
) -> Variant:
    """Return a text about a product that somebody decided about."""
    source = f"product:{product.pk}"
    facts = [
        {"id": each, "kind": kind_, "value": value, "source": source, "valid_until": None}
        for each, kind_, value in (
            ("name", "name", product.name),
            ("attribute0", "attribute", "matte glaze"),
        )
    ]
    run = ledger.run(jobs=0, expected=1)
    job = Job.objects.create(run=run, kind=kind, product=product, state="done")
    told = {"text": text}
    return Variant.objects.create(
        **{
            "job": job, "campaign": run.campaign, "product": product, "kind": kind, "language": "en",
            "tone": "plain", "fields": told, "original_fields": told, "origin": "model", "state": state,
            "facts": facts,
        } | fields
    )  # fmt: skip


def approved_texts(products: int = 12) -> list[Variant]:
    """Return an approved text for each of some products."""
    return [judged(product, "Take a look at {name}: matte glaze.") for product in shop(products)]


def for_person(variant: Variant, customer: Customer) -> None:
    """Let a text be one that was written for somebody."""
    Job.objects.filter(pk=variant.job_id).update(customer=customer)


def looked(*sources: str, by: User | None = None, **fields: object) -> DataSet:
    """Return a data set whose report is written."""
    choice = Choice(sources or (Source.TEXT,), **fields)  # type: ignore[arg-type]
    data_set = requesting.look("Spring", choice, by or make.user("approver"), uuid4())
    ledger.write_all()
    data_set.refresh_from_db()
    return data_set


def kept(*sources: str, by: User | None = None, **fields: object) -> DataSet:
    """Return a frozen data set."""
    data_set = looked(*sources, by=by, **fields)
    requesting.keep(data_set, by or make.user("approver"), uuid4())
    ledger.write_all()
    data_set.refresh_from_db()
    return data_set


def taught(data_set: DataSet | None = None, by: User | None = None) -> Training:
    """Return a run that is over, with its evaluation."""
    training = asked_to_teach(data_set, by)
    ledger.write_all()
    training.refresh_from_db()
    return training


def asked_to_teach(data_set: DataSet | None = None, by: User | None = None) -> Training:
    """Return a run that waits for its turn."""
    if data_set is None:
        approved_texts()
        data_set = kept()
    return requesting.teach(data_set, requesting.Lesson(), by or make.user("approver"), uuid4())


def other_run() -> Run:
    """Return a run of texts that waits."""
    return ledger.run(jobs=2, campaign=make.complete_campaign())
