"""Lists as people type them into a text field: words by commas, lines, paragraphs."""

import re


def words(text: str) -> tuple[str, ...]:
    """Split at commas, also Chinese ones, and line breaks; each word once."""
    return _each(re.split(r"[,，、\n]", text))


def lines(text: str) -> tuple[str, ...]:
    """Split at line breaks; each line once."""
    return _each(text.splitlines())


def paragraphs(text: str) -> tuple[str, ...]:
    """Split where a line is empty; breaks inside a paragraph become spaces."""
    return _each(re.split(r"\n\s*\n", text.replace("\r\n", "\n")))


def _each(parts: list[str]) -> tuple[str, ...]:
    clean = (" ".join(part.split()) for part in parts)
    return tuple(dict.fromkeys(part for part in clean if part))
