"""Which role may do what: four groups, made equal to this file after every migration."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.utils.translation import gettext_lazy as _

ROLE_NAMES = {
    "viewer": _("Viewer"),
    "marketer": _("Marketer"),
    "approver": _("Approver"),
    "administrator": _("Administrator"),
}
# What the roles work with, by app; `view` of a thing that only the program writes is a viewer's.
SEEN = {
    "shop": "product category customer order orderline refund event setupstep importfile",
    "campaigns": "campaign segment spend offerpolicy brandvoice decision coupon assignment",
    "generation": (
        "run job variant variantdecision personaloffer comment rewrite texttemplate writeback modelchoice"
    ),
}
DRAFTED = {
    "shop": "product category importfile",
    "campaigns": "campaign segment spend offerpolicy brandvoice",
    "generation": "run variant comment",
}

# How the model is taught: marketers see it, approvers start it, administrators put the result into use.
LEARNT = {"generation": "dataset example training evaluation promotion learningjob"}
TAUGHT = {"generation": "dataset training evaluation"}


def permissions_on(things: dict[str, str], *actions: str) -> set[str]:
    """Return "app.action_thing" for every thing and action."""
    return {
        f"{app}.{action}_{thing}"
        for app, names in things.items()
        for thing in names.split()
        for action in actions
    }


VIEWER = permissions_on(SEEN, "view")
# Spend is deleted by those who enter it: the history keeps it, and one click brings it back.
MARKETER = (
    VIEWER
    | permissions_on(DRAFTED, "add", "change")
    | permissions_on(LEARNT, "view")
    | {"shop.view_personal_data", "campaigns.delete_spend"}
)
APPROVER = (
    MARKETER
    | permissions_on(TAUGHT, "add")
    | {
        "campaigns.approve_campaign",
        "campaigns.launch_campaign",
        "campaigns.export_report",
        "shop.export_customer",
        "generation.approve_variant",
        "generation.export_offers",
    }
)


def sync_roles(**signal: Any) -> None:
    """Give each group exactly the permissions listed here; an administrator has every one."""
    for app_config in apps.get_app_configs():
        # The signal is sent app by app: without this the later apps' rows would be missing.
        create_permissions(app_config, verbosity=0)
    group_model, permission_model = apps.get_model("auth.Group"), apps.get_model("auth.Permission")
    permissions = permission_model.objects.select_related("content_type")
    known = {f"{one.content_type.app_label}.{one.codename}": one for one in permissions}
    roles = {"viewer": VIEWER, "marketer": MARKETER, "approver": APPROVER}
    for name, wanted in (roles | {"administrator": set(known)}).items():
        group, _created = group_model.objects.get_or_create(name=name)
        group.permissions.set(known[permission] for permission in wanted & known.keys())
