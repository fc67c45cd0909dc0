"""The site: it wires the apps together and is imported by none of them, save its leaf `lib`."""

from marketing_site.celery import app as celery_app

__all__ = ["celery_app"]
