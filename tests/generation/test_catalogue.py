"""Texts about many products: the estimate, one run, budgets, results, files, and what is out of date."""

import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import now

from generation import briefing, citing
from generation.cataloguing import KINDS, Budget, CatalogueOrder, estimate, request_catalogue
from generation.describing import CatalogueBatch
from generation.models import Job, Run, TextTemplate, Variant, WriteBack
from generation.work import budgeting, claiming
from shop.models import ApiKey, Product
from tests import make
from tests.generation import ledger

pytestmark = pytest.mark.django_db
WOOL = {"material": "wool", "colour": "blue"}
ASKED = {"estimate": "1", "kinds": ["product", "seo"], "languages": ["en"], "tone": "warm", "variants": "1"}


def query(**asked: Any) -> str:
    pairs = [(name, value) for name, given in (ASKED | asked).items() for value in listed(given)]
    return "&".join(f"{name}={value}" for name, value in pairs)


def listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def new(client: Client, **asked: Any) -> str:
    return client.get(f"/catalogue/new/?{query(**asked)}").content.decode()


def ask(client: Client, texts: int, key: str = "", **asked: Any) -> Any:
    posted = {"query": query(**asked), "texts": texts, "client_key": key or str(uuid4())}
    return client.post("/catalogue/start/", posted, follow=True)


def run_of(
    products: int = 2, kinds: tuple[str, ...] = ("product",), by: Any = None, budget: Budget | None = None
) -> Run:
    """Return a run about new products of wool."""
    made = [make.product(f"Scarf {n}", attributes=WOOL) for n in range(products)]
    order = CatalogueOrder(list(kinds), ["en"], "warm")
    found = Product.objects.filter(pk__in=[one.pk for one in made])
    return request_catalogue(found, order, budget or Budget(), by or make.user(), uuid4())


def approve_all(run: Run) -> None:
    Variant.objects.filter(job__run=run).update(state="approved")


def say(variant: Variant, **fields: str) -> None:
    """Put a person's words in a text's place, as an edit does."""
    assert variant.product
    sheet = briefing.restored(variant.facts, None)
    variant.fields |= fields
    variant.cites = citing.cited(variant.fields, sheet, variant.product)
    variant.save()


def page(client: Client, run: Run) -> str:
    return client.get(f"/catalogue/{run.pk}/").content.decode()


# Asking


def test_what_it_takes_is_shown_before_anything_starts(client: Client) -> None:
    for _ in range(3):
        make.product()
    make.product(active=False)
    client.force_login(make.user())
    shown = new(client)
    assert "Write 6 texts" in shown
    assert "this is an assumption" in shown
    assert not Run.objects.exists()


def test_rates_are_measured_on_the_shops_own_texts(client: Client) -> None:
    run = run_of(2, ("product",))
    ledger.write_all()
    run.jobs.update(prompt_tokens=900, new_tokens=100, seconds=2)
    found = estimate(Product.objects.all(), CatalogueOrder(["product", "seo"], ["en"], "warm"), Budget())
    assert found.rates["product", "en"].tokens == 1000
    assert found.texts == 4
    assert found.assumed == 2


def test_a_language_that_only_the_plain_writer_writes_costs_nothing() -> None:
    make.product()
    found = estimate(Product.objects.all(), CatalogueOrder(["product"], ["zh-hans"], "warm"), Budget())
    assert (found.texts, found.tokens, found.money) == (1, 0, Decimal(0))


def test_a_budget_that_is_too_small_is_said_before_the_start(client: Client) -> None:
    for _ in range(4):
        make.product()
    client.force_login(make.user())
    shown = new(client, kinds=["product"], token_budget=3200 * 2)
    assert "The budget pays for about 2 of 4 texts" in shown


def test_a_confirmed_order_is_one_run_of_all_texts(client: Client) -> None:
    for _ in range(2):
        make.product()
    client.force_login(make.user())
    key = str(uuid4())
    answer = ask(
        client, 16, key, languages=["en", "zh-hans"], variants=2, token_budget=100000, money_budget=3
    )
    assert "16 texts are on their way" in answer.content.decode()
    ask(client, 16, key, languages=["en", "zh-hans"], variants=2)
    run = Run.objects.get()
    assert (run.jobs.count(), run.expected) == (16, 16)
    assert (run.token_budget, run.money_budget) == (100000, Decimal(3))
    assert run.jobs.values("product", "kind", "language", "variant").distinct().count() == 16


def test_other_products_since_the_estimate_are_shown_again(client: Client) -> None:
    make.product()
    client.force_login(make.user())
    answer = ask(client, 1)
    assert answer.status_code == 422
    assert "Other products match by now" in answer.content.decode()
    assert not Run.objects.exists()


def test_products_are_narrowed(client: Client) -> None:
    hats = make.category("Hats")
    make.product("Red hat", "5", category=hats, brand="Nord", description="Known.")
    make.product("Blue hat", "15", category=hats, brand="Nord")
    make.product("Blue mug", "25")
    client.force_login(make.user())
    for asked, texts in (
        ({}, 3),
        ({"q": "blue"}, 2),
        ({"category": hats.pk}, 2),
        ({"brand": "nord"}, 2),
        ({"price_from": "10"}, 2),
        ({"price_from": "10", "price_to": "20"}, 1),
        ({"need": "empty"}, 2),
    ):
        shown = new(client, kinds=["product"], **asked)
        assert f"Write {texts} text" in shown, asked
    assert "below the lowest one" in new(client, price_from="10", price_to="5")
    assert "No product matches" in new(client, q="nothing at all")


def test_only_what_is_missing_is_written(client: Client) -> None:
    run_of(2, ("product",))
    ledger.write_all()
    client.force_login(make.user())
    assert "Write 2 texts" in new(client, need="missing")


def test_five_thousand_products_are_one_statement(
    django_assert_max_num_queries: Any,
) -> None:
    Product.objects.bulk_create(Product(sku=f"S{n}", name=f"Product {n}") for n in range(5000))
    by = make.user()
    order = CatalogueOrder(["product", "seo"], ["en"], "warm")
    with django_assert_max_num_queries(12):
        run = request_catalogue(Product.objects.all(), order, Budget(), by, uuid4())
    assert run.jobs.count() == run.expected == 10_000


def test_choices_are_kept_used_and_forgotten(client: Client) -> None:
    make.product()
    client.force_login(make.user())
    asked = query(kinds=["seo", "sms"], tone="expert", variants=2)
    for _ in range(2):
        client.post("/catalogue/templates/save/", {"query": asked, "name": "Shop pages"})
    kept = TextTemplate.objects.get()
    assert (kept.kinds, kept.tone, kept.variants) == (["seo", "sms"], "expert", 2)
    shown = client.get(f"/catalogue/new/?template={kept.pk}").content.decode()
    assert 'value="seo" checked' in " ".join(shown.split())
    client.post(f"/catalogue/templates/{kept.pk}/delete/")
    assert not TextTemplate.objects.exists()


@pytest.mark.parametrize("languages", [["en"], []], ids=["model", "plain writer"])
def test_every_kind_on_offer_is_written_without_a_campaign(settings: Any, languages: list[str]) -> None:
    settings.GENERATION_LANGUAGES = languages
    kinds = [kind.value for _label, kinds in KINDS for kind in kinds]
    product = make.product("Nordic scarf", attributes=WOOL, brand="Nord")
    order = CatalogueOrder(kinds, ["en", "zh-hans"], "warm")
    run = request_catalogue(Product.objects.filter(pk=product.pk), order, Budget(), make.user(), uuid4())
    ledger.write_all()
    assert set(ledger.states(run)) == {"done"}
    assert Variant.objects.filter(campaign=None, findings=[]).count() == 2 * len(kinds)


@pytest.mark.parametrize("url", ["/catalogue/new/", "/catalogue/start/", "/catalogue/templates/save/"])
def test_a_viewer_asks_for_nothing(client: Client, url: str) -> None:
    client.force_login(make.user("viewer"))
    assert client.get("/catalogue/").status_code == 200
    answer = client.get(url) if url.endswith("new/") else client.post(url, {})
    assert answer.status_code == 403


# Steering


def test_a_run_stops_at_its_budget_and_goes_on_with_more(client: Client) -> None:
    marketer = make.user()
    run = run_of(4, by=marketer, budget=Budget(tokens=500))
    run.jobs.filter(pk=run.jobs.order_by("pk")[0].pk).update(
        state="done", prompt_tokens=450, new_tokens=50, finished_at=now()
    )
    assert claiming.claim("w", 8) == []
    client.force_login(marketer)
    shown = page(client, run)
    assert "its budget of tokens is used up" in shown
    assert "500 of 500" in shown
    refused = client.post(f"/catalogue/{run.pk}/resume/", {"token_budget": "500"})
    assert refused.status_code == 422
    assert "The run has used as much already" in refused.content.decode()
    client.post(f"/catalogue/{run.pk}/resume/", {"token_budget": "100000"})
    ledger.write_all()
    assert ledger.states(run) == ["done"] * 4


def test_a_budget_of_money_stops_a_run_too() -> None:
    run = run_of(2, budget=Budget(money=Decimal("0.001")))
    run.jobs.filter(pk=run.jobs.order_by("pk")[0].pk).update(state="done", new_tokens=1000, finished_at=now())
    assert claiming.claim("w", 8) == []
    run.refresh_from_db()
    assert run.pause == Run.Pause.MONEY


def test_what_is_being_written_counts_against_the_budget() -> None:
    run = run_of(10, budget=Budget(tokens=400))
    first, *_others = run.jobs.order_by("pk")
    Job.objects.filter(pk=first.pk).update(state="done", new_tokens=100, finished_at=now())
    assert len(claiming.claim("a", 24)) == 3
    assert budgeting.reached(run) == Run.Pause.TOKENS


def test_a_paused_run_keeps_its_place_and_lets_others_pass(client: Client) -> None:
    marketer = make.user()
    first, second = run_of(1, by=marketer), run_of(1)
    client.force_login(marketer)
    client.post(f"/catalogue/{first.pk}/pause/")
    assert "every 2s" not in page(client, first)
    ledger.write_all()
    assert (ledger.states(first), ledger.states(second)) == (["queued"], ["done"])
    client.post(f"/catalogue/{first.pk}/resume/", {})
    ledger.write_all()
    assert ledger.states(first) == ["done"]


def test_only_who_asked_or_an_approver_steers(client: Client) -> None:
    run = run_of(1)
    client.force_login(make.user())
    for act in ("pause", "cancel"):
        client.post(f"/catalogue/{run.pk}/{act}/")
    assert ledger.states(run) == ["queued"]
    run.refresh_from_db()
    assert run.pause == ""
    client.force_login(make.user("approver"))
    client.post(f"/catalogue/{run.pk}/cancel/")
    assert ledger.states(run) == ["cancelled"]


# Results


def test_the_review_desk_shows_one_run(client: Client) -> None:
    run, other = run_of(2), run_of(1)
    ledger.write_all()
    client.force_login(make.user("approver"))
    assert f"/review/?run={run.pk}" in page(client, run)
    shown = client.get(f"/review/?run={run.pk}").content.decode()
    for variant in Variant.objects.all():
        assert (f"/variants/{variant.pk}/" in shown) == (variant.job.run_id != other.pk)


def test_all_of_a_run_are_approved_after_a_look(client: Client) -> None:
    run, other = run_of(3), run_of(1)
    ledger.write_all()
    client.force_login(make.user("approver"))
    sample = client.get(f"/review/sample/?run={run.pk}", follow=True)
    posted = {"query": sample.context["query"], "token": sample.context["token"]}
    client.post("/review/sample/approve/", posted)
    states = Variant.objects.filter(state="approved").values_list("job__run", flat=True)
    assert list(states) == [run.pk] * 3
    assert other.pk not in states


def test_what_has_findings_comes_first(client: Client) -> None:
    run = run_of(3)
    ledger.write_all()
    last = Variant.objects.order_by("-pk")[0]
    finding = {
        "code": "length",
        "field": "text",
        "start": 0,
        "end": 1,
        "message": "m",
        "help": "h",
        "hard": False,
    }
    Variant.objects.filter(pk=last.pk).update(findings=[finding])
    client.force_login(make.user())
    answer = client.get(f"/catalogue/{run.pk}/")
    assert answer.context["page"].rows[0].pk == last.pk


def test_approved_texts_are_files(client: Client) -> None:
    run = run_of(2)
    ledger.write_all()
    variant = Variant.objects.order_by("pk")[0]
    say(variant, title="{name}", text="Wool for {price}.")
    Variant.objects.filter(pk=variant.pk).update(state="approved")
    client.force_login(make.user())
    [line] = b"".join(client.get(f"/catalogue/{run.pk}/export/?format=jsonl")).decode().splitlines()
    row = json.loads(line)
    assert row["fields"] == {"title": "Scarf 0", "text": "Wool for $10."}
    assert (row["kind"], row["language"], row["out_of_date"]) == ("product", "en", False)
    csv = b"".join(client.get(f"/catalogue/{run.pk}/export/")).decode()
    assert csv.count("\r\n") == 2
    assert "Wool for $10." in csv


# Into the products


def written(client: Client, run: Run, **asked: str) -> Any:
    url = f"/catalogue/{run.pk}/write-back/"
    digest = client.get(url, asked).context["plan"].digest
    return client.post(url, {"digest": digest, "language": "en", **asked}, follow=True)


def described(products: int = 2) -> tuple[Run, list[Product]]:
    """Return a run of approved titles and texts, and its products."""
    run = run_of(products, ("product", "seo"))
    ledger.write_all()
    for variant in Variant.objects.filter(job__run=run).select_related("product"):
        words = {"description": "Wool."} if variant.kind == "seo" else {"text": "Now {price}."}
        say(variant, title="{name}", **words)
    approve_all(run)
    return run, list(Product.objects.filter(pk__in=run.jobs.values("product")).order_by("pk"))


def test_approved_texts_become_columns_of_their_products(client: Client) -> None:
    run, [first, second] = described()
    Product.objects.filter(pk=second.pk).update(description="By hand.")
    client.force_login(make.user("approver"))
    shown = client.get(f"/catalogue/{run.pk}/write-back/").content.decode()
    assert "Write into 2 products" in shown
    assert "other words stand there: 1" in shown
    written(client, run)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.description, first.shop_title) == ("Now $10.", "Scarf 0")
    assert (first.seo_title, first.seo_description) == ("Scarf 0", "Wool.")
    assert second.description == "By hand."
    written(client, run, overwrite="on")
    second.refresh_from_db()
    assert second.description == "Now $10."
    events = Product.pgh_event_model.objects.filter(pgh_obj=second)  # type: ignore[attr-defined]
    assert events.filter(description="By hand.").exists()


def test_a_write_back_is_taken_back_but_for_what_was_changed_since(client: Client) -> None:
    run, [first, second] = described()
    client.force_login(make.user("approver"))
    written(client, run)
    Product.objects.filter(pk=second.pk).update(description="Better words.")
    [done] = WriteBack.objects.all()
    answer = client.post(f"/write-backs/{done.pk}/undo/", follow=True).content.decode()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.description, first.seo_title) == ("", "")
    assert (second.description, second.seo_title) == ("Better words.", "")
    assert "1 product was changed since, and keeps that" in answer
    assert "taken back already" in client.post(f"/write-backs/{done.pk}/undo/", follow=True).content.decode()


def test_what_changed_since_the_look_is_not_overwritten(client: Client) -> None:
    run, [first, _second] = described()
    client.force_login(make.user("approver"))
    url = f"/catalogue/{run.pk}/write-back/"
    digest = client.get(url, {"overwrite": "on"}).context["plan"].digest
    Product.objects.filter(pk=first.pk).update(description="Meanwhile.")
    answer = client.post(url, {"digest": digest, "language": "en", "overwrite": "on"})
    assert answer.status_code == 409
    first.refresh_from_db()
    assert first.description == "Meanwhile."


def test_out_of_date_texts_are_not_written(client: Client) -> None:
    run, [first, _second] = described()
    Product.objects.filter(pk=first.pk).update(price=Decimal(12))
    client.force_login(make.user("approver"))
    assert "out of date: 1" in client.get(f"/catalogue/{run.pk}/write-back/").content.decode()
    written(client, run)
    first.refresh_from_db()
    assert (first.description, first.seo_description) == ("", "Wool.")


def test_a_marketer_does_not_write_into_products(client: Client) -> None:
    run, _products = described(1)
    client.force_login(make.user())
    assert client.get(f"/catalogue/{run.pk}/write-back/").status_code == 403


# Out of date


def test_a_price_makes_exactly_the_texts_out_of_date_that_cite_it(client: Client) -> None:
    _run, [first, _second] = described()
    assert citing.out_of_date().count() == 0
    Product.objects.filter(pk=first.pk).update(price=Decimal("12.50"))
    assert [(text.product_id, text.kind) for text in citing.out_of_date()] == [(first.pk, "product")]
    client.force_login(make.user())
    shown = client.get(f"/products/{first.pk}/texts/").content.decode()
    assert "1 text cites what has changed since" in shown
    assert "1 text cites a price or a property" in client.get("/catalogue/").content.decode()
    Product.objects.filter(pk=first.pk).update(price=Decimal(10))
    assert citing.out_of_date().count() == 0


@pytest.mark.parametrize(
    ("changed", "stale"),
    [
        ({"attributes": {"material": "cotton", "colour": "blue"}}, {"seo"}),
        ({"attributes": {"material": "wool", "colour": "red"}}, set()),
        ({"attributes": {"material": "wool"}}, set()),
        ({"name": "Shawl"}, {"seo", "product"}),
        ({"price": None}, {"product"}),
        ({"cost": Decimal(3)}, set()),
    ],
)
def test_a_property_counts_where_it_is_cited(changed: dict[str, Any], stale: set[str]) -> None:
    _run, [product] = described(1)
    Product.objects.filter(pk=product.pk).update(**changed)
    assert {text.kind for text in citing.out_of_date()} == stale


def test_what_is_out_of_date_is_written_again_and_nothing_else(client: Client) -> None:
    _run, [first, _second] = described()
    Product.objects.filter(pk=first.pk).update(price=Decimal(12))
    client.force_login(make.user())
    assert "need=outdated" in client.get("/catalogue/").content.decode()
    ask(client, 1, need="outdated")
    [job] = Job.objects.filter(state="queued")
    assert (job.product_id, job.kind) == (first.pk, "product")
    ledger.write_all()
    assert citing.out_of_date().count() == 0


def test_a_new_fact_waits_for_no_text_that_is_being_written() -> None:
    run = run_of(1)
    [job] = claiming.claim("w", 8)
    batch = CatalogueBatch([job])
    piece = batch.piece(job)
    make_dearer = Product.objects.get(pk=job.product_id or 0)
    make_dearer.price = Decimal(99)
    make_dearer.save()
    with pytest.raises(claiming.OutOfDate), claiming.run_held(job):
        batch.keep(job, piece, piece.plain())
    assert not Variant.objects.filter(job__run=run).exists()


# Partner tools


def test_a_tool_reads_runs_and_their_state(client: Client) -> None:
    run = run_of(2, budget=Budget(tokens=1000))
    ledger.write_all()
    _key, secret = ApiKey.objects.create_key(name="tool", scopes=["campaigns:read"])
    headers = {"Authorization": f"Api-Key {secret}"}
    [shown] = client.get("/api/v1/runs/?purpose=catalogue", headers=headers).json()["results"]
    assert shown["id"] == str(run.pk)
    assert shown["jobs"]["done"] + shown["jobs"]["queued"] == 2
    assert shown["token_budget"] == 1000
    assert shown["tokens"] > 0
