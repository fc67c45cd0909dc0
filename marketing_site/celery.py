"""The Celery app; everything that can be set stands in settings (CELERY_*)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_site.settings")

app = Celery("marketing_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Sweeping and writing run beside the tasks, in threads of the worker process.
app.steps["worker"].add("generation.tasks:WorkStep")
app.steps["worker"].add("shop.importing.waking:ImportStep")
