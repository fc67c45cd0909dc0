"""Which examples teach and which judge: by product and by time, so that nothing is judged that was taught."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from generation.models.learning import Split

# Shares of the products; the rest teaches.
TEST, VALIDATION = 0.15, 0.15
# Below this many products there is nothing to set aside.
FEWEST = 3
NEVER = datetime.min.replace(tzinfo=UTC)


def split(products: Mapping[str, datetime | None]) -> dict[str, Split]:
    """Return for each product which split all of its texts are in; the latest ones judge.

    A product's time is that of its latest text, None for what has no time, such as the starter corpus.
    Equal times are ordered by a hash of the name, so that the same texts always give the same splits.
    """
    ordered = sorted(products, key=lambda name: (products[name] or NEVER, _place(name)), reverse=True)
    if len(ordered) < FEWEST:
        return dict.fromkeys(ordered, Split.TRAIN)
    tested, watched = (max(1, round(share * len(ordered))) for share in (TEST, VALIDATION))
    splits = [Split.TEST] * tested + [Split.VALIDATION] * watched
    splits += [Split.TRAIN] * (len(ordered) - len(splits))
    return dict(zip(ordered, splits, strict=True))


def _place(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
