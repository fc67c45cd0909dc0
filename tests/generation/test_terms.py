"""The terms of an offer: discount, cap, margin floor and code, by arithmetic."""

from decimal import Decimal

import pytest

from campaigns.models import OfferPolicy
from generation.offering.codes import ALPHABET, PLACEHOLDER, new_code
from generation.offering.discounting import Discount, discount

Kind = OfferPolicy.Kind


def policy(kind: Kind, value: str, **limits: str) -> OfferPolicy:
    return OfferPolicy(
        kind=kind, value=Decimal(value), **{name: Decimal(text) for name, text in limits.items()}
    )


def money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.mark.parametrize(
    ("given", "price", "cost", "wanted"),
    [
        (policy(Kind.PERCENT, "15"), "10", None, (Kind.PERCENT, "15", "8.50")),
        (policy(Kind.AMOUNT, "3"), "10", None, (Kind.AMOUNT, "3", "7")),
        (policy(Kind.AMOUNT, "30"), "10", None, (Kind.AMOUNT, "10", "0")),  # never below nothing
        (policy(Kind.PERCENT, "20", cap="5"), "100", None, (Kind.AMOUNT, "5", "95")),
        (policy(Kind.PERCENT, "20", cap="50"), "100", None, (Kind.PERCENT, "20", "80")),
        # Margin of 40 % at a cost of 6: the price may not fall below 10.
        (policy(Kind.PERCENT, "20", margin_floor="40"), "11", "6", (Kind.AMOUNT, "1.00", "10.00")),
        (policy(Kind.PERCENT, "20", margin_floor="40"), "10", "6", (Kind.NONE, None, "10")),
        (policy(Kind.PERCENT, "20", margin_floor="40"), "9", "6", (Kind.NONE, None, "9")),
        (policy(Kind.PERCENT, "20", margin_floor="40"), "20", "6", (Kind.PERCENT, "20", "16")),
        (policy(Kind.PERCENT, "20", margin_floor="40"), "20", None, (Kind.PERCENT, "20", "16")),
        (policy(Kind.PERCENT, "20", margin_floor="100"), "20", "6", (Kind.NONE, None, "20")),
        (policy(Kind.PERCENT, "15"), None, None, (Kind.PERCENT, "15", None)),
        (policy(Kind.NONE, "0"), "10", None, (Kind.NONE, None, "10")),
        (None, "10", None, (Kind.NONE, None, "10")),
    ],
)
def test_what_comes_off(
    given: OfferPolicy | None,
    price: str | None,
    cost: str | None,
    wanted: tuple[Kind, str | None, str | None],
) -> None:
    kind, value, after = wanted
    assert discount(given, money(price), money(cost)) == Discount(kind, money(value), money(after))


def test_codes_are_readable_unlike_and_as_long_as_the_placeholder() -> None:
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert {len(code) for code in codes} == {len(PLACEHOLDER)}
    assert set("".join(codes)) <= set(ALPHABET) | {"-"}
    assert not set(ALPHABET) & set("01258BILOSZ")
