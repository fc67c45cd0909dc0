"""Plain sentences from the facts, in English and Chinese, for where no text of the model passes."""

import re
from collections.abc import Iterator

from generation.checks import check
from generation.facts import FactKind, FactSheet, is_chinese
from generation.prompts import Brief, with_offer
from generation.texts.kinds import PARTS, Kind

# Stored as the engine of such a text.
ENGINE = "template"

# Each wording has one text for each part of its kind. {facts} stands for a list of facts, {history} for what
# the customer likes; a wording is used only where the sheet has what it names. No verb has {name} as subject.
ENGLISH: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.EMAIL: (
        ("{name}: {discount}", "Take a look at {name}: {facts}."),
        ("{discount} for you: {name}", "Here is what you get with {name}: {facts}."),
        ("A good time for {name}", "Meet {name}: {facts}. See it in our shop."),
        ("Meet {name}", "Have a look at {name} in our shop: {facts}."),
        ("{name}: {discount}", "Take a look at {name} in our shop."),
        ("Meet {name}", "Have a look at {name} in our shop."),
        ("For you", "Have a look at {name} in our shop."),
        ("For you", "Take a look in our shop."),
    ),
    Kind.SMS: (
        ("For you: {name}, {facts}.",),
        ("Take a look at {name}: {facts}.",),
        ("{name}: {facts}.",),
        ("Take a look at {name}.",),
        ("For you: {name}.",),
        ("For you.",),
    ),
    Kind.SOCIAL: (
        ("Take a look at {name}: {facts}.",),
        ("Meet {name}: {facts}. See it in our shop.",),
        ("What you get with {name}: {facts}.",),
        ("Take a look at {name} in our shop.",),
        ("{name}.",),
        ("Take a look in our shop.",),
    ),
    Kind.SEARCH_AD: (
        ("{discount}: {name}", "{name}: {facts}."),
        ("{name}", "Take a look: {facts}."),
        ("{discount} in our shop", "{name}: {facts}."),
        ("Take a look", "{name}: {facts}."),
        ("{discount} in our shop", "Find {name} in our shop."),
        ("Take a look", "{name}."),
        ("Take a look", "See it in our shop."),
    ),
    Kind.PRODUCT: (
        ("{name}: {facts}.",),
        ("What you get with {name}: {facts}.",),
        ("A look at {name}: {facts}.",),
        ("{name}, in our shop.",),
        ("{name}.",),
        ("Take a look in our shop.",),
    ),
    Kind.SEO: (
        ("{name}", "Take a look at {name}: {facts}."),
        ("{name}", "Find {name} in our shop: {facts}."),
        ("{name}", "Find {name} in our shop."),
        ("Find it in our shop", "{name}."),
        ("Find it in our shop", "Take a look in our shop."),
    ),
    Kind.OFFER: (
        ("Because you like {history}: {name}, {facts}.",),
        ("For you: {name}, {facts}.",),
        ("Take a look at {name}: {facts}.",),
        ("We think you will like {name}: {facts}.",),
        ("For you: {name}.",),
        ("{name}.",),
        ("For you.",),
    ),
}
CHINESE: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.EMAIL: (
        ("{name}，{discount}", "为{you}介绍{name}：{facts}。"),
        ("为{you}准备的{discount}：{name}", "{name}的特点：{facts}。欢迎到店选购。"),
        ("来看看{name}", "一起来认识{name}：{facts}。"),
        ("{name}，{discount}", "欢迎选购{name}。"),
        ("来看看{name}", "欢迎选购{name}。"),
        ("为{you}推荐", "欢迎选购{name}。"),
        ("为{you}推荐", "欢迎选购。"),
    ),
    Kind.SMS: (
        ("{name}：{facts}。",),
        ("为{you}推荐{name}：{facts}。",),
        ("为{you}推荐{name}。",),
        ("{name}。",),
        ("欢迎选购。",),
    ),
    Kind.SOCIAL: (
        ("来看看{name}：{facts}。",),
        ("{name}，{facts}。欢迎到店选购。",),
        ("为{you}推荐{name}：{facts}。",),
        ("欢迎选购{name}。",),
        ("{name}。",),
        ("欢迎选购。",),
    ),
    Kind.SEARCH_AD: (
        ("{name}，{discount}", "{name}：{facts}。"),
        ("{name}", "欢迎选购：{facts}。"),
        ("欢迎选购", "{name}：{facts}。"),
        ("欢迎选购", "{name}。"),
        ("欢迎选购", "欢迎到店选购。"),
    ),
    Kind.PRODUCT: (
        ("{name}：{facts}。",),
        ("{name}的特点：{facts}。",),
        ("关于{name}：{facts}。",),
        ("欢迎选购{name}。",),
        ("{name}。",),
        ("欢迎选购。",),
    ),
    Kind.SEO: (
        ("{name}", "{name}：{facts}。欢迎选购。"),
        ("{name}", "来看看{name}：{facts}。"),
        ("{name}", "欢迎选购{name}。"),
        ("欢迎选购", "{name}。"),
        ("欢迎选购", "欢迎到店选购。"),
    ),
    Kind.OFFER: (
        ("{you}喜欢{history}，为{you}推荐{name}：{facts}。",),
        ("为{you}推荐{name}：{facts}。",),
        ("来看看{name}：{facts}。",),
        ("为{you}推荐{name}。",),
        ("{name}。",),
        ("欢迎选购。",),
    ),
}
MOST_FACTS = 3
# A fact with one of these would be read as a slot or as markup.
UNUSABLE = re.compile(r"[{}<>&@]|https?:|www\.")


def plain_copy(brief: Brief, variant: int = 0) -> dict[str, str]:
    """Return field name -> text with slots; they pass the checks; `variant` picks a wording.

    Where no wording passes, because the brand's voice forbids all of their words, the shortest is returned.
    """
    copy: dict[str, str] = {}
    for copy in _wordings(brief, variant):
        if not check(copy, brief.sheet, brief.kind, brief.language):
            return copy
    return copy


def _wordings(brief: Brief, variant: int) -> Iterator[dict[str, str]]:
    """Yield the possible texts, those that say more first."""
    every = (CHINESE if is_chinese(brief.language) else ENGLISH)[brief.kind]
    telling = [wording for wording in every if "{facts}" in "".join(wording)]
    start = variant % len(telling)
    facts = _facts(brief.sheet)
    for count in range(min(MOST_FACTS, len(facts)), 0, -1):
        for wording in telling[start:] + telling[:start]:
            yield from _worded(brief, wording, facts[:count])
    for wording in every:
        if wording not in telling:
            yield from _worded(brief, wording, [])


def _worded(brief: Brief, wording: tuple[str, ...], facts: list[str]) -> Iterator[dict[str, str]]:
    """Yield the text of a wording, or nothing where the sheet lacks something that it names."""
    sheet = brief.sheet
    needs = "".join(wording)
    history = sheet.value(FactKind.HISTORY)
    if "{discount}" in needs and not sheet.value(FactKind.DISCOUNT):
        return
    if "{name}" in needs and not sheet.value(FactKind.NAME):
        return
    if "{history}" in needs and (not history or UNUSABLE.search(history)):
        return
    chinese = is_chinese(brief.language)
    words = {
        "{facts}": "、".join(facts) if chinese else _listed(facts),
        "{history}": history,
        "{you}": "您" if sheet.voice.formal else "你",
    }
    texts = [_put(text, words) for text in wording]
    yield with_offer(brief, {part.name: text for part, text in zip(PARTS[brief.kind], texts, strict=True)})


def _put(text: str, words: dict[str, str]) -> str:
    return re.sub("|".join(map(re.escape, words)), lambda match: words[match[0]], text)


def _listed(facts: list[str]) -> str:
    return " and ".join([", ".join(facts[:-1]), facts[-1]] if len(facts) > 1 else facts)


def _facts(sheet: FactSheet) -> list[str]:
    """Return the facts that can be listed and say more than the name does; else the category, if it does."""
    name = sheet.value(FactKind.NAME).lower()
    attributes = [fact.value.rstrip(".。!！") for fact in sheet.of(FactKind.ATTRIBUTE)]
    for values in (attributes, [sheet.value(FactKind.CATEGORY)]):
        telling = [value for value in dict.fromkeys(values) if value and value.lower() not in name]
        if usable := [value for value in telling if not UNUSABLE.search(value)]:
            return usable
    return []
