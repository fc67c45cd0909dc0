"""An empty folder is set up within seconds: the tables of an app are created in one step."""

import pytest
from django.apps import apps
from django.contrib.postgres.operations import CreateExtension
from django.db.migrations.loader import MigrationLoader

from marketing_site.lib.creating import CreateModels

OWN = [
    config.label for config in apps.get_app_configs() if config.label in ("shop", "campaigns", "generation")
]


@pytest.mark.parametrize("app", OWN)
def test_a_first_migration_creates_all_models_at_once(app: str) -> None:
    first = MigrationLoader(None).disk_migrations[app, "0001_initial"]
    others = [one for one in first.operations if not isinstance(one, CreateModels | CreateExtension)]
    assert not others
