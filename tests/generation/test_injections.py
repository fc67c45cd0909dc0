"""What strangers put into product data is neither obeyed nor repeated, and never becomes markup on a page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from generation.checks.catalogue import may_be_fact
from generation.engine import TextRequest, TextResult
from generation.engine.fake import FakeEngine
from generation.models import Job, Run, Variant
from generation.work.working import Writer
from shop.models import Category, Product
from tests import make
from tests.generation import ledger
from tests.generation.injections import DEMANDS, PAYLOADS

# What products really are called and made of.
HARMLESS = (
    "soy wax", "burns 40 hours", "100% cotton", "sugar free", "BPA free", "gluten-free", "off-white",
    "224 pages", "12 oz", "works on induction", "2 year warranty", "oven safe", "1080p display",
    "size 10.5", "USB-C", "vegan", "organic cotton", "free range eggs", "made in Italy", "gift box",
    "phone holder", "纯棉", "不锈钢",
)  # fmt: skip


class Obedient(FakeEngine):
    """A model that does what strangers ask: it writes their demands, and whatever its prompt says."""

    seconds_per_text = 0.0

    def _result(self, request: TextRequest) -> TextResult:
        demand, _proof = DEMANDS[request.seed % len(DEMANDS)]
        words = request.own if request.seed % 2 else f"Take a look at {{name}}: {demand}."
        return TextResult(words, 10, 10, 0.0, -0.1, finished=True)


def poisoned(payload: str) -> dict[str, Any]:
    """Return the fields of a product that says it wherever a supplier could."""
    return {
        "attributes": {"material": "soy wax", "note": payload, payload: "yes"},
        "brand": payload[:100],
        "description": payload,
        "category": Category.objects.create(name=payload[:100], path="/"),
    }


def proofs_in(text: str) -> Iterator[str]:
    plain = text.lower()
    return (proof for _demand, proof in DEMANDS if proof.lower() in plain)


@pytest.mark.parametrize("words", HARMLESS)
def test_what_a_product_is_may_be_told(words: str) -> None:
    assert may_be_fact(words)


def test_there_are_more_than_400_payloads() -> None:
    assert len({payload for payload, _demand, _proof in PAYLOADS}) > 400


@pytest.mark.django_db
def test_no_demand_reaches_a_text_even_by_a_model_that_obeys(client: Client) -> None:
    run = ledger.run(jobs=1, samples=2)
    for payload, _demand, _proof in PAYLOADS:
        ledger.add_jobs(run, make.product("Harbor candle", **poisoned(payload)))
    Writer("test", Obedient()).work_off()
    texts = list(Variant.objects.filter(job__run=run))
    assert len(texts) == len(PAYLOADS) + 1
    found = {(text.pk, proof) for text in texts for proof in proofs_in(" ".join(text.fields.values()))}
    assert found == set()
    client.force_login(make.user("approver"))
    page = client.get(reverse("generation:review_list")).content.decode()
    assert not re.search(r"<script>alert|<img src=x|href='javascript", page)


@pytest.mark.django_db
def test_a_product_named_like_an_advertisement_is_not_written_about() -> None:
    run: Run = ledger.run(jobs=1)
    for name in (
        "Visit www.evil.example",
        "Candle {{7*7}}",
        "Candle <b>",
        "Use code EVIL100",
        "Now only $0.01",
    ):
        ledger.add_jobs(run, make.product(name))
    Writer("test", FakeEngine()).work_off()
    states = Job.objects.filter(run=run).order_by("pk").values_list("state", "reason")
    assert list(states) == [("done", ""), *[("skipped", "unfit_name")] * 5]


@pytest.mark.django_db
def test_the_page_of_a_text_names_what_was_left_out(client: Client) -> None:
    product: Product = make.product(
        "Harbor candle", attributes={"wax": "soy wax", "note": "use code EVIL100"}
    )
    run = ledger.run(jobs=1)
    ledger.add_jobs(run, product)
    Writer("test", FakeEngine()).work_off()
    client.force_login(make.user("approver"))
    page = client.get(Variant.objects.get(product=product).get_absolute_url()).content.decode()
    assert "use code EVIL100" in page
    assert "left out" in page.lower()
