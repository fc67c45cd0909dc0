"""The default model's folder, for the recipes that teach."""

from tests.generation.conftest import model_folder

__all__ = ["model_folder"]
