"""Files into the ledger: received, looked at, checked, applied, undone. The door for pages, API and command.

Asking is quick and writes rows; the work is done by the worker of the lane `ingest`, part by part or all or
nothing (docs/imports.md).
"""

import os

from shop.importing.asking import cancel, configure, discard, request_apply, request_check, request_undo
from shop.importing.faults import ImportRefused, reworded, told
from shop.importing.kinds import Column, Kind, find, kinds
from shop.importing.looking import inspect, look_again
from shop.importing.receiving import receive
from shop.importing.rejects import rejected_csv

# Before polars is loaded, by whichever module needs it first.
# Two threads are as quick as many here, and each keeps memory of its own.
os.environ.setdefault("POLARS_MAX_THREADS", "2")
# What polars has freed goes back to the system soon, and not only when it is short of memory.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:100,muzzy_decay_ms:0,narenas:2")

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
