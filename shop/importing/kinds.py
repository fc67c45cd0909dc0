"""The kinds of files: their columns, and where the kinds of upper apps come from."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string

BUILT_IN = (
    "shop.importing.handlers.products.Products",
    "shop.importing.handlers.customers.Customers",
    "shop.importing.handlers.orders.Orders",
    "shop.importing.handlers.refunds.Refunds",
    "shop.importing.handlers.events.Events",
    "shop.importing.handlers.suppressions.Suppressions",
    "shop.importing.handlers.events.UserBehavior",
    "shop.importing.handlers.events.Taobao",
)


@dataclass(frozen=True)
class Column:
    """One field that a kind takes: its type is text, integer, number, money, time, day or choice."""

    name: str
    label: Any
    type: str = "text"
    required: bool = False
    # Names under which files have it, English and Chinese, in lower case with underscores.
    aliases: tuple[str, ...] = ()
    help: Any = ""
    example: str = ""
    # Longest text; smallest and largest number that is plausible for the business.
    max_length: int = 200
    low: float | None = None
    high: float | None = None
    # {word in the file: stored value}
    choices: tuple[tuple[str, str], ...] = ()


class Kind:
    """One kind of file and how its rows are written. Subclasses say what; shop.importing says how."""

    name: ClassVar[str]
    label: ClassVar[Any]
    help: ClassVar[Any] = ""
    columns: ClassVar[tuple[Column, ...]]
    # The fields of a file without a header, in their order; () where a file must have one.
    headerless: ClassVar[tuple[str, ...]] = ()
    # Whether an applied file can be taken back.
    undoable: ClassVar[bool] = True
    # Unknown products or customers: what the person may choose, the default first.
    orphans: ClassVar[tuple[str, ...]] = ()

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name == name), None)

    def example_csv(self) -> str:
        """Return a small file that can be imported, with every column."""
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow([one.name for one in self.columns])
        writer.writerows(self.example_rows())
        return target.getvalue()

    def example_rows(self) -> Sequence[Sequence[str]]:
        return [[one.example for one in self.columns]]


def kinds() -> list[Kind]:
    """Return the kinds of this app and those that settings name."""
    return list(_by_name().values())


def find(name: str) -> Kind:
    """Return the kind; raises KeyError."""
    return _by_name()[name]


@cache
def _by_name() -> dict[str, Kind]:
    made = [import_string(path)() for path in (*BUILT_IN, *settings.IMPORT_KINDS)]
    return {one.name: one for one in made}
