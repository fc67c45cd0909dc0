"""Where the browser of the browser tests is; `python -m tests.chromium` says so, or how to get it."""

import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "Chromium is missing, and the browser tests need it: sudo apt-get install -y chromium fonts-noto-cjk"
)


def path() -> str | None:
    """Return the program's path, or None where it is not installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__":
    sys.exit(None if path() else MISSING)
