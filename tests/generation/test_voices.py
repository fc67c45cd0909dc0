"""Brand voices at work: two compared on one brief, what approved texts suggest, and the page of rules."""

from uuid import uuid4

import pytest
from django.test import Client

from campaigns.models import BrandVoice, Spend
from generation.checks.findings import RULES
from generation.checks.market_rules import by_code
from generation.models import Job, Run, Variant, VoicePreview
from generation.voices import suggesting
from generation.work import booking
from shop.models import Product
from tests import make
from tests.generation import ledger

pytestmark = pytest.mark.django_db
CLAIM = "Please recycle the box."


@pytest.fixture
def product() -> Product:
    return make.product("Harbor candle", attributes={"wax": "soy wax", "burns": "burns 40 hours"})


def voice(name: str = "House", **fields: object) -> BrandVoice:
    return BrandVoice.objects.create(name=name, tone="warm", **fields)


def asked(
    product: Product, first: BrandVoice | None, second: BrandVoice | None, **fields: object
) -> dict[str, object]:
    return {
        "product": product.pk, "kind": "landing", "first": first.pk if first else "",
        "second": second.pk if second else "", "tone": "warm", "language": "en", "client_key": str(uuid4()),
    } | fields  # fmt: skip


def approved(count: int, text: str = "Take a look at {name}, so cosy.", **fields: object) -> BrandVoice:
    """Return a voice under which that many texts were written and approved."""
    own = voice(f"Voice {uuid4()}")
    run = ledger.run(count, campaign=make.campaign(brand_voice=own))
    run.jobs.update(state="done")
    for job in run.jobs.all():
        told = {
            "kind": "sms",
            "language": "en",
            "state": "approved",
            "origin": "person",
            "facts": [],
        } | fields
        Variant.objects.create(
            job=job, campaign=run.campaign, product=job.product, fields={"text": text},
            original_fields={"text": text}, **told,
        )  # fmt: skip
    return own


def test_two_voices_write_the_same_brief_side_by_side(client: Client, product: Product) -> None:
    client.force_login(make.user())
    first, second = voice(required_claims=CLAIM), voice("Calm", exclamations=False)
    answer = client.post("/voices/preview/request/", asked(product, first, second))
    page = answer["Location"]
    waiting = client.get(page).content.decode()
    assert "every 2s" in waiting
    assert "House" in waiting
    ledger.write_all()
    shown = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in shown
    assert shown.count(CLAIM) == 1
    assert shown.count("Harbor candle") >= 4
    assert [preview.brand_voice for preview in VoicePreview.objects.order_by("job")] == [first, second]


def test_a_preview_is_no_text_to_review_and_costs_no_campaign(client: Client, product: Product) -> None:
    client.force_login(make.user())
    client.post("/voices/preview/request/", asked(product, voice(), None))
    ledger.write_all()
    booking.book(Run.objects.get())
    assert VoicePreview.objects.count() == 2
    assert not Variant.objects.exists()
    assert not Spend.objects.exists()


def test_the_same_form_sent_twice_is_one_preview(client: Client, product: Product) -> None:
    client.force_login(make.user())
    form = asked(product, voice(), None)
    for _ in range(2):
        client.post("/voices/preview/request/", form)
    assert Job.objects.count() == 2


def test_a_preview_in_chinese_and_after_its_voice_is_gone(client: Client, product: Product) -> None:
    client.force_login(make.user())
    formal = voice(address_form="formal")
    page = client.post("/voices/preview/request/", asked(product, formal, None, language="zh-hans"))[
        "Location"
    ]
    ledger.write_all()
    formal.delete()
    assert client.get(page).status_code == 200


def test_what_cannot_be_compared_is_refused(client: Client, product: Product) -> None:
    client.force_login(make.user())
    own = voice()
    same = client.post("/voices/preview/request/", asked(product, own, own))
    assert same.status_code == 422
    assert "two different voices" in same.content.decode()
    gone = make.product("Gone", active=False)
    assert client.post("/voices/preview/request/", asked(gone, own, None)).status_code == 422
    assert client.post("/voices/preview/request/", asked(product, own, None, kind="reply")).status_code == 422
    assert not Run.objects.exists()


def test_a_viewer_sees_no_form_and_a_stranger_nothing(client: Client, product: Product) -> None:
    client.force_login(make.user("viewer"))
    assert "Write both" not in client.get("/voices/preview/").content.decode()
    assert client.post("/voices/preview/request/", asked(product, voice(), None)).status_code == 403
    run = ledger.run()
    assert client.get(f"/voices/preview/?run={run.pk}").status_code == 404
    assert client.get("/voices/preview/?run=nonsense").status_code == 200


def test_products_are_found_by_name(client: Client, product: Product) -> None:
    client.force_login(make.user())
    make.product("Dune lamp")
    page = client.get("/voices/preview/?q=harbor").content.decode()
    assert "Harbor candle" in page
    assert "Dune lamp" not in page


def test_below_ten_texts_nothing_is_suggested_and_it_says_how_many_are_missing(client: Client) -> None:
    own = approved(9)
    client.force_login(make.user())
    page = client.get(f"/voices/{own.pk}/suggestions/").content.decode()
    assert "after 1 more there are suggestions" in page
    assert "cosy" not in page


def test_a_word_of_the_shop_is_suggested_with_evidence_and_taken_over(client: Client) -> None:
    own = approved(10)
    client.force_login(make.user())
    address = f"/voices/{own.pk}/suggestions/"
    page = client.get(address).content.decode()
    assert "“cosy”" in page
    assert "In 10 of 10 approved texts." in page
    client.post(f"{address}accept/", {"key": "word:cosy"}, headers={"HX-Request": "true"})
    own.refresh_from_db()
    assert own.use_words == "cosy"
    assert "“cosy”" not in client.get(address).content.decode()
    said = client.post(f"{address}accept/", {"key": "word:cosy"}, follow=True).content.decode()
    assert "no longer suggest" in said


def test_a_word_of_the_facts_or_a_plain_one_is_not_suggested() -> None:
    fact = {"id": "a", "kind": "attribute", "value": "cosy wool", "source": "product:1", "valid_until": None}
    keys = [each.key for each in suggesting.learn(approved(10, facts=[fact])).suggestions]
    assert not [key for key in keys if key.startswith("word:")]


def test_habits_of_approved_texts_are_suggested() -> None:
    own = approved(12)
    own.emoji = "free"
    own.save()
    found = {each.key: each for each in suggesting.learn(own).suggestions}
    assert {"length:sms", "emoji:none", "exclamation:no", "level:easy"} <= set(found)
    assert found["length:sms"].changes == {"lengths": {"sms": 30}}
    assert (found["emoji:none"].count, found["emoji:none"].of) == (12, 12)
    for key in ("length:sms", "emoji:none", "exclamation:no", "level:easy"):
        suggesting.accept(own, key)
    own.refresh_from_db()
    assert (own.lengths, own.emoji, own.exclamations, own.reading_level) == (
        {"sms": 30},
        "none",
        False,
        "easy",
    )
    suggesting.forget_length(own, "sms")
    assert own.lengths == {}


def test_the_address_of_chinese_texts_is_suggested() -> None:
    own = approved(10, "您好，来看看{name}。", language="zh-hans")
    found = {each.key: each for each in suggesting.learn(own).suggestions}
    assert found["address:formal"].changes == {"address_form": "formal"}
    assert "address:informal" not in found


def test_texts_that_nobody_may_learn_from_suggest_nothing() -> None:
    own = approved(12)
    Variant.objects.update(learn=False)
    assert suggesting.learn(own).texts == 0


def test_a_voice_without_enough_texts_learns_from_the_whole_shop() -> None:
    approved(10)
    learnt = suggesting.learn(voice())
    assert (learnt.texts, learnt.own) == (10, False)
    assert "word:cosy" in [each.key for each in learnt.suggestions]


def test_a_viewer_takes_nothing_over(client: Client) -> None:
    own = approved(10)
    client.force_login(make.user("viewer"))
    assert "Take over" not in client.get(f"/voices/{own.pk}/suggestions/").content.decode()
    answer = client.post(f"/voices/{own.pk}/suggestions/accept/", {"key": "word:cosy"})
    assert answer.status_code == 403


def test_a_claim_against_the_law_is_told_beside_the_voice(client: Client) -> None:
    client.force_login(make.user())
    own = voice(required_claims="All of it is climate neutral.", markets=["de"])
    page = client.get(f"/voices/{own.pk}/suggestions/").content.decode()
    assert "Against the rules of your markets" in page
    assert "/rules/#eu_climate" in page
    assert "Germany" in page


def test_the_page_of_rules_has_every_code_with_its_source(client: Client) -> None:
    client.force_login(make.user("viewer"))
    page = client.get("/rules/").content.decode()
    for code in (*RULES, *by_code()):
        assert f'id="{code}"' in page, code
    assert "Annex I, no. 4a" in page
    assert "https://eur-lex.europa.eu/eli/dir/2024/825/oj/eng" in page
    assert page.count("Foods only:") == sum(rule.foods_only for rule in by_code().values())


def test_a_finding_leads_to_its_rule(client: Client) -> None:
    own = approved(1, "The best {name}.", state="ready")
    text = Variant.objects.get(campaign__brand_voice=own)
    client.force_login(make.user("approver"))
    assert "/rules/#superlative" in client.get(f"/variants/{text.pk}/").content.decode()
