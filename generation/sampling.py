"""From briefs to texts: samples by the engine, the best that passes the checks, else the plain writer.

Knows no rows: pieces come in, decided texts go out, each as soon as its samples are there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from django.conf import settings

from generation.adapter_prompts import ADAPTER_PROMPT_REVISION, adapter_prompt, can_be_taught, named
from generation.checks import Finding, check, cover
from generation.checks.familiarity import strangeness
from generation.checks.fidelity import fidelity
from generation.checks.shapes import unusual
from generation.choosing import Candidate, best
from generation.engine import Cancelled, TextEngine, TextRequest, TextResult, Tick
from generation.plain_writer import plain_copy
from generation.prompts import PROMPT_REVISION, Brief, Prompt, Unreadable, parse, prompt_for
from generation.texts.kinds import PARTS, Copy

TOP_P = 0.95
# A model that was taught has words of its own. Drawn more freely it tells more than its facts do: 41 % of the
# samples of 24 briefs passed at 0.8 and 65 % at 0.4, and the texts were as unlike each other.
FREEST_WITH_ADAPTER = 0.4
# Adapters whose corpus the program has: what they write has to be built as its sentences are.
SHAPED = ("starter",)
# Samples of one piece are told apart by their seeds: at most this many.
SEEDS_PER_PIECE = 100


@dataclass(frozen=True)
class Round:
    """How many samples of each open piece are written together, and how freely."""

    samples: int
    temperature: float


@dataclass
class Usage:
    """What a piece has cost so far, rejected samples included; `seconds` is its share of its batches."""

    prompt_tokens: int = 0
    new_tokens: int = 0
    seconds: float = 0.0

    def add(self, result: TextResult) -> None:
        self.prompt_tokens += result.prompt_tokens
        self.new_tokens += result.new_tokens
        self.seconds += result.seconds


@dataclass(frozen=True)
class Written:
    """A decided text, slots still open. `findings` is empty unless even the plain writer failed."""

    copy: dict[str, str]
    by_model: bool
    findings: list[dict[str, Any]]
    seed: int | None
    model_revision: str
    adapter: str = ""


@dataclass(frozen=True)
class Sample:
    """One answer of the model that could be read, and by which adapter it is."""

    seed: int
    copy: Copy
    mean_logprob: float
    adapter: str = ""
    unusual: int = 0  # sentences built as none that the adapter learnt from


@dataclass
class Piece:
    """One text to write, under the caller's key. `others` are texts it must not repeat, shared by pieces."""

    key: int
    brief: Brief
    seed: int
    variant: int = 0
    others: list[Copy] = field(default_factory=list)
    used: Usage = field(default_factory=Usage)
    written: Counter[str] = field(default_factory=Counter)  # samples by adapter
    readable: list[Sample] = field(default_factory=list)
    # The adapter that writes it, "" for the model as it is; None: what the settings say.
    adapter: str | None = None

    def __post_init__(self) -> None:
        if self.adapter is None:
            self.adapter = adapter_for(self.brief)

    @property
    def samples(self) -> int:
        """Return how many samples were written, readable or not."""
        return self.written.total()

    # What a piece that is not a whole text does otherwise.

    def by_model(self) -> bool:
        """Say whether the configured model can write this piece; else the plain writer does."""
        return model_writes(self.brief.language)

    def bind(self) -> bool:
        """Leave the adapter for the model that is bound to a wording; False where that is no other way."""
        able = bool(self.adapter) and not settings.GENERATION_OWN_WORDS
        self.adapter = "" if able else self.adapter
        return able

    def covered(self, copy: Copy) -> float:
        """Return the share of the facts that a sample mentions; once more by its sentences alone."""
        sentences = {part.name for part in PARTS[self.brief.kind] if part.sentences}
        said = {name: text for name, text in copy.items() if name in sentences}
        return (cover(copy, self.brief.sheet) + cover(said or copy, self.brief.sheet)) / 2

    def thin(self, copy: Copy) -> int:
        """Return how many headings tell no fact, beside the first: one may be the name alone."""
        headings = [
            part.name
            for part in PARTS[self.brief.kind]
            if not (part.sentences or part.question or part.by_program)
        ]
        bare = [name for name in headings if name in copy and not cover({name: copy[name]}, self.brief.sheet)]
        return max(0, len(bare) - 1)

    def asked(self, prompt: Prompt) -> Prompt:
        """Return the prompt with what this piece wants besides its brief."""
        return prompt

    def fitted(self, copy: dict[str, str]) -> dict[str, str] | None:
        """Return the text that becomes of a sample; None where it is of no use."""
        return copy

    def found(self, copy: Copy) -> list[Finding]:
        """Return what is wrong with a sample."""
        brief = self.brief
        return check(copy, brief.sheet, brief.kind, brief.language, self.others)

    def plain(self) -> Written:
        """Return the plain writer's text; with findings where even that says what it must not."""
        brief = self.brief
        copy = plain_copy(brief, self.variant)
        found = [asdict(finding) for finding in check(copy, brief.sheet, brief.kind, brief.language)]
        return Written(copy, by_model=False, findings=found, seed=None, model_revision="")


P = TypeVar("P", bound=Piece)


def model_writes(language: str) -> bool:
    """Say whether the configured model can write this language; else the plain writer does."""
    return language in settings.GENERATION_LANGUAGES


def adapter_for(brief: Brief) -> str:
    """Return the adapter that writes a text by the settings; "" for the model as it is."""
    return settings.GENERATION_ADAPTER if can_be_taught(brief.kind, brief.language) else ""


def write(
    pieces: Sequence[P], rounds: Sequence[Round], engine: TextEngine, tick: Tick, cancelled: Cancelled
) -> Iterator[tuple[P, Written]]:
    """Yield each piece with its text once that is decided; when cancelled, the rest is not yielded.

    Where none of an adapter's own texts will do, the model tries once more, bound to a wording. Raises what
    the engine raises: EngineDied, EngineUnavailable.
    """
    plain = [piece for piece in pieces if not piece.by_model()]
    left = [piece for piece in pieces if piece.by_model()]
    for bound in (False, True):
        if bound:
            able = {piece.key for piece in left if piece.bind()}
            plain += [piece for piece in left if piece.key not in able]
            left = [piece for piece in left if piece.key in able]
        for each in rounds:
            undecided = list(left)
            for piece in _sampled(left, each, engine, tick, cancelled):
                if written := _chosen(piece, engine.revision):
                    undecided.remove(piece)
                    yield piece, written
            if cancelled():
                return
            left = undecided
    for piece in plain + left:
        yield piece, piece.plain()


def _sampled(
    pieces: Sequence[P], each: Round, engine: TextEngine, tick: Tick, cancelled: Cancelled
) -> Iterator[P]:
    """Write one round and yield each piece when the last of its samples is there."""
    owners = [piece for piece in pieces for _ in range(each.samples)]
    seeds = [piece.seed + piece.samples + n for piece in pieces for n in range(each.samples)]
    requests = [_request(piece, seed, each.temperature) for piece, seed in zip(owners, seeds, strict=True)]
    missing = {id(piece): each.samples for piece in pieces}
    for index, result in engine.write(requests, tick, cancelled) if requests else ():
        piece = owners[index]
        _take(piece, seeds[index], result)
        missing[id(piece)] -= 1
        if not missing[id(piece)]:
            yield piece


def _request(piece: Piece, seed: int, temperature: float) -> TextRequest:
    if piece.adapter:
        temperature = min(temperature, FREEST_WITH_ADAPTER)
    prompt = piece.asked(adapter_prompt(piece.brief) if piece.adapter else prompt_for(piece.brief))
    # A model that is bound to phrases could not follow a voice, and reading it costs time.
    wording = None if settings.GENERATION_OWN_WORDS else prompt.wording
    return TextRequest(
        shared=prompt.shared,
        own=prompt.own if wording else prompt.voice + prompt.own,
        max_tokens=prompt.max_tokens,
        seed=seed,
        temperature=temperature,
        top_p=TOP_P if temperature else 1.0,
        stop=prompt.stop,
        wording=wording,
        labels=prompt.labels,
        adapter=piece.adapter or "",
    )


def _take(piece: Piece, seed: int, result: TextResult) -> None:
    adapter = piece.adapter or ""
    piece.written[adapter] += 1
    piece.used.add(result)
    brief = piece.brief
    try:
        read = parse(brief, result.text)
        copy = piece.fitted(named(brief, read) if adapter else read)
    except Unreadable:
        return
    if copy is not None:
        odd = unusual(read, brief.sheet, brief.kind) if adapter in SHAPED else 0
        piece.readable.append(Sample(seed, copy, result.mean_logprob, adapter, odd))


def _chosen(piece: Piece, revision: str) -> Written | None:
    sheet = piece.brief.sheet
    candidates = [
        Candidate(
            index=sample.seed,
            copy=sample.copy,
            findings=piece.found(sample.copy),
            cover=piece.covered(sample.copy),
            mean_logprob=sample.mean_logprob,
            faithful=faithful,
            echoes=echoes,
            # What is bound to a wording is in an order that people wrote.
            strange=strangeness(sample.copy, sheet) if sample.adapter else 0,
            unusual=sample.unusual,
            thin=piece.thin(sample.copy),
        )
        for sample in piece.readable
        if sample.adapter == piece.adapter
        for faithful, echoes in [fidelity(sample.copy, sheet)]
    ]
    chosen = best(candidates)
    if chosen is None:
        return None
    piece.others.append(chosen.copy)
    return Written(
        dict(chosen.copy),
        by_model=True,
        findings=[],
        seed=chosen.index,
        model_revision=revision,
        adapter=piece.adapter or "",
    )


def revisions(written: Written) -> dict[str, Any]:
    """Return what a row keeps about where a text came from."""
    revision = ADAPTER_PROMPT_REVISION if written.adapter else PROMPT_REVISION
    adapter = f"+{written.adapter}" if written.adapter else ""
    return {
        "model_revision": f"{written.model_revision}{adapter}",
        "prompt_revision": revision if written.by_model else "",
        "seed": written.seed,
    }
