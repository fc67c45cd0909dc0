"""One text on the desk: comments, assignment, siblings, facts and findings, history, and learning."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from generation.facts import Fact, FactKind, FactSheet
from generation.highlighting import spans
from generation.models import Comment, Variant
from tests import make
from tests.generation import ledger
from tests.generation.reading import words_of
from tests.generation.test_review import HTMX, decide, steps, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return make.user()


@pytest.fixture
def variant(author: User) -> Variant:
    return written(author)


def page_of(client: Client, variant: Variant) -> str:
    return client.get(variant.get_absolute_url()).content.decode()


def test_a_comment_is_kept_resolved_and_opened_again(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    url = f"/variants/{variant.pk}/comment/"
    answer = client.post(url, {"text": "Is <b>that</b> true?"}, headers=HTMX).content.decode()
    assert "Is &lt;b&gt;that&lt;/b&gt; true?" in answer
    comment = variant.comments.get()
    approver = make.user("approver")
    client.force_login(approver)
    client.post(f"/comments/{comment.pk}/resolve/", headers=HTMX)
    comment.refresh_from_db()
    assert comment.resolved_by == approver
    assert comment.resolved_at
    client.post(f"/comments/{comment.pk}/resolve/", {"open": "on"}, headers=HTMX)
    comment.refresh_from_db()
    assert comment.resolved_at is None


def test_a_comment_from_the_queue_keeps_the_text_current(
    client: Client, variant: Variant, author: User
) -> None:
    later = written(author)
    client.force_login(author)
    fields = {"text": "Please check.", "from": "queue", "version": 1}
    page = client.post(f"/variants/{later.pk}/comment/", fields, headers=HTMX).content.decode()
    assert "1 comment" in page
    assert f'id="variant-{later.pk}" class="card review" aria-current="true"' in " ".join(page.split())


def test_an_empty_comment_is_refused(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    answer = client.post(f"/variants/{variant.pk}/comment/", {"text": "  "}, headers=HTMX)
    assert answer.status_code == 422
    assert not Comment.objects.exists()


def test_a_viewer_reads_comments_and_writes_none(client: Client, variant: Variant) -> None:
    comment = Comment.objects.create(variant=variant, text="Seen by all")
    client.force_login(make.user("viewer"))
    assert "Seen by all" in page_of(client, variant)
    assert client.post(f"/variants/{variant.pk}/comment/", {"text": "x"}).status_code == 403
    assert client.post(f"/comments/{comment.pk}/resolve/").status_code == 403


def test_a_text_is_assigned_to_somebody_who_may_approve_it(
    client: Client, variant: Variant, author: User
) -> None:
    approver = make.user("approver")
    client.force_login(author)
    client.post(f"/variants/{variant.pk}/assign/", {"to": approver.pk}, headers=HTMX)
    variant.refresh_from_db()
    assert variant.assigned_to == approver
    assert variant.version == 1  # whoever edits it meanwhile is not disturbed
    assert variant.decisions.get().to == approver
    client.post(f"/variants/{variant.pk}/assign/", {"to": ""}, headers=HTMX)
    variant.refresh_from_db()
    assert variant.assigned_to is None


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_a_text_is_not_assigned_to_others(client: Client, variant: Variant, author: User, role: str) -> None:
    client.force_login(author)
    client.post(f"/variants/{variant.pk}/assign/", {"to": make.user(role).pk})
    variant.refresh_from_db()
    assert variant.assigned_to is None


def test_the_four_eyes_rule_holds_for_assignments(client: Client) -> None:
    approver = make.user("approver")
    variant = written(approver)
    client.force_login(approver)
    client.post(f"/variants/{variant.pk}/assign/", {"to": approver.pk})
    variant.refresh_from_db()
    assert variant.assigned_to is None


def test_texts_for_the_same_place_stand_side_by_side(client: Client, author: User) -> None:
    campaign = make.complete_campaign("Coffee", author)
    run = ledger.run(jobs=2, campaign=campaign, requested_by=author)
    ledger.write_all()
    one, other = Variant.objects.filter(job__run=run).order_by("pk")
    elsewhere = written(author, campaign, kind="email")
    client.force_login(author)
    page = page_of(client, one)
    assert "Side by side" in page
    assert f"/variants/{other.pk}/" in page.partition("Side by side")[2]
    assert f"/variants/{elsewhere.pk}/" not in page.partition("Side by side")[2].partition("</section>")[0]


def test_facts_lead_to_their_rows_and_findings_to_their_help(
    client: Client, variant: Variant, author: User
) -> None:
    client.force_login(author)
    page = decide(client, variant, "edit", text="{name}, 15% off until {until}. The best in town!")
    assert variant.product
    assert variant.campaign
    said = (
        f'<a class="said" href="{variant.product.get_absolute_url()}" title="Name: {variant.product.name}">'
    )
    assert said in page
    assert f'<a class="said" href="{variant.campaign.get_absolute_url()}" title="Until: ' in page
    assert '<mark class="wrong">15</mark><sup><a href="#finding-1" data-number="1"' in page
    assert 'id="finding-1"' in page
    assert "15% off until" in words_of(page)


def test_a_sentence_is_cut_at_its_facts() -> None:
    sheet = FactSheet(
        (
            Fact("name", FactKind.NAME, "Blue mug", "product:1"),
            Fact("a0", FactKind.ATTRIBUTE, "hand-thrown stoneware", "product:1"),
            Fact("price", FactKind.PRICE, "$12", "product:1"),
        )
    )
    found = spans("Meet {name}: stoneware, thrown by hand. Only $12 or {price}.", sheet, [])
    said = [(span.words, span.fact.id) for span in found if span.fact]
    assert said == [
        ("Blue mug", "name"), ("stoneware", "a0"), ("thrown", "a0"), ("hand", "a0"), ("$12", "price"),
        ("$12", "price"),
    ]  # fmt: skip
    assert (
        "".join(span.words for span in found) == "Meet Blue mug: stoneware, thrown by hand. Only $12 or $12."
    )


def test_the_history_tells_everything(client: Client, variant: Variant, author: User) -> None:
    approver = make.user("approver")
    client.force_login(author)
    decide(client, variant, "edit", text="{name}, for slow mornings.")
    client.post(f"/variants/{variant.pk}/assign/", {"to": approver.pk})
    client.post(f"/variants/{variant.pk}/comment/", {"text": "Good now?"})
    client.force_login(approver)
    decide(client, variant, "reject", code="dull", reason="Say more")
    page = words_of(page_of(client, variant)).partition("History")[2]
    for said in (
        "Rejected", "says too little · Say more", "Commented", "Good now?", "Assigned it to", "Edited",
        "Asked for it, and it was written",
    ):  # fmt: skip
        assert said in page
    assert steps(variant) == ["edit", "assign", "reject"]


def test_the_page_of_a_text_asks_little_of_the_database(
    client: Client, variant: Variant, author: User, django_assert_max_num_queries: object
) -> None:
    client.force_login(author)
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        page_of(client, variant)


def test_a_text_says_whether_it_will_be_learnt_from(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    assert "Once somebody edits" in page_of(client, variant)
    decide(client, variant, "edit", text="{name}, for slow mornings.")
    assert "Will be learnt from, as a correction" in words_of(page_of(client, variant))
    answer = client.post(f"/variants/{variant.pk}/learn/", headers=HTMX).content.decode()
    assert "Will not be learnt from" in answer
    assert "Keeps it from being learnt from" in answer
    answer = client.post(f"/variants/{variant.pk}/learn/", {"learn": "on"}, headers=HTMX).content.decode()
    assert "Will be learnt from" in answer
    assert steps(variant) == ["edit", "forget", "learn"]


@pytest.mark.parametrize("path", ["comment", "assign", "learn", "rewrite"])
def test_nothing_of_it_is_done_by_get_or_by_strangers(client: Client, variant: Variant, path: str) -> None:
    assert client.post(f"/variants/{variant.pk}/{path}/").status_code == 302  # to the sign-in
    client.force_login(make.user("approver"))
    assert client.get(f"/variants/{variant.pk}/{path}/").status_code == 405
    assert client.post(f"/variants/999999/{path}/").status_code == 404
