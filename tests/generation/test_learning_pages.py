"""The pages of learning: from a report to an adapter in use, and who may do what."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from generation.learning import claiming
from generation.models import DataSet, Evaluation, LearningJob, Training
from tests import make
from tests.generation import learning, ledger

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def store(settings: Settings, tmp_path: Path) -> None:
    settings.TEACHER = "tests.generation.teachers.FakeTeacher"
    settings.ADAPTER_STORE, settings.DATA_DIR = tmp_path / "adapters", tmp_path


def words(client: Client, address: str, **more: str) -> str:
    answer = client.get(address, headers=more)
    assert answer.status_code == 200
    return answer.content.decode()


def key() -> str:
    return str(uuid4())


def test_an_approver_makes_a_data_set_and_teaches_from_it(client: Client) -> None:
    learning.approved_texts()
    client.force_login(make.user("approver"))
    form = {"name": "Spring", "sources": ["text"], "client_key": key()}
    address = client.post("/learning/sets/new/", form).headers["Location"]
    assert "every 2s" in words(client, address)
    ledger.write_all()
    report = words(client, address)
    assert "every 2s" not in report
    assert "12 texts were found; 12 are fit to learn from." in report
    client.post(f"{address}keep/", {"client_key": key()})
    ledger.write_all()
    assert "Teach from it" in words(client, address)
    data_set = DataSet.objects.get()
    recipe = {
        "data_set": data_set.pk, "method": "lora", "rank": 8, "epochs": 3, "learning_rate": 0.001,
        "client_key": key(),
    }  # fmt: skip
    address = client.post("/learning/runs/new/", recipe).headers["Location"]
    assert "every 2s" in words(client, address)
    ledger.write_all()
    over = words(client, address)
    assert "every 2s" not in over
    assert "24 of 24" in over
    assert 'class="chart-line"' in over
    evaluation = Evaluation.objects.get()
    assert evaluation.get_absolute_url() in over
    shown = words(client, evaluation.get_absolute_url())
    assert "Perplexity" in shown
    assert "What people approved" in shown
    assert "prove nothing" in shown
    for page in ("", "runs/", "evaluations/", "use/"):
        words(client, f"/learning/{page}")


@pytest.mark.parametrize(
    ("field", "value"),
    [("rank", 1000), ("epochs", 100), ("learning_rate", 5), ("method", "none"), ("data_set", 0)],
)
def test_a_recipe_out_of_bounds_is_refused(client: Client, field: str, value: object) -> None:
    learning.approved_texts()
    form = {
        "data_set": learning.kept().pk, "method": "lora", "rank": 8, "epochs": 3, "learning_rate": 0.001,
        "client_key": key(),
    }  # fmt: skip
    client.force_login(make.user("approver"))
    assert client.post("/learning/runs/new/", form | {field: value}).status_code == 422
    assert not Training.objects.exists()


def test_a_run_that_needs_a_person_says_why_and_goes_on(client: Client) -> None:
    training = learning.asked_to_teach()
    job = claiming.claim("w")
    assert job
    claiming.give_up(job, "engine_unavailable: The default model is not installed.")
    client.force_login(make.user("approver"))
    assert "The default model is not installed." in words(client, training.get_absolute_url())
    client.post(f"/learning/jobs/{job.pk}/again/")
    ledger.write_all()
    assert training.jobs.get().state == "done"


def test_an_approver_cancels_a_run(client: Client) -> None:
    training = learning.asked_to_teach()
    client.force_login(make.user("approver"))
    assert "Cancel this?" in words(client, training.get_absolute_url())
    answer = client.post(f"/learning/jobs/{training.jobs.get().pk}/cancel/", follow=True)
    assert "Cancelled by" in answer.content.decode()
    assert training.jobs.get().state == "cancelled"


def test_any_two_are_compared_and_drawn_over_time(client: Client) -> None:
    training = learning.taught()
    client.force_login(make.user("approver"))
    form = {"before": "", "after": training.adapter, "data_set": "", "texts": 4, "client_key": key()}
    address = client.post("/learning/evaluations/compare/", form).headers["Location"]
    assert "every 3s" in words(client, address)
    ledger.write_all()
    assert "every 3s" not in words(client, address)
    shown = words(client, f"/learning/evaluations/?of={training.adapter}")
    assert f"{training.adapter}: " in shown
    assert "Diversity" in shown
    same = form | {"after": "", "client_key": key()}
    assert client.post("/learning/evaluations/compare/", same).status_code == 422


def test_only_administrators_download_a_data_set(client: Client) -> None:
    learning.approved_texts()
    data_set = learning.kept()
    address = f"/learning/sets/{data_set.pk}/download/"
    client.force_login(make.user("approver"))
    assert client.get(address).status_code == 403
    client.force_login(make.user("administrator"))
    lines = b"".join(client.get(address)).decode().splitlines()
    told = [json.loads(line) for line in lines]
    assert len(told) == 12
    assert [turn["role"] for turn in told[0]["messages"]] == ["system", "user", "assistant"]


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_others_start_and_decide_nothing(client: Client, role: str) -> None:
    training = learning.taught()
    evaluation, data_set = training.evaluations.get(), training.data_set
    client.force_login(make.user(role))
    for address in (
        "sets/new/", f"sets/{data_set.pk}/keep/", "runs/new/", f"runs/{training.pk}/again/",
        f"jobs/{LearningJob.objects.all()[0].pk}/cancel/", "evaluations/compare/",
        f"evaluations/{evaluation.pk}/promote/", f"evaluations/{evaluation.pk}/try/", "use/roll-back/",
    ):  # fmt: skip
        assert client.post(f"/learning/{address}").status_code == 403, address
    sees = 200 if role == "marketer" else 403
    for address in (
        "",
        f"sets/{data_set.pk}/",
        f"runs/{training.pk}/",
        f"evaluations/{evaluation.pk}/",
        "use/",
    ):
        assert client.get(f"/learning/{address}").status_code == sees, address


def test_approvers_put_nothing_into_use(client: Client) -> None:
    evaluation = learning.taught().evaluations.get()
    client.force_login(make.user("approver"))
    for address in (
        f"evaluations/{evaluation.pk}/promote/",
        f"evaluations/{evaluation.pk}/try/",
        "use/roll-back/",
    ):
        assert client.post(f"/learning/{address}").status_code == 403


def test_what_the_shop_wrote_is_shown_as_text(client: Client) -> None:
    products = learning.shop(12)
    for product in products:
        product.name = f"{product.name} <b>bold</b>"
        product.save()
        learning.judged(product, "Take a look at {name}: matte glaze.")
    data_set = learning.looked()
    client.force_login(make.user("approver"))
    assert "<b>bold" not in words(client, data_set.get_absolute_url())
