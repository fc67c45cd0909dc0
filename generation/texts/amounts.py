"""Amounts in texts: numbers with their currency or per cent sign, however they are written."""

import re
from collections.abc import Iterator
from decimal import Decimal

from generation.texts.lexicon import NUMBER_WORDS

# What an amount is compared by: a currency, "percent" or "", and its value.
Amount = tuple[str, Decimal]

CURRENCIES = {
    **dict.fromkeys(("$", "usd", "dollar", "dollars"), "USD"),
    **dict.fromkeys(("€", "eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("£", "gbp", "pound", "pounds"), "GBP"),
    **dict.fromkeys(("¥", "cny", "rmb", "元", "块"), "CNY"),
    **dict.fromkeys(("₹", "₩", "chf", "jpy", "cent", "cents"), "other money"),
}
MONEY = "|".join(
    re.escape(name) + (r"\b" if name.isalpha() and name.isascii() else "") for name in CURRENCIES
)
# A line's last number has nothing to do with the sign that begins the next one: facts are read line by line.
AMOUNT = re.compile(
    rf"(?P<before>{MONEY})?[^\S\n]*(?P<number>\d+(?:[.,]\d+)*)(?:[^\S\n]*(?P<after>%|per ?cent|折|{MONEY}))?",
    re.IGNORECASE,
)
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


def amounts(text: str) -> Iterator[tuple[re.Match[str], Amount]]:
    """Yield each amount of a text in plain form, with the match that found it."""
    for match in AMOUNT.finditer(text):
        yield match, (_unit(match), _value(match["number"]))


def _unit(match: re.Match[str]) -> str:
    names = ((match["before"] or "").lower(), (match["after"] or "").lower())
    if names[1] in {"%", "percent", "per cent", "折"}:
        return "percent"
    return next((CURRENCIES[name] for name in names if name), "")


def _value(number: str) -> Decimal:
    if THOUSANDS.fullmatch(number):
        return Decimal(number.replace(",", ""))
    whole, *rest = re.split("[.,]", number)
    return Decimal(f"{whole}.{''.join(rest)}" if rest else whole)


def known_amounts(text: str) -> set[Amount]:
    """Return the amounts that facts mention, in digits or in English words."""
    known = {amount for _, amount in amounts(text)}
    spelled = (NUMBER_WORDS.get(word) for word in re.findall(r"[a-z]+", text.lower()))
    return known | {("", Decimal(number)) for number in spelled if number is not None}
