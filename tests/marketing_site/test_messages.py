"""Chinese is complete: every text of the source has its translation, with the same placeholders."""

import re

from marketing_site.messages import LOCALES, catalogue, collected

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
CHINESE = LOCALES / "zh_Hans" / "LC_MESSAGES" / "django.po"


def texts(message: object) -> list[str]:
    return list(message) if isinstance(message, list | tuple) else [str(message)]


def test_every_text_is_translated() -> None:
    chinese = catalogue(CHINESE)
    missing = []
    for message in collected():
        known = chinese.get(message.id, message.context)
        if message.id and (known is None or known.fuzzy or not all(texts(known.string))):
            missing.append(message.id)
    assert missing == [], "Run `make messages`, then translate these in locale/zh_Hans."


def test_no_translation_loses_or_invents_a_placeholder() -> None:
    wrong = [
        message.id
        for message in catalogue(CHINESE)
        if message.id
        for text in texts(message.string)
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(texts(message.id)[-1]))
    ]
    assert wrong == []
