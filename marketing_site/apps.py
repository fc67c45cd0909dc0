"""The site as a Django app, so that its commands are found and roles follow every migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from marketing_site.roles import sync_roles


class MarketingSiteConfig(AppConfig):
    name = "marketing_site"

    def ready(self) -> None:
        post_migrate.connect(sync_roles, dispatch_uid="marketing_site.roles")
