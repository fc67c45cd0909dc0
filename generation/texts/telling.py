"""Which facts of a sheet can be listed in a sentence of the program's own, and how."""

import re
from collections.abc import Sequence

from generation.facts import FactKind, FactSheet
from generation.texts.reading import is_emoji

# A fact with one of these would be read as a slot or as markup.
UNUSABLE = re.compile(r"[{}<>&@]|https?:|www\.")

# A first word that is written like any other, and those that keep their capital wherever they stand.
ORDINARY = re.compile(r"[A-Z][a-z'-]*(?=[ ,]|$)")
PROPER = re.compile(
    r"(?:\w+(?:ian|ese)|American|African|British|Ceylon|Czech|Danish|Dutch|English|European|Finnish|French|German|Greek|"
    r"Icelandic|Irish|Korean|Mexican|Moroccan|Nordic|Norwegian|Polish|Scottish|Spanish|Swedish|Swiss|Thai|Turkish|Welsh|"
    r"America|Africa|Asia|China|England|Europe|France|Germany|India|Ireland|Italy|Japan|Scotland|Spain|Sweden|Wales|"
    r"Arabica|Atlantic|Alpine|Mediterranean|Bluetooth|Cordura|Dyneema|Goodyear|Gore-tex|Lycra|Shetland|Teflon|Velcro|"
    r"Vibram|Android|Apple|Google|Linux|Mac|Windows|Christmas|Easter|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|"
    r"Sunday|January|February|March|April|June|July|August|September|October|November|December)\b"
)


def usable(text: str) -> bool:
    """Say whether a text from the catalogue can stand in a sentence as it is."""
    return not UNUSABLE.search(text)


def in_sentence(values: Sequence[str]) -> list[str]:
    """Return facts as they stand inside a sentence.

    Where most begin with a capital, as in many shops' lists, the capital is the list's and not the word's.
    """
    worded = [value for value in values if value[:1].isalpha()]
    if len(worded) < 2 or sum(value[0].isupper() for value in worded) * 2 <= len(worded):
        return list(values)
    return [_lowered(value) for value in values]


def category_in_sentence(category: str) -> str:
    """Return a category as it stands inside a sentence: "kitchen tools" for the menu's "Kitchen Tools"."""
    return " ".join(map(_lowered, category.split(" ")))


def _lowered(words: str) -> str:
    return words[0].lower() + words[1:] if ORDINARY.match(words) and not PROPER.match(words) else words


def telling_facts(sheet: FactSheet) -> list[str]:
    """Return the facts that can be listed and say more than the name does; else the category, if it does."""
    name = sheet.value(FactKind.NAME).lower()
    attributes = in_sentence([fact.value.rstrip(".。!！") for fact in sheet.of(FactKind.ATTRIBUTE)])
    for values in (attributes, [sheet.value(FactKind.CATEGORY)]):
        telling = [value for value in dict.fromkeys(values) if value and value.lower() not in name]
        if found := [value for value in telling if usable(value)]:
            return found
    return []


def heading_facts(sheet: FactSheet) -> list[str]:
    """Return the facts that can be a heading of their own: words, with nothing to trip over at their ends."""
    return [
        fact[:1].upper() + fact[1:]
        for fact in telling_facts(sheet)
        if fact[0].isalnum() and fact[-1].isalnum() and not any(map(is_emoji, fact))
    ]
