"""Who may do what, as the groups in the database say."""

import pytest
from django.contrib.auth.models import Group, Permission

from marketing_site.roles import sync_roles
from tests import make

pytestmark = pytest.mark.django_db
MAY = {
    "campaigns.view_campaign": "viewer marketer approver administrator",
    "generation.view_variant": "viewer marketer approver administrator",
    "shop.view_personal_data": "marketer approver administrator",
    "campaigns.add_campaign": "marketer approver administrator",
    "campaigns.change_segment": "marketer approver administrator",
    "campaigns.add_spend": "marketer approver administrator",
    "shop.change_product": "marketer approver administrator",
    "generation.add_run": "marketer approver administrator",
    "campaigns.approve_campaign": "approver administrator",
    "campaigns.launch_campaign": "approver administrator",
    "campaigns.export_report": "approver administrator",
    "shop.export_customer": "approver administrator",
    "shop.erase_customer": "administrator",
    "generation.approve_variant": "approver administrator",
    "generation.export_offers": "approver administrator",
    "generation.view_dataset": "marketer approver administrator",
    "generation.add_training": "approver administrator",
    "generation.promote_adapter": "administrator",
    "generation.download_dataset": "administrator",
    "shop.add_apikey": "administrator",
    "auth.change_user": "administrator",
    "shop.delete_product": "administrator",
}


@pytest.mark.parametrize("permission", MAY)
def test_a_permission_belongs_to_exactly_these_roles(permission: str) -> None:
    roles = ["viewer", "marketer", "approver", "administrator"]
    assert [role for role in roles if make.user(role).has_perm(permission)] == MAY[permission].split()


def test_every_permission_named_for_a_role_exists() -> None:
    assert len(MAY) == sum(
        Permission.objects.filter(content_type__app_label=app, codename=name).count()
        for app, name in (permission.split(".") for permission in MAY)
    )


def test_a_changed_group_is_made_equal_to_the_table_again() -> None:
    viewer = Group.objects.get(name="viewer")
    viewer.permissions.add(Permission.objects.get(codename="approve_campaign"))
    sync_roles()
    assert not viewer.permissions.filter(codename="approve_campaign").exists()
