"""The copy panel: a marketer asks for texts, sees them arrive, and may leave meanwhile."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from generation.models import Job, Run, Variant
from generation.texts.kinds import PRODUCT_KINDS
from shop.models import Product, SetupStep
from tests import make
from tests.generation import ledger

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def campaign() -> Campaign:
    return make.complete_campaign("Coffee", make.user())


def asked(campaign: Campaign, **fields: object) -> dict[str, object]:
    product = campaign.products.first()
    assert product
    asked = {"kinds": ["email"], "products": [product.pk], "tone": "warm", "language": "en", "variants": 2}
    return asked | {"client_key": str(uuid4())} | fields


def request_copy(client: Client, campaign: Campaign, **fields: object) -> str:
    url = f"/campaigns/{campaign.pk}/copy/request/"
    return client.post(url, asked(campaign, **fields), headers=HTMX).content.decode()


def test_a_marketer_asks_and_reads_the_texts(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    page = request_copy(client, campaign)
    assert 'hx-trigger="every 2s"' in page
    assert "0 of 2" in page
    ledger.write_all()
    page = client.get(f"/campaigns/{campaign.pk}/copy/texts/").content.decode()
    assert "every 2s" not in page
    assert Variant.objects.filter(campaign=campaign).count() == 2
    for variant in Variant.objects.all():
        assert f"/variants/{variant.pk}/" in page
        assert variant.origin in {"model", "template"}
        assert variant.findings == []


def test_every_kind_of_text_gets_written(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    kinds = {kind.value for kind in PRODUCT_KINDS}
    request_copy(client, campaign, kinds=sorted(kinds), variants=1)
    ledger.write_all()
    assert set(Variant.objects.values_list("kind", flat=True)) == kinds


def test_facts_are_filled_in_by_the_program(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    request_copy(client, campaign, kinds=["email"], variants=1)
    ledger.write_all()
    variant = Variant.objects.get()
    page = client.get(f"/variants/{variant.pk}/").content.decode()
    product = campaign.products.get()
    assert product.name in page
    assert "10% off" in page
    facts = {fact["kind"]: fact["value"] for fact in variant.facts}
    assert (facts["name"], facts["price"], facts["discount"]) == (product.name, "$10", "10% off")


def test_a_double_click_is_one_run(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    key = str(uuid4())
    request_copy(client, campaign, client_key=key)
    request_copy(client, campaign, client_key=key)
    assert Run.objects.count() == 1
    assert Job.objects.count() == 2


def test_without_script_the_form_leads_to_the_run(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    answer = client.post(f"/campaigns/{campaign.pk}/copy/request/", asked(campaign), follow=True)
    assert answer.redirect_chain == [(f"/generation/runs/{Run.objects.get().pk}/", 302)]
    assert "<html" in answer.content.decode()


def test_without_a_writer_the_page_says_that_the_work_is_safe(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    page = request_copy(client, campaign, variants=3)
    assert "No writer is running." in page
    assert "Your 3 texts are safe and will continue." in page


def test_while_the_model_loads_the_page_says_how_far_it_is(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    ledger.writer_alive()
    SetupStep.objects.create(name="model", label="Language model", state="running", done=40, total=100)
    assert "The language model is being prepared: 40%." in request_copy(client, campaign)


def test_a_missing_model_is_named(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    ledger.writer_alive()
    SetupStep.objects.create(name="model", label="Language model", state="failed", detail="Install it.")
    page = request_copy(client, campaign)
    assert "The language model cannot be loaded: Install it." in page
    assert "Your 2 texts are safe and will continue." in page


def test_chinese_is_written_by_the_plain_writer_and_the_form_says_so(
    client: Client, campaign: Campaign
) -> None:
    client.force_login(make.user())
    form = client.get(f"/campaigns/{campaign.pk}/copy/panel/").content.decode()
    assert "plain writer" in form
    request_copy(client, campaign, language="zh-hans", variants=1)
    ledger.write_all()
    variant = Variant.objects.get()
    assert variant.origin == "template"
    assert (variant.tokens, variant.model_revision) == (0, "")


@pytest.mark.parametrize(
    "wrong", [{"kinds": []}, {"products": []}, {"tone": "rude"}, {"variants": 0}, {"variants": 99}]
)
def test_a_wrong_request_asks_for_nothing(
    client: Client, campaign: Campaign, wrong: dict[str, object]
) -> None:
    client.force_login(make.user())
    answer = client.post(f"/campaigns/{campaign.pk}/copy/request/", asked(campaign, **wrong), headers=HTMX)
    assert answer.status_code == 422
    assert not Run.objects.exists()


def test_a_campaign_without_products_sends_people_to_choose_some(client: Client) -> None:
    client.force_login(make.user())
    page = client.get(f"/campaigns/{make.campaign().pk}/copy/panel/").content.decode()
    assert "Choose products" in page


def test_copy_of_a_campaign_that_is_over_is_refused(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    Campaign.objects.filter(pk=campaign.pk).update(status="ended")
    assert "The campaign is over" in request_copy(client, campaign)
    assert not Run.objects.exists()


def test_products_of_other_campaigns_cannot_be_asked_for(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    request_copy(client, campaign, products=[make.product().pk])
    assert not Run.objects.exists()


def test_a_product_that_is_retired_meanwhile_is_skipped(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    request_copy(client, campaign)
    Product.objects.update(active=False)
    ledger.write_all()
    assert ledger.states(Run.objects.get()) == ["skipped", "skipped"]
    assert not Variant.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("marketer", 200), ("approver", 200)])
def test_who_may_ask(client: Client, campaign: Campaign, role: str, status: int) -> None:
    client.force_login(make.user(role))
    answer = client.post(f"/campaigns/{campaign.pk}/copy/request/", asked(campaign), headers=HTMX)
    assert answer.status_code == status
    form = client.get(f"/campaigns/{campaign.pk}/copy/panel/").content.decode()
    assert ("copy/request/" in form) == (status == 200)


def test_a_stranger_is_sent_to_the_login(client: Client, campaign: Campaign) -> None:
    assert client.get(f"/campaigns/{campaign.pk}/copy/panel/").status_code == 302
    assert client.post(f"/campaigns/{campaign.pk}/copy/request/", asked(campaign)).status_code == 302


def test_asking_by_get_is_no_way(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    assert client.get(f"/campaigns/{campaign.pk}/copy/request/").status_code == 405


def test_more_texts_need_no_more_queries(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    counts = []
    for _ in range(2):
        request_copy(client, campaign, kinds=["email", "sms"], variants=2)
        ledger.write_all()
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/campaigns/{campaign.pk}/copy/panel/", headers=HTMX)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20
