"""Loads a model without what torch and transformers bring along only to compile it or to use many machines.

That is a third of the time until an engine is ready, and an engine does neither.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

COMPILER = "torch._dynamo"
# What marks functions for the compiler.
MARKS = ("disable", "allow_in_graph", "assume_constant_result")


def unmarked(function: Callable[..., Any] | None = None, *_: object, **__: object) -> Callable[..., Any]:
    """Return a function as it is, in place of a mark for the compiler; serves with and without options."""
    return function or unmarked


@contextmanager
def compiler_aside() -> Iterator[None]:
    """Let a stand-in take the marks for the compiler; afterwards it is there for whoever asks for it.

    To be entered before transformers is imported. Modules in the compiler's folder can be imported meanwhile,
    each alone.
    """
    if COMPILER in sys.modules:
        yield
        return
    torch.distributed.is_available = lambda: False  # for good: modules keep what they were told
    parent, _dot, name = COMPILER.partition(".")
    stand_in = ModuleType(COMPILER)
    stand_in.__path__ = [str(Path(torch.__file__).with_name(name))]
    vars(stand_in).update(dict.fromkeys(MARKS, unmarked))
    sys.modules[COMPILER] = stand_in
    setattr(sys.modules[parent], name, stand_in)
    try:
        yield
    finally:
        del sys.modules[COMPILER]
        delattr(sys.modules[parent], name)
