"""Which products may be foods: the laws on claims about foods bind those alone."""

import re
import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "not_food.toml"
# Names of several kinds of goods: "Watches and clocks", "CANDLES/ACCESSORIES", "坚果与果干".
BETWEEN_GOODS = re.compile(r"[/&+,;|>、·和与及]|-\s|\s-|\b(?:and|or)\b", re.IGNORECASE)


def may_be_food(category: str) -> bool:
    """Say whether products of the category may be foods, drinks or supplements.

    They may unless every part of its name says something else: "Vitamins and skin care" may, "Tea towels"
    may not. Without a category, or with one in words that the file lacks, they may too.
    """
    parts = [part.strip() for part in BETWEEN_GOODS.split(category) if part.strip()]
    return not parts or not all(_is_not_food(part) for part in parts)


def _is_not_food(goods: str) -> bool:
    not_food, still_food = _patterns()
    return bool(not_food.search(goods)) and not still_food.search(goods)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what says that goods are no food, and what says that they are all the same."""
    told = tomllib.loads(FILE.read_text())
    words = rf"(?<!\w)(?:{'|'.join(told['words'])})(?!\w)"
    not_food = "|".join([words, *told["characters"]])
    return re.compile(not_food, re.IGNORECASE), re.compile("|".join(told["still_food"]), re.IGNORECASE)
