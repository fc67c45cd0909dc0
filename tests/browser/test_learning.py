"""The pages of learning with data on them: for people with a disability, in both themes, on a phone."""

from pathlib import Path

from pytest_django.fixtures import Settings

from generation.learning import promoting
from generation.models import Evaluation
from shop import erasing
from tests import make
from tests.browser.conftest import SignIn
from tests.browser.test_main_pages import troubles
from tests.generation import learning, ledger


def test_nothing_hinders_and_nothing_is_cut_off(
    sign_in: SignIn, transactional_db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.TEACHER = "tests.generation.teachers.FakeTeacher"
    settings.ADAPTER_STORE, settings.DATA_DIR = tmp_path / "adapters", tmp_path
    who, administrator = make.customer("Greta"), make.user("administrator")
    texts = learning.approved_texts()
    learning.for_person(texts[0], who)
    training = learning.taught(learning.kept())
    evaluation = training.evaluations.get()
    scores = {side: told | {"texts": 40} for side, told in evaluation.scores.items()}
    Evaluation.objects.filter(pk=evaluation.pk).update(passed=True, scores=scores)
    promoting.promote(Evaluation.objects.get(pk=evaluation.pk), administrator)
    looked = learning.looked()
    page = sign_in(administrator)
    addresses = [
        *(f"/learning/{each}" for each in ("", "sets/new/", "runs/", "runs/new/", "evaluations/", "use/")),
        *(row.get_absolute_url() for row in (looked, training.data_set, training, evaluation)),
        f"{who.get_absolute_url()}erase/",
    ]
    found = [f"{address}: {trouble}" for address in addresses for trouble in troubles(page, address)]
    assert not found, "\n".join(found)
    erasing.erase(who, administrator)
    page.goto(training.get_absolute_url())
    page.get_by_role("button", name="Teach again without them").click()
    page.wait_for_url(lambda address: not address.endswith(training.get_absolute_url()))
    ledger.write_all()
    page.get_by_text("everything was taught", exact=False).wait_for()
