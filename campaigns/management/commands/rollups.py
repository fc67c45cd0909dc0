"""`manage.py rollups`: compare every roll-up with a full rebuild, or rebuild them all."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns import attribution
from marketing_site.lib.figures import number
from shop import ledger


class Command(BaseCommand):
    """Say what differs and end with 1, or make it right."""

    help = (
        "Compare the roll-ups with a full rebuild that is taken back (--check), or rebuild them (--rebuild)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--check", action="store_true", help="change nothing; exit code 1 where one differs"
        )
        what.add_argument("--rebuild", action="store_true", help="recompute all of them from the facts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            attribution.rebuild_all()
            ledger.score_customers()
            self.stdout.write("Every roll-up is recomputed.")
            return
        try:
            found = attribution.differences()
        except attribution.Disturbed as error:
            raise CommandError(str(error)) from error
        for one in found:
            self.stdout.write(f"{one.rollup}: {number(one.rows)} rows differ")
            for example in one.examples:
                self.stdout.write(f"  {example}")
        if found:
            sys.exit(1)
        self.stdout.write("Every roll-up equals a full rebuild.")
