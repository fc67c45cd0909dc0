"""How long a text is on its channel, and how long it may be."""

import re
import unicodedata
from collections.abc import Callable

from generation.texts.kinds import Counting, Kind, Part

# GSM 03.38: characters that cost one of an SMS's 160 places, and those that cost two.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€\f")
SMS_PLACES_OTHER_SCRIPTS = 70
# What X counts once (twitter-text configuration 3); all else twice, also an emoji of several characters.
X_ONCE = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
PICTURE = "[\u2600-\u27bf\U0001f300-\U0001faff]"
EMOJI = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|{PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*"
    rf"(?:\u200d{PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)


def length_and_limit(kind: Kind, part: Part, text: str) -> tuple[int, int]:
    """Return a filled text's length and its limit, in the units of its channel.

    One character outside GSM-7 turns a whole SMS to UTF-16, of which 70 units fit.
    """
    if part.counting == Counting.SMS and not set(text) <= GSM | GSM_TWICE:
        return len(text.encode("utf-16-le")) // 2, SMS_PLACES_OTHER_SCRIPTS
    return LENGTHS[part.counting](text), part.limit


def fits(kind: Kind, part: Part, text: str) -> bool:
    """Say whether a filled text is short enough."""
    length, limit = length_and_limit(kind, part, text)
    return length <= limit


def _septets(text: str) -> int:
    return len(text) + sum(character in GSM_TWICE for character in text)


def _on_x(text: str) -> int:
    pictures = len(EMOJI.findall(text))
    rest = unicodedata.normalize("NFC", EMOJI.sub("", text))
    return 2 * pictures + sum(
        1 if any(low <= ord(character) <= high for low, high in X_ONCE) else 2 for character in rest
    )


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


LENGTHS: dict[Counting, Callable[[str], int]] = {
    Counting.EACH: len,
    Counting.SMS: _septets,
    Counting.X: _on_x,
    Counting.WIDE: _wide,
}
