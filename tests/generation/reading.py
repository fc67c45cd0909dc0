"""A page as a reader sees it."""

import re

from django.utils.html import strip_tags

MARKS = re.compile(r"<sup>.*?</sup>")


def words_of(page: str) -> str:
    """Return a page's words, without tags and without the numbers of findings."""
    return " ".join(strip_tags(MARKS.sub("", page)).split())
