"""Files into the ledger: received, looked at, checked, applied, undone. The door for pages, API and command.

Asking is quick and writes rows; the work is done by the worker of the lane `ingest`, part by part or all or
nothing (docs/imports.md).
"""

from shop.importing.asking import (
    cancel,
    configure,
    discard,
    inspect,
    look_again,
    receive,
    rejected_csv,
    request_apply,
    request_check,
    request_undo,
)
from shop.importing.faults import ImportRefused, reworded, told
from shop.importing.kinds import Column, Kind, find, kinds

__all__ = [
    "Column",
    "ImportRefused",
    "Kind",
    "cancel",
    "configure",
    "discard",
    "find",
    "inspect",
    "kinds",
    "look_again",
    "receive",
    "rejected_csv",
    "request_apply",
    "request_check",
    "request_undo",
    "reworded",
    "told",
]
