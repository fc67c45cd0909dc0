"""What is put into use: only what passed, on which runs, back again, and never what saw an erased person."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from generation.learning import forgetting, promoting, requesting, serving
from generation.learning.promoting import NotPromotable
from generation.models import DataSet, Evaluation, Example, Job, Training, Variant
from shop import erasing
from shop.models import Customer
from tests import make
from tests.generation import learning, ledger
from tests.generation.teachers import adapter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> Path:
    settings.TEACHER = "tests.generation.teachers.FakeTeacher"
    settings.ADAPTER_STORE, settings.DATA_DIR = tmp_path / "adapters", tmp_path
    return tmp_path / "adapters"


@pytest.fixture
def administrator() -> User:
    return make.user("administrator")


def judged(after: str, store: Path, before: str = "", **fields: object) -> Evaluation:
    """Return an evaluation that is over and passed, of an adapter that is there."""
    if after:
        adapter(store / after)
    told = {
        "passed": True, "finished_at": now(), "model_revision": "fake", "verdict": [],
        "scores": {"before": {"texts": 40}, "after": {"texts": 40}},
    }  # fmt: skip
    return Evaluation.objects.create(before=before, after=after, briefs=40, **(told | fields))


def test_what_passed_writes_every_run_from_then_on(store: Path, administrator: User) -> None:
    promotion = promoting.promote(judged("shop-1", store), administrator)
    assert (promotion.adapter, promotion.by) == ("shop-1", administrator)
    assert serving.adapter_of(uuid4(), "fake") == "shop-1"
    run = ledger.run(campaign=make.complete_campaign())
    ledger.write_all()
    assert Variant.objects.get(job__run=run).model_revision == "fake+shop-1"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"passed": False}, "got worse"),
        ({"finished_at": None}, "not over"),
        ({"before": "starter"}, "something else"),
        ({"scores": {"after": {"texts": 9}}}, "prove nothing"),
    ],
)
def test_nobody_overrules_the_gate(
    store: Path, administrator: User, client: Client, fields: dict[str, object], why: str
) -> None:
    evaluation = judged("shop-1", store, **fields)  # type: ignore[arg-type]
    with pytest.raises(NotPromotable, match=why):
        promoting.promote(evaluation, administrator)
    client.force_login(administrator)
    for act in ("promote", "try"):
        answer = client.post(f"/learning/evaluations/{evaluation.pk}/{act}/", {"share": "10"}, follow=True)
        assert why in answer.content.decode()
    assert serving.standing().promotion is None


def test_an_adapter_that_is_gone_or_changed_is_not_used(store: Path, administrator: User) -> None:
    evaluation = judged("shop-1", store)
    (store / "shop-1" / "about.json").write_text('{"base": "another"}')
    with pytest.raises(NotPromotable):
        promoting.promote(evaluation, administrator)


def test_a_canary_gets_its_share_of_the_runs_and_each_run_stays_with_it(
    store: Path, administrator: User
) -> None:
    promoting.promote(judged("shop-1", store), administrator)
    promoting.try_out(judged("shop-2", store, before="shop-1"), 25, administrator)
    runs = [UUID(int=n * 7919) for n in range(2000)]
    chosen = [serving.adapter_of(run, "fake") for run in runs[:200]]
    assert chosen == [serving.adapter_of(run, "fake") for run in runs[:200]]
    now_ = serving.standing()
    share = sum(now_.of_run(run) == "shop-2" for run in runs) / len(runs)
    assert 0.2 < share < 0.3
    assert {now_.of_run(run) for run in runs} == {"shop-1", "shop-2"}


def test_rolling_back_goes_back_one_decision_each_time(store: Path, administrator: User) -> None:
    promoting.promote(judged("shop-1", store), administrator)
    promoting.promote(judged("shop-2", store, before="shop-1"), administrator)
    assert promoting.roll_back(administrator).adapter == "shop-1"
    assert promoting.roll_back(administrator).adapter == ""
    promoting.promote(judged("shop-3", store), administrator)
    assert promoting.roll_back(administrator).adapter == ""


def test_another_model_does_not_get_an_adapter_that_it_was_not_judged_with(
    store: Path, administrator: User
) -> None:
    promoting.promote(judged("shop-1", store), administrator)
    assert serving.adapter_of(uuid4(), "another") is None


# Erasure


@pytest.fixture
def seen() -> tuple[DataSet, Training]:
    """A data set and a run that saw a text which concerns a person."""
    texts = learning.approved_texts()
    learning.for_person(texts[0], make.customer("Greta"))
    training = learning.taught(learning.kept())
    return training.data_set, training


def person() -> Customer:
    customer = Job.objects.exclude(customer=None).get().customer
    assert customer
    return customer


def test_an_erased_person_is_taken_out_and_what_saw_them_is_marked(seen: tuple[DataSet, Training]) -> None:
    data_set, training = seen
    customer = person()
    before = data_set.hash
    assert [each.trainings for each in forgetting.seen(customer)] == [[training]]
    erasing.erase(customer, make.user("administrator"))
    assert not Example.objects.filter(customer=customer).exists()
    assert data_set.examples.count() == 11
    data_set.refresh_from_db()
    training.refresh_from_db()
    assert data_set.hash != before
    assert training.saw_erased_at
    assert [each.trainings for each in forgetting.seen(customer)] == [[training]]


def test_who_asks_for_their_data_is_told_what_learnt_from_it(
    seen: tuple[DataSet, Training], client: Client, administrator: User
) -> None:
    data_set, training = seen
    customer = person()
    client.force_login(administrator)
    told = client.post(f"{customer.get_absolute_url()}export/").json()
    assert told["texts"][0]["fields"] == {"text": "Take a look at {name}: matte glaze."}
    [before] = told["learnt_from"]
    assert (before["data_set"], before["texts"], before["gone_since"]) == (str(data_set), 1, None)
    assert [one["adapter"] for one in before["taught"]] == [training.adapter]
    erasing.erase(customer, administrator)
    [after] = client.post(f"{customer.get_absolute_url()}export/").json()["learnt_from"]
    assert after["gone_since"]
    assert after["taught"][0]["marked_since"]
    assert client.post(f"{make.customer().get_absolute_url()}export/").json()["learnt_from"] == []


def test_who_is_in_no_data_set_marks_nothing(seen: tuple[DataSet, Training]) -> None:
    data_set, training = seen
    erasing.erase(make.customer(), make.user("administrator"))
    training.refresh_from_db()
    assert training.saw_erased_at is None
    assert data_set.examples.count() == 12


def test_what_saw_an_erased_person_cannot_be_used_and_is_refused_after_a_month(
    seen: tuple[DataSet, Training], store: Path, administrator: User
) -> None:
    _data_set, training = seen
    evaluation = judged(training.adapter, store, training=training)
    promoting.promote(evaluation, administrator)
    customer = person()
    erasing.erase(customer, administrator)
    assert serving.adapter_of(uuid4(), "fake") == training.adapter
    long_ago = now() - serving.REFUSED_AFTER * 1.1
    Training.objects.filter(pk=training.pk).update(saw_erased_at=long_ago)
    assert serving.adapter_of(uuid4(), "fake") is None
    promoting.roll_back(administrator)
    with pytest.raises(NotPromotable, match="erased"):
        promoting.promote(evaluation, administrator)


def test_one_click_teaches_again_without_them(
    seen: tuple[DataSet, Training], client: Client, administrator: User
) -> None:
    _data_set, training = seen
    customer = person()
    client.force_login(administrator)
    shown = client.get(f"/learning/customers/{customer.pk}/").content.decode()
    assert str(training) in shown
    erasing.erase(customer, administrator)
    shown = client.get(f"/learning/customers/{customer.pk}/").content.decode()
    assert "Teach again without them" in shown
    client.post(f"/learning/runs/{training.pk}/again/", {"client_key": str(uuid4())})
    ledger.write_all()
    again = Training.objects.get(again_of=training)
    assert again.saw_erased_at is None
    assert again.adapter
    assert again.hash != Training.objects.get(pk=training.pk).hash


def test_a_run_asked_for_twice_is_taught_again_once(seen: tuple[DataSet, Training]) -> None:
    key, approver = uuid4(), make.user("approver")
    first = requesting.teach_again(seen[1], approver, key)
    assert requesting.teach_again(seen[1], approver, key) == first
