"""Plain sentences from the facts, in English and Chinese, for where no text of the model passes."""

from generation.prompts import Brief

# Stored as the engine of such a text.
ENGINE = "template"


def plain_copy(brief: Brief, variant: int = 0) -> dict[str, str]:
    """Return field name -> text with slots; they pass the checks; `variant` picks a wording."""
    raise NotImplementedError
