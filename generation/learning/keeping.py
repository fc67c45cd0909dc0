"""How a data set is frozen and read back: its examples are rows, and its hash tells one from another."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from generation import briefing
from generation.adapter_prompts import ADAPTER_PROMPT_REVISION, SHARED
from generation.facts import BrandVoice, FactSheet
from generation.learning.gathering import Choice
from generation.learning.sifting import Fit, Sifted
from generation.models.learning import DataSet, Example, Sighting, Source, Split
from generation.prompts import Brief
from generation.texts.kinds import Kind, Tone
from generation.tuning.recipe import Pair

BATCH = 500


def choice_of(data_set: DataSet) -> Choice:
    """Return what a data set is made from."""
    return Choice(tuple(data_set.sources), tuple(data_set.kinds), data_set.since)


def freeze(data_set: DataSet, found: Sifted) -> None:
    """Store the examples and close the data set; call it in the transaction that ends the job."""
    Example.objects.bulk_create(
        (_example(data_set, number, fit) for number, fit in enumerate(found.fit)), batch_size=BATCH
    )
    people = Counter(fit.found.customer for fit in found.fit if fit.found.customer)
    Sighting.objects.bulk_create(
        Sighting(data_set=data_set, customer_id=customer, examples=count)
        for customer, count in people.items()
    )
    DataSet.objects.filter(pk=data_set.pk).update(
        state=DataSet.State.FROZEN, frozen_at=Now(), report=found.report,
        shared=[list(turn) for turn in SHARED], prompt_revision=ADAPTER_PROMPT_REVISION,
        hash=hash_of(data_set.examples.all()),
    )  # fmt: skip


def _example(data_set: DataSet, number: int, fit: Fit) -> Example:
    found, brief = fit.found, fit.found.brief
    own_words = found.source == Source.REVIEW
    return Example(
        data_set=data_set,
        number=number,
        split=fit.split,
        source=found.source,
        kind="" if own_words else brief.kind,
        language=brief.language,
        tone=brief.tone,
        own=fit.pair.own,
        answer=fit.pair.answer,
        brief=None if own_words else _stored(brief, found.text),
        product_id=found.product,
        customer_id=found.customer,
        variant_id=found.variant,
        version=found.version,
        event=found.event,
    )


def _stored(brief: Brief, text: Mapping[str, str]) -> dict[str, Any]:
    facts, voice = briefing.stored(brief.sheet), asdict(brief.sheet.voice)
    return {"facts": facts, "voice": voice, "text": dict(text)}


def brief_of(example: Example) -> Brief:
    """Return the brief that an example's text was written for."""
    told = example.brief or {"facts": [], "voice": {}}
    voice = BrandVoice(**{name: _plain(value) for name, value in told["voice"].items()})
    sheet = FactSheet(briefing.restored(told["facts"], None).facts, voice)
    return Brief(sheet, Kind(example.kind), Tone(example.tone), example.language)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def pairs(data_set: DataSet, split: Split) -> list[Pair]:
    """Return what is taught, or watched, or judged by, in the data set's order."""
    shared = tuple((role, words) for role, words in data_set.shared)
    rows = data_set.examples.filter(split=split).order_by("number").values_list("own", "answer")
    return [Pair(shared, own, answer) for own, answer in rows]


def hash_of(examples: QuerySet[Example]) -> str:
    """Return the hash of the examples as they stand."""
    digest = hashlib.sha256()
    rows = examples.order_by("number").values_list("number", "split", "own", "answer")
    for row in rows.iterator(BATCH):
        digest.update(json.dumps(row).encode() + b"\n")
    return digest.hexdigest()


def lines(data_set: DataSet) -> Iterator[str]:
    """Yield the data set as JSON Lines, in the form that other training programs read."""
    shared = [{"role": role, "content": words} for role, words in data_set.shared]
    for example in data_set.examples.order_by("number").iterator(BATCH):
        turns = [{"role": "user", "content": example.own}, {"role": "assistant", "content": example.answer}]
        yield json.dumps(_line(example) | {"messages": shared + turns}, ensure_ascii=False) + "\n"


def _line(example: Example) -> dict[str, Any]:
    names = ("split", "source", "kind", "language", "tone", "product_id", "variant_id", "version")
    return {name: getattr(example, name) for name in names}
