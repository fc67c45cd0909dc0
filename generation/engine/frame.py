"""The frame of a text with several lines: its labels are written by the engine, the words by the model.

A small model knows what to say in the second line better than what the second line is called.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field


@dataclass
class Frame:
    """Where one text stands between its labels."""

    labels: Sequence[Sequence[int]]  # the tokens that each line begins with
    newline: int
    ends: Collection[int]
    is_break: Callable[[int], bool]  # whether a token ends a line
    line: int = 0
    _waiting: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting = list(self.labels[0])

    def forced(self) -> int | None:
        """Return the only token that may come next; None where the model chooses."""
        return self._waiting[0] if self._waiting else None

    def turned(self, token: int) -> int:
        """Return what the model's choice means here: a line ends with a break, the last one with an end."""
        last = self.line == len(self.labels) - 1
        if not last and token in self.ends:
            return self.newline
        if last and self.is_break(token):
            return min(self.ends)
        return token

    def take(self, token: int) -> None:
        """Move on by one token."""
        if self._waiting:
            self._waiting.pop(0)
        elif self.is_break(token):
            self.line += 1
            self._waiting = list(self.labels[self.line])
