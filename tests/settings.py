"""The product's settings, on servers of the test session's own: nothing else may read or lose data here."""

import os
import tempfile
from pathlib import Path

if "LIFTWRIGHT_DATA" not in os.environ:
    # Made by the first process of the session; those of pytest-xdist inherit the variable.
    folder = Path(tempfile.mkdtemp(prefix="liftwright-test-"))
    folder.chmod(0o711)  # started by root, the servers run as another user
    os.environ["LIFTWRIGHT_DATA"] = os.environ["LIFTWRIGHT_THROWAWAY"] = str(folder)

from marketing_site.settings import *  # noqa: F403  (reads the variable)

# Fast, and every process has its own: no test waits for another's rate limit.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES |= {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}  # noqa: F405
# Writes at once and without a model; tests marked `model` name the real one themselves.
TEXT_ENGINE = "generation.engine.fake.FakeEngine"
GENERATION_ADAPTER = ""
# The heartbeat has a connection of its own, which would wait for the transaction that a test runs in.
WORK_HEARTBEAT_SECONDS = 3600
