"""The parts of a text that the program chooses: buttons, and what completes a search ad.

People may change them like any other part.
"""

from collections.abc import Collection

from generation.facts import FactKind, FactSheet, is_chinese
from generation.texts.kinds import Part, Tone
from generation.texts.offer_sentences import offer_sentences
from generation.texts.telling import heading_facts

# By (Chinese?, tone); where the brand's voice avoids one, another tone's button stands in.
BUTTONS: dict[bool, dict[Tone, str]] = {
    False: {
        Tone.PLAIN: "See it in our shop",
        Tone.WARM: "Take a look",
        Tone.PLAYFUL: "Here we go",
        Tone.EXPERT: "Get to know it",
        Tone.BRIEF: "Shop now",
    },
    True: {
        Tone.PLAIN: "查看商品",
        Tone.WARM: "去看看",
        Tone.PLAYFUL: "快来看看",
        Tone.EXPERT: "了解更多",
        Tone.BRIEF: "立即选购",
    },
}
# What a search ad adds to its headline and description, by (Chinese?, part); {facts} stands for each of them.
ADDITIONS: dict[bool, dict[str, tuple[str, ...]]] = {
    False: {
        "headline_2": ("{name}", "{facts}", "See it in our shop", "A look at our shop"),
        "headline_3": ("{discount}", "{facts}", "Find it in our shop", "Take a look today"),
        "description_2": ("{offer}", "Find {name} in our shop.", "Have a look around in our shop."),
    },
    True: {
        "headline_2": ("{name}", "{facts}", "欢迎到店选购", "来看看"),
        "headline_3": ("{discount}", "{facts}", "现在就去看看", "欢迎选购"),
        "description_2": ("{offer}", "欢迎选购{name}。", "欢迎到店看看。"),
    },
}


def choices(part: Part, sheet: FactSheet, tone: Tone, language: str, said: Collection[str] = ()) -> list[str]:
    """Return the texts that a part of the program's may have, the best first; slots are open.

    What the parts in `said` say already comes last.
    """
    chinese = is_chinese(language)
    if part.name == "button":
        buttons = BUTTONS[chinese]
        return [buttons[tone], *(text for other, text in buttons.items() if other != tone)]
    several = {"{facts}": heading_facts(sheet), "{offer}": offer_sentences(sheet, language)}
    known = {"{discount}": FactKind.DISCOUNT, "{name}": FactKind.NAME}
    possible = [
        text
        for addition in ADDITIONS[chinese][part.name]
        for text in several.get(addition, [addition])
        if text not in known or sheet.value(known[text])
    ]
    return sorted(possible, key=lambda text: _is_said(text, said))


def _is_said(text: str, said: Collection[str]) -> bool:
    offered = "{discount}" in text and any("{discount}" in other for other in said)
    plain = text.lower().rstrip(".。")
    return offered or any(plain in other.lower() for other in said)
