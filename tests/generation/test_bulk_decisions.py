"""Decisions about very many texts: carried out beside the pages, piece by piece, whole or not at all."""

import threading
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.test import Client

from generation import bulk, deciding
from generation.models import BulkDecision, Variant, VariantDecision
from marketing_site.lib import work
from tests import make
from tests.generation.test_review import HTMX, decide
from tests.generation.test_review_queue import act, approver, author, looked, picks, states, texts

__all__ = ["approver", "author"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "PIECE", 2)


def work_off() -> None:
    deciding.work_off("test", threading.Event())


def after_pieces(number: int, monkeypatch: pytest.MonkeyPatch, then: Any) -> None:
    """Do something before the piece after so many."""
    piece, pieces = deciding._piece, count()

    def counted(asked: BulkDecision) -> None:
        if next(pieces) == number:
            then(asked)
        piece(asked)

    monkeypatch.setattr(deciding, "_piece", counted)


def test_very_many_are_approved_beside_the_pages_and_taken_back_together(
    client: Client, author: User, approver: User
) -> None:
    made = texts(author, 5)
    look = looked(client, "kind=sms")
    answer = client.post("/review/sample/approve/", {"token": look["token"], "query": look["query"]})
    address = answer.headers["Location"]
    page = client.get(address).content.decode()
    assert "Approving 5 texts" in page
    assert "0 of 5" in page
    assert "every 2s" in page
    assert "A decision of yours" in client.get("/review/").content.decode()
    assert states(made) == ["ready"] * 5
    assert "still on its way" in client.post("/review/undo/", follow=True).content.decode()
    work_off()
    told = client.get(address, headers=HTMX).content.decode()
    assert "5 texts approved." in told
    assert "every 2s" not in told
    assert "/review/?kind=sms" in told
    assert states(made) == ["approved"] * 5
    assert VariantDecision.objects.values("batch").distinct().count() == 1
    back = client.post("/review/undo/", {"query": "kind=sms"}).headers["Location"]
    page = client.get(back).content.decode()
    assert "Taking back the decision about 5 texts" in page
    assert states(made) == ["approved"] * 5
    work_off()
    told = client.get(back, headers=HTMX).content.decode()
    assert "Taken back: 5 texts wait again." in told
    assert "/review/?kind=sms" in told
    assert "Undo" not in told
    assert states(made) == ["ready"] * 5


def test_the_key_for_undo_leads_to_the_page_that_tells_how_far_it_is(
    client: Client, author: User, approver: User
) -> None:
    act(client, "approve", pick=picks(*texts(author, 3)))
    work_off()
    answer = client.post("/review/undo/", headers=HTMX)
    undoing = BulkDecision.objects.get(action="reopen")
    assert answer.headers["HX-Redirect"] == undoing.get_absolute_url()


def test_what_was_decided_since_stays_when_many_are_taken_back(
    client: Client, author: User, approver: User
) -> None:
    made = texts(author, 5)
    act(client, "reject", pick=picks(*made), code="dull")
    work_off()
    client.post("/review/undo/")
    decide(client, made[0], "reopen")
    made[0].refresh_from_db()
    decide(client, made[0], "approve")
    work_off()
    undoing = BulkDecision.objects.get(action="reopen")
    assert (undoing.decided, undoing.left) == (4, {"changed": 1})
    assert states(made) == ["approved", *["ready"] * 4]


def test_an_undo_that_was_stopped_is_asked_for_again(
    client: Client, author: User, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = texts(author, 5)
    act(client, "approve", pick=picks(*made))
    work_off()
    address = client.post("/review/undo/").headers["Location"]
    with monkeypatch.context() as once:
        after_pieces(1, once, lambda asked: client.post(f"{address}stop/"))
        work_off()
    assert states(made) == ["ready"] * 2 + ["approved"] * 3
    client.post("/review/undo/")
    work_off()
    assert states(made) == ["ready"] * 5


def test_each_is_judged_as_one_alone_would_be(client: Client, author: User, approver: User) -> None:
    made = texts(author, 5)
    before = picks(*made)
    Variant.objects.filter(pk=made[0].pk).update(fields={"text": "Only $1 for {name}."})
    act(client, "approve", pick=before)
    Variant.objects.filter(pk=made[4].pk).update(version=2)
    work_off()
    asked = BulkDecision.objects.get()
    assert (asked.state, asked.decided, asked.left) == ("done", 3, {"findings": 1, "changed": 1})
    assert states(made) == ["ready", "approved", "approved", "approved", "ready"]
    page = client.get(asked.get_absolute_url()).content.decode()
    assert "2 texts were left" in page


def test_a_reason_and_a_person_come_along(client: Client, author: User, approver: User) -> None:
    made = texts(author, 6)
    act(client, "reject", pick=picks(*made[:3]), code="voice", reason="Too loud")
    act(client, "assign", pick=picks(*made[3:]), to=approver.pk)
    work_off()
    assert {(one.code, one.reason) for one in made[0].decisions.all()} == {("voice", "Too loud")}
    assert states(made) == ["rejected"] * 3 + ["ready"] * 3
    assert Variant.objects.filter(assigned_to=approver).count() == 3


def test_what_cannot_be_carried_out_is_refused_at_once(client: Client, author: User, approver: User) -> None:
    made = texts(author, 3)
    assert "Say why" in act(client, "reject", pick=picks(*made))
    assert not BulkDecision.objects.exists()


def test_it_is_stopped_and_what_was_decided_stays(
    client: Client, author: User, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = texts(author, 5)
    act(client, "approve", pick=picks(*made))
    address = BulkDecision.objects.get().get_absolute_url()
    after_pieces(1, monkeypatch, lambda asked: client.post(f"{address}stop/"))
    work_off()
    assert states(made) == ["approved"] * 2 + ["ready"] * 3
    page = client.get(address).content.decode()
    assert "Stopped." in page
    assert "2 texts approved." in page


def test_a_worker_that_dies_is_followed_by_one_that_goes_on(
    client: Client, author: User, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = texts(author, 5)
    act(client, "approve", pick=picks(*made))
    [asked] = work.claim(BulkDecision.objects.all(), 1, "gone")
    deciding._piece(asked)
    BulkDecision.objects.update(lease_until=Now())
    assert deciding.sweep() == 1
    with pytest.raises(work.LostLease):
        deciding._piece(asked)
    work_off()
    assert states(made) == ["approved"] * 5
    assert VariantDecision.objects.filter(action="approve").count() == 5


def test_a_worker_that_shuts_down_hands_it_back(
    client: Client, author: User, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = texts(author, 5)
    act(client, "approve", pick=picks(*made))
    stopping = threading.Event()
    after_pieces(1, monkeypatch, lambda asked: stopping.set())
    deciding.work_off("test", stopping)
    asked = BulkDecision.objects.get()
    assert (asked.state, asked.looked_at, asked.crashes) == ("queued", 4, 0)
    work_off()
    assert states(made) == ["approved"] * 5


def test_whoever_may_not_approve_any_more_decides_nothing_more(
    client: Client, author: User, approver: User
) -> None:
    made = texts(author, 3)
    act(client, "approve", pick=picks(*made))
    approver.groups.clear()
    work_off()
    assert BulkDecision.objects.get().state == "dead"
    assert states(made) == ["ready"] * 3


def test_an_error_is_tried_again_and_leaves_no_piece_half_done(
    client: Client, author: User, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = texts(author, 4)
    act(client, "approve", pick=picks(*made))
    written = bulk._write
    monkeypatch.setattr(bulk, "_write", lambda *told: written(*told) or 1 / 0)
    work_off()
    asked = BulkDecision.objects.get()
    assert (asked.state, asked.fails, asked.looked_at) == ("retry_wait", 1, 0)
    assert states(made) == ["ready"] * 4
    assert "Deciding failed" in client.get(asked.get_absolute_url()).content.decode()


def test_nobody_sees_or_stops_what_others_decided(client: Client, author: User, approver: User) -> None:
    made = texts(author, 3)
    act(client, "approve", pick=picks(*made))
    address = BulkDecision.objects.get().get_absolute_url()
    client.force_login(make.user("approver"))
    assert client.get(address).status_code == 404
    assert client.post(f"{address}stop/").status_code == 404
    assert "A decision of yours" not in client.get("/review/").content.decode()
    decide(client, made[0], "approve")
    assert "1 text waits again" in client.post("/review/undo/", follow=True).content.decode()
