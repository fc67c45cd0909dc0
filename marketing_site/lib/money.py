"""Money is Decimal: four places stored, two shown, rounded half-even."""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import partial

from django.db import models

ZERO = Decimal(0)
STORED = Decimal("0.0001")
SHOWN = Decimal("0.01")

# Signed on purpose: a correction or a negative margin is a fact. Columns that may not be
# negative say so with a constraint.
MoneyField = partial(models.DecimalField, max_digits=18, decimal_places=4)


def stored(amount: Decimal) -> Decimal:
    """Round to the four places that a money column keeps."""
    return amount.quantize(STORED, ROUND_HALF_EVEN)


def shown(amount: Decimal) -> Decimal:
    """Round to the two places that people read."""
    return amount.quantize(SHOWN, ROUND_HALF_EVEN)


def ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Divide, or None where the quotient is not defined: an unknown term, or nothing to divide by."""
    if part is None or not whole:
        return None
    return part / whole
