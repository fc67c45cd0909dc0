"""An importer in a process of its own, that can be killed: `python -m tests.chaos.importer [MUTATION]`."""

import sys
import time

import django

django.setup()

from django.db import transaction  # noqa: E402

from shop.importing import applying, lane, streams  # noqa: E402
from shop.importing.parts import Place, layout_of, prepared_parts  # noqa: E402
from shop.importing.working import Hold, handler_of  # noqa: E402
from shop.models.importing import ImportFile  # noqa: E402

# Many parts of a small file, so that every kill meets work.
BLOCK = 20_000
GAP_SECONDS = 0.05


def commits_parts(file: ImportFile, hold: Hold) -> None:
    """Store all or nothing, but commit each part: what must be caught."""
    layout = layout_of(file, handler_of(file))
    for part in prepared_parts(file, handler_of(file), Place(), layout):
        with transaction.atomic():
            applying._store(file, part, layout, {})
        time.sleep(GAP_SECONDS)


def slowly(advance: object) -> object:
    """Leave a gap between parts that a kill can hit."""

    def act(self: Hold, done: int) -> None:
        time.sleep(GAP_SECONDS)
        advance(self, done)  # type: ignore[operator]

    return act


def main() -> None:
    streams.BLOCK = BLOCK
    Hold.advance = slowly(Hold.advance)  # type: ignore[method-assign, assignment]
    if "commits_parts" in sys.argv:
        applying._at_once = commits_parts
    while ImportFile.objects.working().exists():
        if not lane.work_off("chaos"):
            time.sleep(0.05)


if __name__ == "__main__":
    main()
