"""The queue: filters, pages, undo, comments from a card, and decisions about many texts at once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from generation.models import Variant, VariantDecision
from tests import make
from tests.generation import ledger
from tests.generation.test_review import HTMX, decide, steps, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return make.user()


@pytest.fixture
def approver(client: Client) -> User:
    person = make.user("approver")
    client.force_login(person)
    return person


def texts(author: User, count: int) -> list[Variant]:
    """Return so many waiting texts, all ready to be approved."""
    run = ledger.run(jobs=count, campaign=make.complete_campaign("Coffee", author), requested_by=author)
    ledger.write_all()
    return list(Variant.objects.filter(job__run=run).order_by("pk"))


def shown(page: Any) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="variant-(\d+)"', page.content.decode())]


def picks(*variants: Variant) -> list[str]:
    return [f"{variant.pk}:{variant.version}" for variant in variants]


def states(variants: list[Variant]) -> list[str]:
    pks = [variant.pk for variant in variants]
    return list(Variant.objects.filter(pk__in=pks).order_by("pk").values_list("state", flat=True))


def act(client: Client, act: str, **fields: Any) -> str:
    return client.post("/review/bulk/", {"act": act} | fields, follow=True).content.decode()


def looked(client: Client, query: str = "") -> Any:
    return client.get(f"/review/sample/?{query}", follow=True).context


@pytest.mark.parametrize(
    ("query", "change"),
    [
        ("kind=sms", {"kind": "email"}),
        ("language=en", {"language": "zh-hans"}),
        ("origin=model", {"origin": "template"}),
        ("findings=none", {"findings": [{"code": "emoji"}]}),
        ("assigned=nobody", {"assigned_to": True}),
    ],
)
def test_a_filter_shows_what_it_names(
    client: Client, author: User, approver: User, query: str, change: dict[str, Any]
) -> None:
    mine, other = texts(author, 2)
    change = {field: approver if value is True else value for field, value in change.items()}
    Variant.objects.filter(pk=other.pk).update(**change)
    assert shown(client.get(f"/review/?{query}", headers=HTMX)) == [mine.pk]


def test_filters_for_findings_author_and_assignment(client: Client, author: User, approver: User) -> None:
    first, second = texts(author, 2)
    third = written(make.user())
    Variant.objects.filter(pk=second.pk).update(assigned_to=approver, findings=[{"code": "emoji"}])
    assert shown(client.get("/review/?assigned=me")) == [second.pk]
    assert shown(client.get("/review/?findings=with")) == [second.pk]
    assert shown(client.get(f"/review/?author={author.pk}")) == [first.pk, second.pk]
    assert shown(client.get("/review/?kind=nonsense&author=0")) == [first.pk, second.pk, third.pk]


def test_the_queue_comes_page_by_page_and_keeps_its_place(
    client: Client, author: User, approver: User
) -> None:
    made = texts(author, 12)
    first = client.get("/review/")
    assert shown(first) == [variant.pk for variant in made[:10]]
    second = client.get(f"/review/{first.context['page'].next}")
    assert shown(second) == [variant.pk for variant in made[10:]]
    fields = {"version": 1, "from": "queue", "query": second.context["query"]}
    after = client.post(f"/variants/{made[10].pk}/approve/", fields, headers=HTMX)
    assert shown(after) == [made[11].pk]
    last = client.post(f"/variants/{made[11].pk}/approve/", fields, headers=HTMX)
    assert len(shown(last)) == 10  # the page has become empty, so the first one is shown


def test_many_texts_cost_no_more_queries(
    client: Client, author: User, approver: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    texts(author, 10)
    with django_assert_max_num_queries(20):
        client.get("/review/")


def test_the_last_decision_is_taken_back_and_then_the_one_before(
    client: Client, author: User, approver: User
) -> None:
    first, second = texts(author, 2)
    decide(client, first, "approve")
    decide(client, second, "reject", code="dull")
    client.post("/review/undo/", headers=HTMX)
    assert states([first, second]) == ["approved", "ready"]
    client.post("/review/undo/", headers=HTMX)
    assert states([first, second]) == ["ready", "ready"]
    assert steps(first) == ["approve", "reopen"]
    assert "Nothing to undo" in client.post("/review/undo/", follow=True).content.decode()


def test_nobody_undoes_what_others_decided(client: Client, author: User, approver: User) -> None:
    [variant] = texts(author, 1)
    decide(client, variant, "approve")
    client.force_login(make.user("approver"))
    client.post("/review/undo/")
    assert states([variant]) == ["approved"]


def test_an_old_decision_is_reopened_on_its_page_only(client: Client, author: User, approver: User) -> None:
    [variant] = texts(author, 1)
    decide(client, variant, "approve")
    VariantDecision.objects.update(at=now() - timedelta(hours=2))
    client.post("/review/undo/")
    assert states([variant]) == ["approved"]


def test_picked_texts_are_approved_and_taken_back_together(
    client: Client, author: User, approver: User
) -> None:
    made = texts(author, 3)
    assert "2 texts approved." in act(client, "approve", pick=picks(*made[:2]))
    assert states(made) == ["approved", "approved", "ready"]
    assert "together with others" in client.get(made[0].get_absolute_url()).content.decode()
    assert "2 texts wait again" in client.post("/review/undo/", follow=True).content.decode()
    assert states(made) == ["ready"] * 3


def test_what_may_not_be_approved_is_left_and_counted(client: Client, author: User, approver: User) -> None:
    clean, flawed, changed = texts(author, 3)
    Variant.objects.filter(pk=flawed.pk).update(fields={"text": "Only $1 for {name}."})
    own = written(approver)
    before = picks(clean, flawed, changed, own)
    Variant.objects.filter(pk=changed.pk).update(version=2)
    page = act(client, "approve", pick=before)
    assert "1 text approved." in page
    assert "3 texts were left" in page
    assert "asked for or changed last by you, so somebody else approves them: 1" in page
    assert states([clean, flawed, changed, own]) == ["approved", "ready", "ready", "ready"]


def test_many_are_rejected_for_one_reason(client: Client, author: User, approver: User) -> None:
    made = texts(author, 2)
    assert "Say why" in act(client, "reject", pick=picks(*made))
    assert "2 texts rejected." in act(client, "reject", pick=picks(*made), code="voice", reason="Too loud")
    assert states(made) == ["rejected"] * 2
    decision = made[0].decisions.get()
    assert (decision.code, decision.reason) == ("voice", "Too loud")
    assert "does not sound like us" in client.get(made[0].get_absolute_url()).content.decode()


def test_many_are_assigned_but_not_to_somebody_who_may_not_approve_them(
    client: Client, author: User, approver: User
) -> None:
    made, own = texts(author, 2), written(approver)
    page = act(client, "assign", pick=picks(*made, own), to=approver.pk)
    assert "2 texts assigned." in page
    assert "which this person may not approve: 1" in page
    assert shown(client.get("/review/?assigned=me")) == [variant.pk for variant in made]
    assert "Choose somebody" in act(client, "assign", pick=picks(*made), to=author.pk)


def test_all_of_a_filter_are_those_that_it_showed(client: Client, author: User, approver: User) -> None:
    made, other = texts(author, 12), written(author, kind="email")
    page = client.get("/review/?kind=sms").context
    later = written(author)
    act(client, "reject", all="on", query="kind=sms", latest=page["latest"], code="dull")
    assert states(made) == ["rejected"] * 12
    assert states([other, later]) == ["ready", "ready"]


def test_a_marketer_assigns_and_decides_nothing(client: Client, author: User) -> None:
    made, approver = texts(author, 1), make.user("approver")
    client.force_login(make.user("marketer"))
    assert "1 text assigned." in act(client, "assign", pick=picks(*made), to=approver.pk)
    for name in ("approve", "reject"):
        assert client.post("/review/bulk/", {"act": name, "pick": picks(*made)}).status_code == 403
    for path in ("sample/", "undo/", "sample/approve/"):
        assert client.post(f"/review/{path}").status_code in (403, 405)


def test_nothing_picked_does_nothing(client: Client, author: User, approver: User) -> None:
    made = texts(author, 1)
    assert "Pick at least one text" in act(client, "approve", pick=["x:1", "7", ":"])
    assert states(made) == ["ready"]


def test_a_look_at_some_approves_all_that_it_stood_for(client: Client, author: User, approver: User) -> None:
    made = texts(author, 25)
    look = looked(client, "kind=sms")
    assert (len(look["cards"]), look["total"]) == (20, 25)
    page = client.post(
        "/review/sample/approve/", {"token": look["token"], "query": look["query"]}, follow=True
    )
    assert "25 texts approved." in page.content.decode()
    assert states(made) == ["approved"] * 25


def test_what_changed_or_came_after_the_look_waits(client: Client, author: User, approver: User) -> None:
    first, edited, flawed = texts(author, 3)
    Variant.objects.filter(pk=flawed.pk).update(findings=[{"code": "emoji"}])
    own = written(approver)
    look = looked(client)
    assert (look["total"], look["left"]) == (2, 2)
    client.force_login(author)
    decide(client, edited, "edit", text="{name}, for slow mornings.")
    client.force_login(approver)
    later = written(author)
    client.post("/review/sample/approve/", {"token": look["token"], "query": look["query"]})
    assert states([first, edited, flawed, own, later]) == ["approved", "ready", "ready", "ready", "ready"]


def test_a_reload_shows_the_same_sample(client: Client, author: User, approver: User) -> None:
    texts(author, 30)
    answer = client.get("/review/sample/", follow=True)
    address = answer.redirect_chain[-1][0]
    assert shown(answer) == shown(client.get(address))
    assert shown(answer) != shown(client.get("/review/sample/", follow=True))


@pytest.mark.parametrize("token", ["", "made up"])
def test_without_a_look_nothing_is_approved(client: Client, author: User, approver: User, token: str) -> None:
    made = texts(author, 1)
    page = client.post("/review/sample/approve/", {"token": token}, follow=True).content.decode()
    assert "Look at a sample first" in page
    assert states(made) == ["ready"]


def test_a_look_counts_for_its_filter_and_person_only(client: Client, author: User, approver: User) -> None:
    made = texts(author, 2)
    look = looked(client, "kind=sms")
    client.post("/review/sample/approve/", {"token": look["token"], "query": ""})
    client.force_login(make.user("approver"))
    client.post("/review/sample/approve/", {"token": look["token"], "query": look["query"]})
    assert states(made) == ["ready"] * 2


def test_approving_all_of_a_filter_begins_with_a_look(client: Client, author: User, approver: User) -> None:
    texts(author, 1)
    answer = client.post("/review/bulk/", {"act": "approve", "all": "on", "query": "kind=sms"})
    assert answer.headers["Location"] == "/review/sample/?kind=sms"


def test_a_one_person_shop_approves_its_own_in_bulk(
    client: Client, approver: User, settings: Settings
) -> None:
    settings.FOUR_EYES = False
    made = texts(approver, 2)
    assert "2 texts approved." in act(client, "approve", pick=picks(*made))
    assert not made[0].decisions.get().four_eyes
