"""The site as a Django app, so that its commands are found and roles follow every migration."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from marketing_site.field_texts import translate_field_texts
from marketing_site.roles import sync_roles


class MarketingSiteConfig(AppConfig):
    name = "marketing_site"

    def ready(self) -> None:
        translate_field_texts()
        # The signal comes once for each app; the roles are needed once.
        auth = apps.get_app_config("auth")
        post_migrate.connect(sync_roles, sender=auth, dispatch_uid="marketing_site.roles")
