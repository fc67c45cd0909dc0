"""Pairs as trees of tokens: what several of them begin with is read, and learnt from, once.

All pairs have the same instructions, and those about one product the same facts. Computing a beginning once
gives the same loss as computing it for each pair, for half of the work, and nothing is padding.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Tokens:
    """One pair in tokens; the answer with its end mark is what is learnt."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


@dataclass
class Tree:
    """Tokens in an order in which each stands after the one before it in its pair, its parent."""

    ids: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)  # -1 for a first token
    places: list[int] = field(default_factory=list)  # how many tokens its pair has before it
    # What is learnt: after the token at a node, this one comes. One entry for each token of each answer.
    wanted: list[tuple[int, int]] = field(default_factory=list)
    pairs: int = 0
    _children: dict[tuple[int, int], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, tokens: Tokens) -> None:
        """Add a pair; its beginning may be there already."""
        node = -1
        for token in tokens.prompt:
            node = self._child(node, token)
        for token in tokens.answer:
            self.wanted.append((node, token))
            node = self._child(node, token)
        self.pairs += 1

    def growth(self, tokens: Tokens) -> int:
        """Return how many nodes a pair would add."""
        node, known = -1, 0
        for token in tokens.prompt + tokens.answer:
            if (node, token) not in self._children:
                break
            node, known = self._children[node, token], known + 1
        return len(tokens) - known

    def _child(self, node: int, token: int) -> int:
        if (node, token) not in self._children:
            self._children[node, token] = len(self.ids)
            self.ids.append(token)
            self.parents.append(node)
            self.places.append(self.places[node] + 1 if node >= 0 else 0)
        return self._children[node, token]


def trees(pairs: Sequence[Tokens], most: int) -> list[Tree]:
    """Cut all pairs into trees of at most `most` tokens; pairs that begin alike stand together."""
    made = [Tree()]
    for tokens in sorted(pairs):
        if made[-1].pairs and len(made[-1]) + made[-1].growth(tokens) > most:
            made.append(Tree())
        made[-1].add(tokens)
    return made


def steps(count: int, accumulate: int, seed: int, epoch: int) -> Iterator[list[int]]:
    """Yield the numbers of the trees of each step of an epoch: random, and the same for the same seed."""
    order = list(range(count))
    random.Random(f"{seed} {epoch}").shuffle(order)  # noqa: S311  # no secret
    for start in range(0, count, accumulate):
        yield order[start : start + accumulate]
