"""How a conversation is written for each family of models: our own formats, never a file's template.

A template in a model file is a program by a stranger; these are constants.
"""

from collections.abc import Callable
from dataclasses import dataclass

from generation.engine import Turns


class UnknownFamily(ValueError):
    """No chat format of ours fits the model."""


@dataclass(frozen=True)
class ChatFormat:
    """Marks are single tokens of the model's vocabulary; all other text is read as plain text."""

    start: tuple[str, ...]  # marks before the first turn
    opening: str  # mark before the role
    role_end: tuple[str, str]  # mark (or "") and text between the role and the words
    closing: str  # mark after the words; writing it ends an answer
    gap: str  # text between turns
    names: tuple[tuple[str, str], ...] = ()  # what the family calls a role, where that is another word

    def prefix(self, shared: Turns) -> list[tuple[str, bool]]:
        """Return the pieces (text, is a mark) of all shared turns, up to the next turn's opening."""
        pieces = [(mark, True) for mark in self.start]
        for role, words in shared:
            pieces += [(self.opening, True), *self._named(role), (words, False), *self._closed()]
        return [*pieces, (self.opening, True)]

    def suffix(self, own: str) -> list[tuple[str, bool]]:
        """Return the pieces of the user's last turn, up to where the answer begins."""
        turn = [*self._named("user"), (own, False), *self._closed()]
        return [*turn, (self.opening, True), *self._named("assistant")]

    def _named(self, role: str) -> list[tuple[str, bool]]:
        name = dict(self.names).get(role, role)
        mark, text = self.role_end
        return [(name, False), (mark, True), (text, False)] if mark else [(name + text, False)]

    def _closed(self) -> list[tuple[str, bool]]:
        return [(self.closing, True), (self.gap, False)]


CHATML = ChatFormat((), "<|im_start|>", ("", "\n"), "<|im_end|>", "\n")
LLAMA3 = ChatFormat(
    ("<|begin_of_text|>",), "<|start_header_id|>", ("<|end_header_id|>", "\n\n"), "<|eot_id|>", ""
)
# Gemma knows no system turn: instructions are the user's.
GEMMA = ChatFormat(
    ("<bos>",),
    "<start_of_turn>",
    ("", "\n"),
    "<end_of_turn>",
    "\n",
    (("assistant", "model"), ("system", "user")),
)
FORMATS = (CHATML, LLAMA3, GEMMA)


def chat_format(has_token: Callable[[str], bool]) -> ChatFormat:
    """Return the format whose marks the vocabulary has; raises UnknownFamily."""
    for known in FORMATS:
        if has_token(known.opening) and has_token(known.closing):
            return known
    raise UnknownFamily(
        "The model's vocabulary has the marks of no chat format known here (ChatML, Llama 3, Gemma)."
    )
