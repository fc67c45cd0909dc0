"""Whether a translation keeps the facts of its original: the slots, or what they are filled with."""

from collections.abc import Iterator
from dataclasses import replace

from generation.checks.findings import Finding, finding
from generation.facts import FactSheet
from generation.texts.kinds import PARTS, Copy, Kind
from generation.texts.slots import SLOT, slot_values

# Shorter values, such as "5", stand in too many other words to be taken for the fact.
SHORTEST_VALUE = 3


def slotted(copy: Copy, sheet: FactSheet) -> dict[str, str]:
    """Return a text with slots wherever somebody typed out a slot's value."""
    values = sorted(slot_values(sheet).items(), key=lambda item: -len(item[1]))
    return {field: _slotted(text, values) for field, text in copy.items()}


def _slotted(text: str, values: list[tuple[str, str]]) -> str:
    for slot, value in values:
        if len(value) >= SHORTEST_VALUE:
            text = text.replace(value, f"{{{slot}}}")
    return text


def slots_of(copy: Copy) -> list[str]:
    """Return the slots of a text, each once, in their order."""
    return list(dict.fromkeys(match[1] for text in copy.values() for match in SLOT.finditer(text)))


def lost(copy: Copy, original: Copy, sheet: FactSheet) -> list[str]:
    """Return the slots that the original has and the translation lacks."""
    kept = set(slots_of(slotted(copy, sheet)))
    return [slot for slot in slots_of(original) if slot in slot_values(sheet) and slot not in kept]


def lost_slots(copy: Copy, original: Copy, sheet: FactSheet, kind: Kind) -> Iterator[Finding]:
    """Yield a finding for each fact of the original that the translation does not have."""
    for slot in lost(copy, original, sheet):
        named = f"{{{slot}}}"
        found = finding("lost_slot", PARTS[kind][-1].name, named, 0, len(named))
        yield replace(found, start=0, end=0)
