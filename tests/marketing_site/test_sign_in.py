"""Signing in, staying signed in, and the ways back in."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils.timezone import now

from tests import make

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
LOGIN, HOME = "/accounts/login/", "/accounts/password/change/"


def sign_in(client: Client, email: str, password: str = PASSWORD, caller: str = "127.0.0.1") -> int:
    return client.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=caller).status_code


def test_people_sign_in_with_their_e_mail_address(client: Client) -> None:
    assert sign_in(client, make.user().email.upper()) == 302
    assert client.get(HOME).status_code == 200


def test_strangers_are_sent_to_the_sign_in_page_and_back(client: Client) -> None:
    assert client.get(HOME).headers["Location"] == f"{LOGIN}?next={HOME}"


def test_nobody_signs_up(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 404


def test_a_get_signs_nobody_out(client: Client) -> None:
    client.force_login(make.user())
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get(HOME).status_code == 200
    client.post("/accounts/logout/")
    assert client.get(HOME).status_code == 302


def test_an_account_that_is_switched_off_stays_out(client: Client) -> None:
    user = make.user()
    user.is_active = False
    user.save()
    sign_in(client, user.email)
    assert client.get(HOME).status_code == 302


def test_five_failures_close_one_account_for_five_minutes(client: Client) -> None:
    user = make.user()
    for _ in range(5):
        sign_in(client, user.email, "wrong")
    refused = client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert "Wait five minutes" in refused.content.decode()
    assert sign_in(Client(), make.user().email) == 302
    with time_machine.travel(now() + timedelta(minutes=6)):
        assert sign_in(client, user.email) == 302


def test_twenty_failures_close_a_whole_subnet(client: Client) -> None:
    user = make.user()
    for number in range(20):
        sign_in(client, f"somebody{number}@example.com", "wrong", caller=f"192.0.2.{number}")
    assert sign_in(client, user.email, caller="192.0.2.99") == 200
    assert sign_in(client, user.email, caller="198.51.100.1") == 302


def test_an_idle_hour_ends_the_session_and_polling_does_not_prolong_it(client: Client) -> None:
    client.force_login(make.user())
    client.get(HOME)
    with time_machine.travel(now() + timedelta(minutes=50)):
        client.get(HOME, headers={"X-Background": "1"})
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert client.get(HOME).status_code == 302


def test_twelve_hours_end_the_session_of_a_busy_person(client: Client) -> None:
    client.force_login(make.user())
    for minutes in range(0, 12 * 60, 50):
        with time_machine.travel(now() + timedelta(minutes=minutes)):
            assert client.get(HOME).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=12 * 60 + 1)):
        assert client.get(HOME).status_code == 302


def test_a_new_password_throws_out_every_other_browser(client: Client) -> None:
    user, other = make.user(), Client()
    client.force_login(user)
    other.force_login(user)
    new = {"password1": "a wholly new secret", "password2": "a wholly new secret"}
    client.post(HOME, {"oldpassword": PASSWORD, **new})
    assert client.get(HOME).status_code == 200
    assert other.get(HOME).status_code == 302
    assert mail.outbox[0].to == [user.email]


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(client: Client) -> None:
    user = make.user()
    client.post("/accounts/password/reset/", {"email": user.email})
    found = re.search(r"http://testserver(\S+)", str(mail.outbox[0].body))
    assert found
    form = client.get(found[1], follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "a wholly new secret", "password2": "a wholly new secret"})
    assert sign_in(Client(), user.email, "a wholly new secret") == 302
    assert "no longer works" in Client().get(found[1], follow=True).content.decode()


def test_a_reset_tells_nobody_whether_an_address_has_an_account(client: Client) -> None:
    known = client.post("/accounts/password/reset/", {"email": make.user().email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    assert len(mail.outbox) == 1


def test_the_reset_mail_speaks_the_language_of_the_page(client: Client) -> None:
    client.post(
        "/accounts/password/reset/", {"email": make.user().email}, headers={"Accept-Language": "de, en"}
    )
    assert "/accounts/password/reset/key/" in str(mail.outbox[0].body)
    assert mail.outbox[0].subject == "Liftwright: choose a new password"


def test_the_administration_has_the_same_door_and_is_for_administrators(client: Client) -> None:
    assert client.get("/admin/login/?next=/admin/").headers["Location"].startswith(LOGIN)
    client.force_login(make.user("approver"))
    assert client.get("/admin/", follow=True).status_code == 403
    client.force_login(make.user("administrator"))
    assert client.get("/admin/").status_code == 200
