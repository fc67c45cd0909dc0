"""The pages of runs: progress, items, cancel, try again, skip, pause, and who may."""

import pytest
from django.test import Client

from generation.models import Job, Run, Variant
from generation.work import claiming, reasons
from shop.models import Lane
from tests import make
from tests.generation import ledger

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def page(client: Client, run: Run, query: str = "") -> str:
    return client.get(f"/generation/runs/{run.pk}/{query}", headers=HTMX).content.decode()


def test_a_run_is_watched_until_it_is_over(client: Client) -> None:
    run = ledger.run(jobs=3, campaign=make.complete_campaign())
    client.force_login(make.user())
    assert "every 2s" in page(client, run)
    ledger.write_all()
    over = page(client, run)
    assert "every 2s" not in over
    assert "3 of 3" in over
    for variant in Variant.objects.all():
        assert f"/variants/{variant.pk}/" in over


def test_each_item_tells_its_story(client: Client) -> None:
    run = ledger.run()
    [job] = claiming.claim("writer 2", 1)
    claiming.give_back(job, f"{reasons.ERROR}: boom", failed=True)
    client.force_login(make.user())
    shown = page(client, run)
    assert "writer 2" in shown
    assert "Trying again at" in shown
    assert "(2 of 5)" in shown


def test_time_left_and_speed_come_from_the_latest_texts(client: Client) -> None:
    earlier = ledger.run(campaign=make.complete_campaign())
    ledger.write_all()
    earlier.jobs.update(new_tokens=300, seconds=30)
    run = ledger.run(jobs=8)
    ledger.writer_alive()
    client.force_login(make.user())
    shown = page(client, run)
    assert "10.0 tokens/s" in shown
    assert "about 4 minutes left" in shown


def test_a_run_behind_another_one_says_so(client: Client) -> None:
    ledger.run(jobs=5)
    run = ledger.run(jobs=2)
    ledger.writer_alive()
    client.force_login(make.user())
    assert "Waiting in line: 1 other run comes first." in page(client, run)


def test_who_asked_may_cancel(client: Client) -> None:
    marketer = make.user()
    run = ledger.run(jobs=3, requested_by=marketer)
    client.force_login(marketer)
    answer = client.post(f"/generation/runs/{run.pk}/cancel/", follow=True)
    assert ledger.states(run) == ["cancelled"] * 3
    assert "Cancelled by" in answer.content.decode()


def test_another_marketer_may_not_cancel_but_an_approver_may(client: Client) -> None:
    run = ledger.run(jobs=3, requested_by=make.user())
    client.force_login(make.user())
    assert (
        "can cancel this run"
        in client.post(f"/generation/runs/{run.pk}/cancel/", follow=True).content.decode()
    )
    assert ledger.states(run) == ["queued"] * 3
    client.force_login(make.user("approver"))
    client.post(f"/generation/runs/{run.pk}/cancel/")
    assert ledger.states(run) == ["cancelled"] * 3


def test_what_needs_a_person_is_tried_again_or_skipped(client: Client) -> None:
    run = ledger.run(jobs=3)
    run.jobs.update(state="dead", fails=5, reason=reasons.ENGINE_DIED)
    first, second, _third = run.jobs.order_by("pk")
    client.force_login(make.user())
    assert "3 texts need you" in page(client, run)
    client.post(f"/generation/jobs/{first.pk}/again/")
    client.post(f"/generation/jobs/{second.pk}/skip/")
    assert ledger.states(run) == ["queued", "skipped", "dead"]
    client.post(f"/generation/runs/{run.pk}/again/")
    assert ledger.states(run) == ["queued", "skipped", "queued"]


def test_items_are_listed_by_state(client: Client) -> None:
    run = ledger.run(jobs=2)
    Job.objects.filter(pk=run.jobs.order_by("pk")[0].pk).update(state="dead", reason=reasons.NO_PRODUCT)
    client.force_login(make.user())
    assert page(client, run, "?state=dead").count("<tr id=") == 1
    assert page(client, run, "?state=nonsense").count("<tr id=") == 2


def test_the_list_names_runs_and_writers(client: Client) -> None:
    run = ledger.run(campaign=make.campaign("Spring"))
    client.force_login(make.user("viewer"))
    assert "No writer is running." in client.get("/generation/").content.decode()
    ledger.writer_alive()
    shown = client.get("/generation/").content.decode()
    assert "Spring" in shown
    assert str(run.pk) in shown
    assert "waiting for work" in shown


def test_an_administrator_pauses_and_resumes(client: Client) -> None:
    run = ledger.run()
    client.force_login(make.user("administrator"))
    client.post("/generation/pause/")
    assert "paused writing" in page(client, run)
    assert claiming.claim("w", 1) == []
    client.post("/generation/resume/")
    assert not Lane.objects.filter(paused=True).exists()


@pytest.mark.parametrize("role", ["viewer", "marketer", "approver"])
def test_nobody_else_pauses(client: Client, role: str) -> None:
    client.force_login(make.user(role))
    assert client.post("/generation/pause/").status_code == 403


def test_a_viewer_watches_only(client: Client) -> None:
    run = ledger.run()
    client.force_login(make.user("viewer"))
    assert "/cancel/" not in page(client, run)
    for act in ("cancel", "again"):
        assert client.post(f"/generation/runs/{run.pk}/{act}/").status_code == 403


def test_a_run_that_does_not_exist_is_not_found(client: Client) -> None:
    client.force_login(make.user())
    assert client.get("/generation/runs/00000000-0000-4000-8000-000000000000/").status_code == 404
    assert client.post("/generation/jobs/999999/skip/").status_code == 404


def test_nothing_is_changed_by_get(client: Client) -> None:
    run = ledger.run()
    client.force_login(make.user("administrator"))
    for url in (f"runs/{run.pk}/cancel", f"runs/{run.pk}/again", "pause", "resume"):
        assert client.get(f"/generation/{url}/").status_code == 405
