"""`manage.py import_file KIND FILE`: one file into the ledger, in this process, with a report in words."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop import importing
from shop.importing.lane import do_now
from shop.models.importing import ImportFile

State = ImportFile.State


class Command(BaseCommand):
    """Receive, check and apply a file, and say what became of its rows."""

    help = "Import a file: products, customers, orders, refunds, events and the other kinds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=[one.name for one in importing.kinds()])
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default="file", help="whose ids these are (default: file)")
        parser.add_argument("--mode", choices=ImportFile.Mode.values, default=ImportFile.Mode.ATOMIC)
        parser.add_argument("--check", action="store_true", help="only say what the file would do")
        parser.add_argument(
            "--shape", type=json.loads, default={}, help='JSON, such as {"encoding": "cp1252"}'
        )
        parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD")
        parser.add_argument("--policies", type=json.loads, help='JSON, such as {"orphans": "stub"}')
        parser.add_argument("--orphans", choices=["reject", "stub"], help="what becomes of unknown ids")
        parser.add_argument(
            "--rejected", type=Path, metavar="CSV", help="write the rejected rows to this file"
        )

    def handle(self, *, kind: str, file: Path, **options: Any) -> None:
        try:
            row = self.receive(kind, file, options)
            if row.known:
                self.stdout.write(f"This file was sent before: {row.get_state_display()}.")
                if row.state not in (State.RECEIVED, State.READY, State.FAILED):
                    return
            self.configure(row, options)
            self.work(row, options)
        except importing.ImportRefused as error:
            raise CommandError("\n".join([str(error), *_lines(error.faults)])) from error
        self.report(row, options)

    def receive(self, kind: str, file: Path, options: dict[str, Any]) -> ImportFile:
        try:
            with file.open("rb") as upload:
                return importing.receive(
                    kind, upload, file.name, source=options["source"], mode=options["mode"]
                )
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error

    def configure(self, row: ImportFile, options: dict[str, Any]) -> None:
        if row.state == State.FAILED:
            return
        importing.inspect(row)
        mapping = row.mapping | dict(one.split("=", 1) for one in options["map"])
        policies = dict(options["policies"] or row.policies)
        if options["orphans"]:
            policies["orphans"] = options["orphans"]
        guessed = {name: one["value"] for name, one in row.shape.items() if name not in options["shape"]}
        importing.configure(row, guessed | options["shape"], mapping, policies)
        self.stdout.write(
            "Read as: " + ", ".join(f"{name} {one['value']!r}" for name, one in row.shape.items())
        )
        left_out = [name for name in row.report["head"]["columns"] if name not in row.mapping]
        self.stdout.write("Columns: " + ", ".join(f"{name} → {one}" for name, one in row.mapping.items()))
        if left_out:
            self.stdout.write("Left out: " + ", ".join(left_out))

    def work(self, row: ImportFile, options: dict[str, Any]) -> None:
        """Check what is all or nothing, and apply it; a feed is checked while it is applied."""
        if row.state == State.RECEIVED and (options["check"] or row.mode == ImportFile.Mode.ATOMIC):
            importing.request_check(row)
            do_now(row)
        elif row.state == State.RECEIVED:
            ImportFile.objects.filter(pk=row.pk, state=State.RECEIVED).update(state=State.READY)
        if row.state != State.REJECTED and not options["check"]:
            importing.request_apply(row)
            do_now(row)

    def report(self, row: ImportFile, options: dict[str, Any]) -> None:
        row.refresh_from_db()
        self.stdout.write(
            f"{row.get_state_display().capitalize()}: {row.rows} rows, {row.new} new, {row.changed} changed, "
            f"{row.unchanged} unchanged, {row.rejected} rejected."
        )
        for one in row.rejected_rows.order_by("row_no")[:10]:
            for found in one.errors:
                self.stdout.write(
                    f"  row {one.row_no} (line {one.line_no}) {found['column']}: {found['message']}"
                )
        if options["rejected"]:
            options["rejected"].write_text("".join(importing.rejected_csv(row)), encoding="utf-8", newline="")
        if row.state in (State.REJECTED, State.FAILED, State.CANCELLED):
            raise CommandError("\n".join([row.problem, *_lines(row.report.get("header_faults", []))]))


def _lines(faults: list[dict[str, Any]]) -> list[str]:
    return [f"  {one['column']}: {one['message']}" for one in faults if one["column"]]
