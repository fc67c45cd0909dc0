"""The WSGI application that Granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketing_site.settings")

application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  # loads every view before the first request does
# What is loaded by now stays for good: the collector, which walks it during pages, may leave it alone.
gc.collect()
gc.freeze()
