"""The people of the demo can log in with the stated password, and are created once."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from marketing_site.demo_people import PASSWORD, PEOPLE, create_people


@pytest.mark.django_db
def test_one_person_for_each_role_can_log_in() -> None:
    create_people()
    for role, email in PEOPLE.items():
        page = Client()
        answer = page.post("/accounts/login/", {"login": email, "password": PASSWORD})
        assert answer.status_code == 302
        assert [group.name for group in User.objects.get(email=email).groups.all()] == [role]
    assert set(PEOPLE) == {"viewer", "marketer", "approver", "administrator"}


@pytest.mark.django_db
def test_a_second_start_changes_nobody() -> None:
    create_people()
    User.objects.filter(username=PEOPLE["viewer"]).update(first_name="Vera", password="changed")
    create_people()
    viewer = User.objects.get(username=PEOPLE["viewer"])
    assert (viewer.first_name, viewer.password) == ("Vera", "changed")
    assert User.objects.count() == len(PEOPLE)
