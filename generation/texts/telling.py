"""Which facts of a sheet can be listed in a sentence of the program's own, and how."""

import re

from generation.facts import FactKind, FactSheet
from generation.texts.reading import is_emoji

# A fact with one of these would be read as a slot or as markup.
UNUSABLE = re.compile(r"[{}<>&@]|https?:|www\.")


def usable(text: str) -> bool:
    """Say whether a text from the catalogue can stand in a sentence as it is."""
    return not UNUSABLE.search(text)


def telling_facts(sheet: FactSheet) -> list[str]:
    """Return the facts that can be listed and say more than the name does; else the category, if it does."""
    name = sheet.value(FactKind.NAME).lower()
    attributes = [fact.value.rstrip(".。!！") for fact in sheet.of(FactKind.ATTRIBUTE)]
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
