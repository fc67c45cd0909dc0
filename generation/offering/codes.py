"""Coupon codes that people can read aloud and nobody can guess."""

import secrets

# Without 0 O, 1 I L, 2 Z, 5 S, 8 B: they are mistaken for each other in print and by phone.
ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
GROUPS, GROUP_LENGTH = 2, 5
# Stands in campaign copy where each reader's own code will stand; as long as a real one.
PLACEHOLDER = "-".join(["X" * GROUP_LENGTH] * GROUPS)


def new_code() -> str:
    """Return a random code such as "K7RWE-3QFHM": 25^10, about 10^14 of them."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
