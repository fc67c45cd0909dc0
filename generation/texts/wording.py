"""A wording: phrases, which may follow which, and the lines of a text that is bound to them."""

from dataclasses import dataclass

# Kinds that every wording has: what stands before a line's first phrase, and what ends a sentence.
START, STOP = "start", "stop"


@dataclass(frozen=True)
class Line:
    """One line of a bound text: what it begins with, whether it is a heading or sentences, what it needs."""

    label: str
    sentences: bool
    needs: str = ""  # a phrase without which the line may not end
    needs_one: tuple[str, ...] = ()  # phrases of which the line may not end without one
    begins: tuple[str, ...] = ()  # kinds with which it begins, where it is not as all others do
    room: int = 0  # characters that it may have, slots filled; 0: as many as it likes


@dataclass(frozen=True)
class Wording:
    """The only phrases that a text may consist of, by kind, and which kind may follow which."""

    phrases: tuple[tuple[str, tuple[str, ...]], ...]
    follows: tuple[tuple[str, tuple[str, ...]], ...]
    lines: tuple[Line, ...]
    once: tuple[str, ...]  # kinds of which each phrase is used at most once in a line
    marks: tuple[str, ...]  # kinds that are punctuation
    apart: tuple[str, ...] = ()  # kinds of which each phrase is used at most once in the whole text
    # Kinds of which no two headings have the same phrase; of the last kind while there is another to say.
    apart_in_headings: tuple[str, ...] = ()
    lengths: tuple[tuple[str, int], ...] = ()  # characters of the phrases that are filled later: slots
