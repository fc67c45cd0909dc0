"""Which tokens may come next in a text that is bound to a wording: a small grammar over a vocabulary.

A small model invents. Bound to a wording it chooses among given phrases and facts, their order and the
punctuation, and what it writes is grammatical and cannot hold a number, a name or a claim of its own.
"""

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from generation.texts.wording import START, STOP, Wording

# A tree of token ids: token -> what may follow. Where a phrase may end, END holds (phrase, kind it ends as).
Tree = dict[int, Any]
END = -1

# Room of which there is more than this, in characters, is as good as endless.
AMPLE = 120

Encode = Callable[[str], list[int]]


@dataclass(frozen=True)
class Way:
    """One way to read what a line holds so far: a place in a tree, and the phrases that are used up."""

    tree: Tree
    used: frozenset[str] = frozenset()
    length: int = 0  # in characters, slots filled, without the phrase that is being written

    def ended(self) -> str:
        """Return the kind of phrase that may end here, or ""."""
        return self.tree[END][1] if END in self.tree else ""

    def used_now(self) -> frozenset[str]:
        """Return what is used up once the phrase that ends here is over."""
        return self.used | {self.tree[END][0]}


class Grammar:
    """All texts that a wording allows, as trees of tokens."""

    def __init__(self, wording: Wording, encode: Encode, ends: Collection[int]) -> None:
        self.wording, self.encode, self.ends = wording, encode, list(ends)
        self.newline = encode("\n")[0]
        self.labels = [encode(line.label) for line in wording.lines]
        self.phrases = dict(wording.phrases)
        self.follows = dict(wording.follows)
        self.lengths = dict(wording.lengths)
        self.signs = {sign for kind in wording.marks for sign in self.phrases[kind]}
        self.tree, self.least = cache(self._tree), cache(self._least)

    def length(self, phrase: str) -> int:
        """Return how many characters a phrase takes up, with the space before it, which a mark has not."""
        return self.lengths.get(phrase, len(phrase)) + (phrase not in self.signs)

    def _tree(self, kind: str, form: str, used: frozenset[str], room: float, *, stops: bool) -> Tree:
        """Make the tree of a kind's phrases that are not used up and for which there is room.

        `form` is how they are written: "bare" and "first" begin with a capital, all but "bare" with a space.
        `stops` says whether the line has sentences, which end with a mark.
        """
        tree = Tree()
        for phrase in self.phrases[kind]:
            if kind in self.wording.once and phrase in used:
                continue
            left = room - self.length(phrase)
            if not _fits(self._rest(kind, used | {phrase}, frozenset({kind})), left):
                continue
            if kind in self.wording.marks:
                _add(tree, self.encode(phrase), phrase, kind)  # punctuation follows without a space
                continue
            capital = phrase[:1].upper() + phrase[1:]
            written = {"middle": f" {phrase}", "first": f" {capital}", "bare": capital}[form]
            _add(tree, self.encode(written), phrase, kind)
            if not written[-1].isalnum():
                self._add_with_marks(tree, written, phrase, kind, used | {phrase}, left, stops=stops)
        return tree

    def _add_with_marks(
        self,
        tree: Tree,
        written: str,
        phrase: str,
        kind: str,
        used: frozenset[str],
        room: float,
        *,
        stops: bool,
    ) -> None:
        """Let a phrase that ends in a sign, such as a slot, share its last token with the punctuation."""
        for mark_kind in self.follows[kind]:
            if mark_kind not in self.wording.marks or (mark_kind == STOP and not stops):
                continue
            if _fits(self.least(mark_kind, used), room):
                for mark in self.phrases[mark_kind]:
                    _add(tree, self.encode(written + mark), phrase, mark_kind)

    def _least(self, kind: str, used: frozenset[str], passed: frozenset[str] = frozenset()) -> float:
        """Return how many characters a sentence needs that goes on with this kind; infinite if none ends."""
        if kind == STOP:
            return 0
        unused = (
            phrase for phrase in self.phrases[kind] if kind not in self.wording.once or phrase not in used
        )
        shortest = min(map(self.length, unused), default=math.inf)
        return shortest + self._rest(kind, used, passed | {kind})

    def _rest(self, kind: str, used: frozenset[str], passed: frozenset[str]) -> float:
        """Return how many characters have to follow a phrase of this kind."""
        if kind == STOP or STOP in self.follows[kind]:
            return 0
        after = (next_kind for next_kind in self.follows[kind] if next_kind not in passed)
        return min((self._least(next_kind, used, passed) for next_kind in after), default=math.inf)


def _fits(needed: float, room: float) -> bool:
    return needed < math.inf and needed <= room


def _add(tree: Tree, tokens: list[int], phrase: str, kind: str) -> None:
    for token in tokens:
        tree = tree.setdefault(token, {})
    tree.setdefault(END, (phrase, kind))


@dataclass
class Guide:
    """Where one text stands in its grammar."""

    grammar: Grammar
    line: int = 0
    labelled: int = 0  # tokens of the line's label that are written
    ways: list[Way] = field(default_factory=lambda: [Way({END: ("", START)})])

    def allowed(self) -> list[int]:
        """Return the tokens that may come next; never empty."""
        label = self.grammar.labels[self.line]
        if self.labelled < len(label):
            return [label[self.labelled]]
        tokens = {token for way in self._open() for token in way.tree if token != END}
        return [*tokens, *self._line_end()]

    def take(self, token: int) -> None:
        """Move on by one allowed token."""
        if self.labelled < len(self.grammar.labels[self.line]):
            self.labelled += 1
        elif token == self.grammar.newline:
            self.line, self.labelled, self.ways = self.line + 1, 0, [Way({END: ("", START)}, self._kept())]
        elif token not in self.grammar.ends:
            self.ways = [
                Way(way.tree[token], way.used, way.length) for way in self._open() if token in way.tree
            ]

    def _open(self) -> Iterator[Way]:
        """Yield the ways as they can go on: inside a phrase, or with the first token of a following one."""
        for way in self.ways:
            yield way
            if before := way.ended():
                yield from self._ways_on(way, before)

    def _ways_on(self, way: Way, before: str) -> list[Way]:
        """Return the ways on; where there is none, to name it again or too long is better than no end."""
        onward = list(self._onward(way, before, bounded=True))
        if onward or self._may_end(way):
            return onward
        again = Way(way.tree, way.used - self._last_apart()) if before == START else way
        return list(self._onward(again, before, bounded=True)) or list(
            self._onward(again, before, bounded=False)
        )

    def _last_apart(self) -> frozenset[str]:
        """Return what headings may share where they have nothing else to say."""
        return frozenset(
            phrase
            for kind in self.grammar.wording.apart_in_headings[-1:]
            for phrase in self.grammar.phrases[kind]
        )

    def _onward(self, way: Way, before: str, *, bounded: bool) -> Iterator[Way]:
        """Yield the ways on with a following phrase, bounded by the room that the line has left."""
        grammar, used, length = self.grammar, way.used_now(), self._length(way)
        for kind in self._following(before):
            room = self._room(kind, used, length) if bounded else math.inf
            if self._allowed_here(kind) and _fits(grammar.least(kind, used), room):
                tree = grammar.tree(kind, self._form(before), used, room, stops=self._allowed_here(STOP))
                if tree:
                    yield Way(tree, used, length)

    def _length(self, way: Way) -> int:
        """Return the length of what stands there once the phrase that ends here is over."""
        phrase, kind = way.tree[END]
        shared = kind in self.grammar.wording.marks and phrase not in self.grammar.signs
        return way.length + (self.grammar.length(phrase) if phrase else 0) + shared

    def _room(self, kind: str, used: frozenset[str], length: int) -> float:
        """Return how many characters are left for this kind, with what the line still needs set aside."""
        line, grammar = self.grammar.wording.lines[self.line], self.grammar
        if not line.room:
            return math.inf
        # The first phrase has no space before it; room is set aside for the mark that ends the last sentence.
        room = line.room - length + (not line.sentences or kind == STOP)
        phrases = grammar.phrases[kind]
        if line.needs and line.needs not in used.union(phrases):
            room -= grammar.length(line.needs)
        if line.needs_one and used.union(phrases).isdisjoint(line.needs_one):
            room -= min(map(grammar.length, line.needs_one))
        return math.inf if room > AMPLE else room

    def _following(self, before: str) -> tuple[str, ...]:
        """Return the kinds that may follow; some lines have a beginning of their own."""
        begins = self.grammar.wording.lines[self.line].begins
        return begins if begins and before == START else self.grammar.follows.get(before, ())

    def _kept(self) -> frozenset[str]:
        """Return the phrases of the line that ends here which the next line may not use."""
        wording = self.grammar.wording
        headings = not any(line.sentences for line in wording.lines[self.line : self.line + 2])
        kinds = wording.apart + (wording.apart_in_headings if headings else ())
        apart = {phrase for kind in kinds for phrase in self.grammar.phrases[kind]}
        ended = (way.used_now() for way in self.ways if way.ended())
        return next(ended, frozenset()) & apart

    def _allowed_here(self, kind: str) -> bool:
        """Say whether the line has this kind: headings end without a full stop."""
        return kind != STOP or self.grammar.wording.lines[self.line].sentences

    def _form(self, before: str) -> str:
        if before == START and not self.grammar.labels[self.line]:
            return "bare"
        return "first" if before in (START, STOP) else "middle"

    def _line_end(self) -> list[int]:
        """Return the tokens that end the line, where it may end."""
        if not any(self._may_end(way) for way in self.ways):
            return []
        last = self.line == len(self.grammar.labels) - 1
        return self.grammar.ends if last else [self.grammar.newline]

    def _may_end(self, way: Way) -> bool:
        line, before = self.grammar.wording.lines[self.line], way.ended()
        if not before or (line.needs and line.needs not in way.used_now()):
            return False
        if line.needs_one and way.used_now().isdisjoint(line.needs_one):
            return False
        return before == STOP or (not line.sentences and STOP in self.grammar.follows[before])
