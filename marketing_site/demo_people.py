"""The people of the demo: one for each role, with a password that everybody may know."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User

from marketing_site.roles import ROLE_NAMES

PASSWORD = "show-me-the-lift"  # noqa: S105  (printed on every start of the demo)
PEOPLE = {role: f"{role}@liftwright.example" for role in ROLE_NAMES}


def create_people() -> None:
    """Create the people who are missing; safe to call twice."""
    missing = set(PEOPLE.values()) - set(User.objects.values_list("username", flat=True))
    password = make_password(PASSWORD) if missing else ""  # hashing is slow on purpose: once for all
    for role, email in PEOPLE.items():
        if email in missing:
            person = User.objects.create(
                username=email,
                email=email,
                password=password,
                first_name=role.title(),
                is_staff=role == "administrator",
            )
            person.groups.add(Group.objects.get(name=role))
