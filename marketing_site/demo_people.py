"""The people of the demo: one for each role, with a password that everybody may know."""

from django.contrib.auth.models import Group, User

PASSWORD = "show-me-the-lift"  # noqa: S105  (printed on every start of the demo)
ROLES = ("viewer", "marketer", "approver", "administrator")


def create_people() -> list[str]:
    """Create the people who are missing and return the e-mail addresses of all; safe to call twice."""
    return [_create(role) for role in ROLES]


def _create(role: str) -> str:
    email = f"{role}@liftwright.example"
    defaults = {"email": email, "first_name": role.title(), "is_staff": role == "administrator"}
    person, created = User.objects.get_or_create(username=email, defaults=defaults)
    if created:
        person.set_password(PASSWORD)
        person.save()
        person.groups.add(Group.objects.get(name=role))
    return email
