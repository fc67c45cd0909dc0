"""Deciding about texts: read, edit with a live check, approve, reject, reopen, ask for another."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from campaigns.models import Campaign
from generation.models import Run, Variant
from tests import make
from tests.generation import ledger
from tests.generation.reading import words_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def author() -> User:
    return make.user()


@pytest.fixture
def variant(author: User) -> Variant:
    return written(author)


def written(by: User, campaign: Campaign | None = None, kind: str = "sms") -> Variant:
    campaign = campaign or make.complete_campaign("Coffee", by)
    run = ledger.run(campaign=campaign, kind=kind, requested_by=by)
    ledger.write_all()
    return Variant.objects.get(job__run=run)


def decide(client: Client, variant: Variant, act: str, **fields: object) -> str:
    fields = {"version": variant.version} | fields
    answer = client.post(f"/variants/{variant.pk}/{act}/", fields, follow=True)
    variant.refresh_from_db()
    return answer.content.decode()


def steps(variant: Variant) -> list[str]:
    return list(variant.decisions.order_by("pk").values_list("action", flat=True))


def test_an_approver_approves_somebody_elses_text(client: Client, variant: Variant) -> None:
    approver = make.user("approver")
    client.force_login(approver)
    decide(client, variant, "approve")
    assert variant.state == "approved"
    decision = variant.decisions.get()
    assert (decision.action, decision.by, decision.four_eyes) == ("approve", approver, True)


def test_nobody_approves_what_they_asked_for(client: Client) -> None:
    approver = make.user("approver")
    variant = written(approver)
    client.force_login(approver)
    assert "somebody else" in decide(client, variant, "approve")
    assert variant.state == "ready"


def test_nobody_approves_what_they_changed_last(client: Client, variant: Variant) -> None:
    client.force_login(make.user("approver"))
    decide(client, variant, "edit", text="Good coffee, good day.")
    assert "somebody else" in decide(client, variant, "approve")
    assert variant.state == "ready"


def test_a_one_person_shop_may_switch_that_off_and_the_history_says_so(
    client: Client, settings: Settings
) -> None:
    settings.FOUR_EYES = False
    approver = make.user("approver")
    variant = written(approver)
    client.force_login(approver)
    decide(client, variant, "approve")
    assert variant.state == "approved"
    assert variant.decisions.get().four_eyes is False
    assert "four-eyes rule was off" in client.get(f"/variants/{variant.pk}/").content.decode()


def test_a_rejection_needs_a_reason(client: Client, variant: Variant) -> None:
    client.force_login(make.user("approver"))
    assert "Say why" in decide(client, variant, "reject", reason=" ")
    assert variant.state == "ready"
    decide(client, variant, "reject", reason="Too loud")
    assert variant.state == "rejected"
    assert variant.decisions.get().reason == "Too loud"


def test_a_decision_can_be_taken_back(client: Client, variant: Variant) -> None:
    client.force_login(make.user("approver"))
    decide(client, variant, "approve")
    decide(client, variant, "reopen")
    assert variant.state == "ready"
    assert steps(variant) == ["approve", "reopen"]


def test_an_edit_is_kept_with_what_stood_before(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    before = dict(variant.fields)
    page = decide(client, variant, "edit", text="{name}, for slow mornings.")
    assert variant.fields == {"text": "{name}, for slow mornings."}
    assert variant.original_fields == before
    assert (variant.edited_by, variant.version) == (author, 2)
    decision = variant.decisions.get()
    assert (decision.before, decision.after) == (before, {"text": "{name}, for slow mornings."})
    assert "<ins>" in page
    assert "<del>" in page


def test_a_slot_is_shown_as_a_reader_will_see_it(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    page = decide(client, variant, "edit", text="Only {price} for {name}.")
    assert variant.product
    assert f"Only $10 for {variant.product.name}." in words_of(page)


def test_an_edit_is_checked_while_it_is_typed_and_nothing_is_stored(
    client: Client, variant: Variant, author: User
) -> None:
    client.force_login(author)
    url = f"/variants/{variant.pk}/check/"
    fields = {"version": 1, "text": "Now 90% off at www.example.com!"}
    page = client.post(url, fields, headers=HTMX).content.decode()
    assert "Must be changed." in page
    assert "90%" in page
    variant.refresh_from_db()
    assert variant.fields == variant.original_fields


def test_a_false_price_cannot_be_approved_by_anybody(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    decide(client, variant, "edit", text="Only $1 today.")
    client.force_login(make.user("approver"))
    decide(client, variant, "approve")
    assert variant.state == "ready"


def test_what_people_type_is_escaped(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    page = decide(client, variant, "edit", text="<script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_two_editors_do_not_overwrite_each_other(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    seen = variant.version
    decide(client, variant, "edit", text="Theirs, saved first.")
    answer = client.post(f"/variants/{variant.pk}/edit/", {"version": seen, "text": "Mine, typed later."})
    page = answer.content.decode()
    variant.refresh_from_db()
    assert variant.fields == {"text": "Theirs, saved first."}
    assert answer.status_code == 422
    assert "Mine, typed later." in page
    assert "Theirs, saved first." in page
    assert 'name="version" value="2"' in page  # saving again is a decision, not an accident
    decide(client, variant, "edit", version=2, text="Mine, typed later.")
    assert variant.fields == {"text": "Mine, typed later."}


def test_an_approval_of_an_older_version_is_refused(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    decide(client, variant, "edit", text="Changed a moment ago.")
    client.force_login(make.user("approver"))
    assert "changed this text meanwhile" in decide(client, variant, "approve", version=1)
    assert variant.state == "ready"


def test_an_approved_text_is_not_edited(client: Client, variant: Variant, author: User) -> None:
    client.force_login(make.user("approver"))
    decide(client, variant, "approve")
    client.force_login(author)
    decide(client, variant, "edit", text="Changed behind their backs.")
    assert variant.fields == variant.original_fields


def test_an_empty_text_is_not_saved(client: Client, variant: Variant, author: User) -> None:
    client.force_login(author)
    assert client.post(f"/variants/{variant.pk}/edit/", {"version": 1, "text": ""}).status_code == 422


def test_another_text_is_asked_for_and_the_old_one_stays(
    client: Client, variant: Variant, author: User
) -> None:
    client.force_login(author)
    assert "on its way" in decide(client, variant, "regenerate")
    ledger.write_all()
    assert Variant.objects.filter(campaign=variant.campaign, kind="sms").count() == 2
    assert (variant.state, steps(variant)) == ("ready", ["regenerate"])
    assert Run.objects.latest("created_at").requested_by == author


def test_the_queue_shows_what_waits_oldest_first(client: Client, author: User) -> None:
    first, second = written(author), written(author)
    Variant.objects.filter(pk=second.pk).update(state="approved")
    third = written(author)
    client.force_login(make.user("approver"))
    page = client.get("/review/").content.decode()
    assert page.index(f'id="variant-{first.pk}"') < page.index(f'id="variant-{third.pk}"')
    assert f'id="variant-{second.pk}"' not in page
    assert client.get("/review/count/").content == b"2"


def test_after_a_decision_the_next_text_is_current(client: Client, author: User) -> None:
    _first, second, third = written(author), written(author), written(author)
    client.force_login(make.user("approver"))
    answer = client.post(f"/variants/{second.pk}/approve/", {"version": 1, "from": "queue"}, headers=HTMX)
    page = " ".join(answer.content.decode().split())
    assert f'id="variant-{second.pk}"' not in page
    assert f'id="variant-{third.pk}" class="card review" aria-current="true"' in page
    assert answer.headers["HX-Trigger"]


def test_the_queue_can_leave_out_what_one_may_not_approve(client: Client) -> None:
    approver = make.user("approver")
    mine, theirs = written(approver), written(make.user())
    client.force_login(approver)
    page = client.get("/review/?mine=on").content.decode()
    assert f'id="variant-{mine.pk}"' not in page
    assert f'id="variant-{theirs.pk}"' in page


def test_the_queue_of_one_campaign(client: Client, author: User) -> None:
    one, other = written(author), written(author)
    client.force_login(author)
    page = client.get(f"/review/?campaign={one.campaign_id}", headers=HTMX).content.decode()
    assert f'id="variant-{one.pk}"' in page
    assert f'id="variant-{other.pk}"' not in page


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("marketer", 403)])
@pytest.mark.parametrize("act", ["approve", "reject", "reopen"])
def test_who_may_not_decide(client: Client, variant: Variant, role: str, status: int, act: str) -> None:
    client.force_login(make.user(role))
    assert client.post(f"/variants/{variant.pk}/{act}/", {"version": 1}).status_code == status


@pytest.mark.parametrize("act", ["edit", "check", "regenerate"])
def test_a_viewer_reads_only(client: Client, variant: Variant, act: str) -> None:
    client.force_login(make.user("viewer"))
    assert client.post(f"/variants/{variant.pk}/{act}/", {"version": 1, "text": "x"}).status_code == 403
    page = client.get(f"/variants/{variant.pk}/").content.decode()
    assert f"/variants/{variant.pk}/edit/" not in page


@pytest.mark.parametrize("act", ["edit", "check", "approve", "reject", "reopen", "regenerate"])
def test_nothing_is_changed_by_get(client: Client, variant: Variant, act: str) -> None:
    client.force_login(make.user("approver"))
    assert client.get(f"/variants/{variant.pk}/{act}/").status_code == 405


def test_a_text_that_does_not_exist_is_not_found(client: Client) -> None:
    client.force_login(make.user("approver"))
    assert client.get("/variants/999999/").status_code == 404
    assert client.post("/variants/999999/approve/", {"version": 1}).status_code == 404
