"""Which tokens may come next in a text that is bound to a wording: a small grammar over a vocabulary.

A small model invents. Bound to a wording it chooses among given phrases and facts, their order and the
punctuation, and what it writes is grammatical and cannot hold a number, a name or a claim of its own.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from generation.wording import START, STOP, Wording

# A tree of token ids: token -> what may follow. Where a phrase may end, END holds (phrase, kind it ends as).
Tree = dict[int, Any]
END = -1

Encode = Callable[[str], list[int]]


@dataclass(frozen=True)
class Way:
    """One way to read what a line holds so far: a place in a tree, and the phrases that are used up."""

    tree: Tree
    used: frozenset[str] = frozenset()

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
        self.trees: dict[tuple[str, str], Tree] = {}

    def tree(self, kind: str, before: str, used: frozenset[str], *, bare: bool) -> Tree:
        """Return the tree of a kind's phrases, written as they are after `before`."""
        form = ("bare" if bare else "first") if before in (START, STOP) else "middle"
        if kind in self.wording.once:
            return self._grown(kind, form, (p for p in self.phrases[kind] if p not in used))
        if (kind, form) not in self.trees:
            self.trees[kind, form] = self._grown(kind, form, self.phrases[kind])
        return self.trees[kind, form]

    def left(self, kind: str, used: frozenset[str]) -> bool:
        """Say whether a kind has a phrase that may still be used."""
        return kind not in self.wording.once or not used.issuperset(self.phrases[kind])

    def _grown(self, kind: str, form: str, phrases: Iterable[str]) -> Tree:
        tree = Tree()
        for phrase in phrases:
            capital = phrase[:1].upper() + phrase[1:]
            written = {"middle": f" {phrase}", "first": f" {capital}", "bare": capital}[form]
            if kind in self.wording.marks:
                written = phrase  # punctuation follows without a space
            _add(tree, self.encode(written), phrase, kind)
            if not written[-1].isalnum() and kind not in self.wording.marks:
                self._add_with_mark(tree, written, phrase, kind)
        return tree

    def _add_with_mark(self, tree: Tree, written: str, phrase: str, kind: str) -> None:
        """Let a phrase that ends in a sign, such as a slot, share its last token with the punctuation."""
        for mark_kind in self.wording.marks:
            if mark_kind in self.follows[kind]:
                for mark in self.phrases[mark_kind]:
                    _add(tree, self.encode(written + mark), phrase, mark_kind)


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
            self.line, self.labelled, self.ways = self.line + 1, 0, [Way({END: ("", START)})]
        elif token not in self.grammar.ends:
            self.ways = [Way(way.tree[token], way.used) for way in self._open() if token in way.tree]

    def _open(self) -> Iterator[Way]:
        """Yield the ways as they can go on: inside a phrase, or with the first token of a following one."""
        bare = not self.grammar.labels[self.line]
        for way in self.ways:
            yield way
            before = way.ended()
            used = way.used_now() if before else way.used
            for kind in self._following(before, used):
                yield Way(self.grammar.tree(kind, before, used, bare=bare and before == START), used)

    def _following(self, before: str, used: frozenset[str]) -> Iterator[str]:
        """Yield the kinds that may follow and lead on: of which, and after which, a phrase is left."""
        sentences = self.grammar.wording.lines[self.line].sentences
        for kind in self.grammar.follows.get(before, ()):
            after = self.grammar.follows[kind]
            leads_on = STOP in (kind, *after) or any(
                self.grammar.left(next_kind, used) for next_kind in after
            )
            if leads_on and self.grammar.left(kind, used) and (sentences or kind != STOP):
                yield kind

    def _line_end(self) -> list[int]:
        """Return the tokens that end the line, where it may end."""
        line = self.grammar.wording.lines[self.line]
        if not any(self._may_end(way, line.needs, sentences=line.sentences) for way in self.ways):
            return []
        last = self.line == len(self.grammar.labels) - 1
        return self.grammar.ends if last else [self.grammar.newline]

    def _may_end(self, way: Way, needs: str, *, sentences: bool) -> bool:
        before = way.ended()
        if not before or (needs and needs not in way.used_now()):
            return False
        return before == STOP or (not sentences and STOP in self.grammar.follows[before])
