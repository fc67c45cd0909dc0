"""What every answer carries, and the small pages of the frame."""

import pytest
from django.test import Client

from campaigns.models import Campaign
from shop.models import Product, SetupStep
from tests import make

pytestmark = pytest.mark.django_db
PAGE = "/accounts/password/change/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    return client


@pytest.mark.parametrize("address", ["/accounts/login/", PAGE, "/no/such/page/", "/session/", "/admin/"])
def test_every_answer_forbids_inline_code_and_outside_requests(client: Client, address: str) -> None:
    policy = client.get(address).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_for_signed_in_people_are_kept_nowhere(marketer: Client) -> None:
    assert "no-store" in marketer.get(PAGE).headers["Cache-Control"]


def test_a_swap_without_a_session_answers_401_and_keeps_the_page(client: Client) -> None:
    answer = client.post(PAGE, {"note": "typed"}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (401, '{"signedOut": {}}')


def test_forms_can_ask_whether_the_session_lives(client: Client) -> None:
    assert client.get("/session/").status_code == 401
    client.force_login(make.user())
    assert client.get("/session/").status_code == 204


def test_the_theme_is_a_cookie_and_leads_back_only_to_this_site(client: Client) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": "/accounts/login/?next=/"})
    assert answer.headers["Location"] == "/accounts/login/?next=/"
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()
    stranger = client.post("/theme/", {"theme": '"><b>', "next": "https://elsewhere.example/"})
    assert stranger.headers["Location"] == "/"
    assert client.get("/theme/").status_code == 405


def test_the_set_up_strip_asks_again_only_while_something_is_unfinished(marketer: Client) -> None:
    step = SetupStep.objects.create(name="a", label="Demo data", done=3, total=9, state="running")
    running = marketer.get("/setup/")
    assert "3 of 9" in running.content.decode()
    assert "every 2s" in running.content.decode()
    step.state, step.detail = "failed", "The disk is full: free 2 GB, then start again."
    step.save()
    failed = marketer.get("/setup/").content.decode()
    assert "The disk is full" in failed
    assert "every 2s" not in failed
    step.state = "done"
    step.save()
    assert "every 2s" not in marketer.get("/setup/?watched").content.decode()
    assert 'hx-get="/setup/"' not in marketer.get(PAGE).content.decode()


def test_search_finds_only_what_the_person_may_see(client: Client) -> None:
    Campaign.objects.create(name="Spring coffee")
    Product.objects.create(sku="C1", name="Coffee, ground")
    client.force_login(make.user("viewer"))
    found = client.get("/search/?q=coffee").content.decode()
    assert "Spring coffee" in found
    assert "Coffee, ground" in found
    stranger = make.user("viewer")
    stranger.groups.clear()
    client.force_login(stranger)
    assert "offee" not in client.get("/search/?q=cof").content.decode().replace("“cof”", "")


def test_only_administrators_see_the_settings(marketer: Client) -> None:
    assert 'href="/admin/"' not in marketer.get(PAGE).content.decode()
    marketer.force_login(make.user("administrator"))
    assert 'href="/admin/"' in marketer.get(PAGE).content.decode()


def test_an_unknown_address_says_what_to_do(marketer: Client) -> None:
    answer = marketer.get("/no/such/page/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_a_form_from_an_old_page_is_refused_and_gives_the_text_back() -> None:
    client = Client(enforce_csrf_checks=True)
    typed = {"note": "<b>precious</b>", "password": "secret", "csrfmiddlewaretoken": "old"}
    answer = client.post("/accounts/password/reset/", typed)
    body = answer.content.decode()
    assert answer.status_code == 403
    assert "&lt;b&gt;precious&lt;/b&gt;" in body
    assert "secret" not in body
    assert "Open the page again" in body
