"""From texts that people have judged to pairs that a model learns from."""

from generation.adapter_prompts import adapter_prompt, answer, can_be_taught
from generation.prompts import OFFER_FIELD, Brief
from generation.texts.kinds import Copy, written_parts
from generation.texts.offer_sentences import offer_sentences
from generation.tuning.recipe import Pair


def pair_of(brief: Brief, copy: Copy) -> Pair | None:
    """Return what a model learns from a text with open slots; None where there is nothing to learn.

    What the program adds, such as the offer's sentence, is left out: the model is not to write it.
    """
    if not can_be_taught(brief.kind, brief.language):
        return None
    texts = {part.name: copy.get(part.name, "") for part in written_parts(brief.kind)}
    field = OFFER_FIELD.get(brief.kind, "")
    for sentence in offer_sentences(brief.sheet, brief.language):
        if field in texts:
            texts[field] = texts[field].removesuffix(sentence).rstrip()
    if not all(texts.values()):
        return None
    prompt = adapter_prompt(brief)
    return Pair(prompt.shared, prompt.own, answer(brief.kind, texts))
