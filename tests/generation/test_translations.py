"""A text in another language: the same kind, the same facts, nothing lost on the way."""

from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from campaigns.models import Campaign
from generation import jobs, review
from generation.jobs import CopyOrder
from generation.models import Run, Variant
from tests import make
from tests.generation import ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return make.complete_campaign("Coffee", make.user())


def written(campaign: Campaign, kind: str = "email", language: str = "en") -> Variant:
    product = campaign.products.get()
    order = CopyOrder([kind], "warm", language, 1, [product.pk])
    jobs.request_copy(campaign, order, make.user(), uuid4())
    ledger.write_all()
    return Variant.objects.get(kind=kind, language=language, job__source=None)


def translated(client: Client, original: Variant, language: str = "zh-hans") -> Variant:
    fields = {"language": language, "client_key": str(uuid4())}
    client.post(f"/variants/{original.pk}/translate/", fields)
    ledger.write_all()
    return Variant.objects.get(job__source=original)


@pytest.fixture
def translator(settings: Settings) -> None:
    settings.GENERATION_LANGUAGES = ["en", "zh-hans"]


def test_the_default_model_leaves_it_to_the_plain_writer_and_the_page_says_so(
    client: Client, campaign: Campaign
) -> None:
    client.force_login(make.user())
    original = written(campaign)
    page = client.get(f"/variants/{original.pk}/translations/").content.decode()
    assert "the plain writer says the same facts" in page
    chinese = translated(client, original)
    assert (chinese.kind, chinese.language, chinese.origin) == ("email", "zh-hans", "template")
    assert (chinese.product, chinese.campaign) == (original.product, original.campaign)
    assert chinese.findings == []
    assert "{discount}" in chinese.fields["body"]
    facts = {fact["kind"]: fact["value"] for fact in chinese.facts}
    assert facts["discount"] == "10%优惠"
    assert facts["name"] == {fact["kind"]: fact["value"] for fact in original.facts}["name"]


@pytest.mark.usefixtures("translator")
def test_a_model_that_writes_both_languages_translates_with_every_slot(
    client: Client, campaign: Campaign
) -> None:
    client.force_login(make.user())
    original = written(campaign)
    chinese = translated(client, original)
    assert chinese.origin == "model"
    assert chinese.findings == []
    for slot in ("{name}", "{discount}", "{code}"):
        assert (slot in str(original.fields)) == (slot in str(chinese.fields))
    assert set(chinese.fields) == set(original.fields)


def test_a_price_that_a_person_typed_stays_a_fact(client: Client, campaign: Campaign) -> None:
    by = make.user()
    client.force_login(by)
    original = written(campaign, "product")
    name = campaign.products.get().name
    typed = original.fields | {"text": f"Take a look at {name} for $10."}
    review.edit(original, typed, by, original.version)
    chinese = translated(client, original)
    assert "{price}" in chinese.fields["text"]
    assert chinese.findings == []


def test_a_fact_that_an_editor_loses_is_found(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    original = written(campaign, "sms")
    chinese = translated(client, original)
    found = review.findings(chinese, {"text": "欢迎选购{name}。"})
    lost = {finding.span for finding in found if finding.code == "lost_slot"}
    assert "{discount}" in lost
    assert review.findings(chinese, chinese.fields) == []


def test_both_languages_stand_side_by_side_on_both_texts(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    original = written(campaign, "sms")
    chinese = translated(client, original)
    for seen in (original, chinese):
        page = client.get(f"/variants/{seen.pk}/translations/").content.decode()
        assert original.get_absolute_url() in page
        assert chinese.get_absolute_url() in page
        assert 'lang="zh-hans"' in page
        assert 'lang="en"' in page
    assert (
        f"/variants/{original.pk}/translations/" in client.get(original.get_absolute_url()).content.decode()
    )


def test_the_same_language_is_refused_and_a_double_click_is_one_run(
    client: Client, campaign: Campaign
) -> None:
    client.force_login(make.user())
    original = written(campaign, "sms")
    same = {"language": "en", "client_key": str(uuid4())}
    assert client.post(f"/variants/{original.pk}/translate/", same).status_code == 422
    other = {"language": "zh-hans", "client_key": str(uuid4())}
    for _ in range(2):
        client.post(f"/variants/{original.pk}/translate/", other)
    assert Run.objects.filter(purpose="translation").count() == 1


@pytest.mark.parametrize("kind", ["search_ad", "subjects", "push", "social_x", "seo"])
def test_every_shape_of_text_can_be_said_in_both_directions(
    client: Client, campaign: Campaign, kind: str
) -> None:
    client.force_login(make.user())
    chinese = written(campaign, kind, "zh-hans")
    english = translated(client, chinese, "en")
    assert english.findings == []
    assert set(english.fields) == set(chinese.fields)
