"""The slots of a text: names in braces that the program, never the model, fills with facts."""

import re

from generation.facts import FactKind, FactSheet
from generation.texts.kinds import Copy

# The whole allow-list. {discount} is the whole phrase, such as "15% off".
SLOTS = {
    "name": FactKind.NAME,
    "price": FactKind.PRICE,
    "discount": FactKind.DISCOUNT,
    "code": FactKind.CODE,
    "until": FactKind.UNTIL,
    "minimum": FactKind.MINIMUM_BASKET,
}
SLOT = re.compile(r"\{([^{}]*)\}")


class UnknownSlot(ValueError):
    """The text names a slot that does not exist, or one for which there is no fact."""


def slot_values(sheet: FactSheet) -> dict[str, str]:
    """Return the value of each slot that the sheet can fill."""
    values = {slot: sheet.value(kind) for slot, kind in SLOTS.items()}
    return {slot: value for slot, value in values.items() if value}


def fill(text: str, values: dict[str, str]) -> str:
    """Put the values in, in one pass: a value that itself looks like a slot is not read again.

    Raises UnknownSlot for a slot without a value.
    """

    def value_of(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise UnknownSlot(match[0])
        return values[match[1]]

    return SLOT.sub(value_of, text)


def fill_copy(copy: Copy, sheet: FactSheet) -> dict[str, str]:
    """Fill every part of a text with the sheet's facts; raises UnknownSlot."""
    values = slot_values(sheet)
    return {field: fill(text, values) for field, text in copy.items()}
