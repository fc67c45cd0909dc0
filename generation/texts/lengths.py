"""How long a text is on its channel, and how long it may be."""

from generation.texts.kinds import Kind, Part

# GSM 03.38: characters that cost one of an SMS's 160 places, and those that cost two.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€\f")
SMS_PLACES, SMS_PLACES_OTHER_SCRIPTS = 160, 70


def length_and_limit(kind: Kind, part: Part, text: str) -> tuple[int, int]:
    """Return a filled text's length and its limit, in the units of its channel.

    One character outside GSM-7 turns a whole SMS to UTF-16, of which 70 units fit.
    """
    if kind != Kind.SMS:
        return len(text), part.limit
    if set(text) <= GSM | GSM_TWICE:
        return len(text) + sum(character in GSM_TWICE for character in text), SMS_PLACES
    return len(text.encode("utf-16-le")) // 2, SMS_PLACES_OTHER_SCRIPTS


def fits(kind: Kind, part: Part, text: str) -> bool:
    """Say whether a filled text is short enough."""
    length, limit = length_and_limit(kind, part, text)
    return length <= limit
