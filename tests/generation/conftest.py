"""The real small model, loaded once for all tests that are marked `model`."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from generation.engine.model_files import find_model, usable_folder

if TYPE_CHECKING:
    from generation.engine.local import LocalEngine


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The default model's folder; converting it takes half a minute once per machine."""

    def convert(source: Path, target: Path) -> None:
        importlib.import_module("generation.engine.local").convert(source, target, lambda fraction: None)

    return usable_folder(find_model(""), settings.MODEL_CACHE, convert)


@pytest.fixture(scope="session")
def engine(model_folder: Path) -> "LocalEngine":
    # Importing torch takes seconds, which tests without a model should not pay.
    local = importlib.import_module("generation.engine.local")
    loaded: LocalEngine = local.LocalEngine(model_folder, batch=8, threads=1)
    return loaded
