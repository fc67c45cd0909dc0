"""Replies to reviews: what a review is about, and the sentences that answer it.

The words of a review are a stranger's: only its rating and its topic reach a text. A reply to one or two
stars apologises and asks to write to the shop; no reply promises anything.
"""

import re
from enum import StrEnum

from generation.facts import FactKind, FactSheet, is_chinese
from generation.texts.wording import START, STOP, Line, Wording

NAME = "{name}"


class Mood(StrEnum):
    """How content the reviewer is, by the stars alone."""

    GOOD = "good"
    MIXED = "mixed"
    BAD = "bad"


# What reviewers write of each topic; the first that matches counts.
TOPIC_WORDS = {
    topic: re.compile(pattern, re.IGNORECASE)
    for topic, pattern in {
        "delivery": r"\b(deliver\w*|shipp\w+|courier|arriv\w+|postage|parcel)\b"
        "|快递|物流|配送|发货|送货|到货",
        "packaging": r"\b(packag\w*|packed|box|wrapp\w+|dented|carton)\b|包装|盒子|外箱",
        "service": r"\b(service|staff|support|customer care|helpful|rude|answered)\b|客服|服务|态度",
        "size": r"\b(size|sizes|sizing|fits?|fitted|too (?:small|big|large|tight|short|long))\b"
        "|尺寸|尺码|大小|偏大|偏小",
        "taste": r"\b(tast\w+|flavou?r\w*|delicious|bland|sweet|salty|bitter)\b"
        "|味道|口味|口感|好吃|难吃|好喝|难喝",
        "price": r"\b(price\w*|expensive|cheap\w*|cost\w*|overpriced|value for money)\b"
        "|价格|价钱|太贵|便宜|性价比",
        "quality": r"\b(quality|broke|broken|tore|torn|faulty|sturdy|well made|flimsy|fell apart|defect\w*)\b"
        "|质量|品质|做工|坏了|破损",
    }.items()
}

# By (Chinese?, place in the reply); of each place the first ones need a topic. {you} is 你 or 您.
THANKS = {
    False: (
        "Thank you for your review of {name}.",
        "Thank you for telling us about {name}.",
        "Thanks for writing about {name}.",
    ),
    True: ("感谢{you}对{name}的评价。", "谢谢{you}说说{name}。", "感谢{you}分享对{name}的感受。"),
}
ANSWERS = {
    (False, Mood.GOOD): (
        "We are glad that you like it, and thank you for your words about the {topic}.",
        "We are glad that you like it.",
    ),
    (False, Mood.MIXED): (
        "It helps us to know what you think of the {topic}.",
        "It helps us to know what you think.",
    ),
    (False, Mood.BAD): (
        "We are sorry to read this about the {topic}.",
        "We are sorry to read this.",
    ),
    (True, Mood.GOOD): ("很高兴{you}喜欢，也谢谢{you}谈到{topic}。", "很高兴{you}喜欢。"),
    (True, Mood.MIXED): ("{you}对{topic}的看法对我们很有帮助。", "{you}的看法对我们很有帮助。"),
    (True, Mood.BAD): ("关于{topic}，我们非常抱歉。", "给{you}带来不好的体验，我们非常抱歉。"),
}
ENDS = {
    (False, Mood.GOOD): "We hope to see you again soon.",
    (False, Mood.MIXED): "Please tell us more if you like.",
    (False, Mood.BAD): "Please write to us: we would like to know more.",
    (True, Mood.GOOD): "期待再次为{you}服务。",
    (True, Mood.MIXED): "欢迎随时告诉我们更多。",
    (True, Mood.BAD): "请写信联系我们，我们想了解更多情况。",
}
# What a small model chooses from, sentence by sentence.
PHRASES: dict[Mood, dict[str, tuple[str, ...]]] = {
    Mood.GOOD: {
        "answer": (
            "We are glad that you like it",
            "We are happy to read this",
            "Your kind words made us smile",
            "It is lovely to read this",
        ),
        "end": (
            "We hope to see you again soon",
            "We look forward to your next visit",
            "See you again soon",
            "Enjoy every day with it",
        ),
    },
    Mood.MIXED: {
        "answer": (
            "It helps us to know what you think",
            "We have read every word of it",
            "Your view helps us",
            "We are glad that you took the time",
        ),
        "end": (
            "Please tell us more if you like",
            "We would like to know more",
            "Write to us if you would like to say more",
        ),
    },
    Mood.BAD: {
        "answer": (
            "We are sorry to read this",
            "We are very sorry",
            "We apologise, and we take your words to heart",
            "We are sorry that it let you down",
        ),
        "end": (
            "Please write to us: we would like to know more",
            "Please write to us and tell us what happened",
            "Please write to us, so that we understand what happened",
        ),
    },
}
THANKING = (
    "thank you for your review of",
    "thank you for telling us about",
    "thanks for writing about",
    "thank you for your words about",
)
ABOUT = (
    "Thank you also for your words about the",
    "It helps us to know what you think of the",
    "We have read what you say about the",
)
# What such a reply must hold, and what it must not, whoever writes it.
APOLOGY = re.compile(r"\b(sorry|apolog\w+|regret)\b|抱歉|对不起|歉意|道歉", re.IGNORECASE)
INVITATION = re.compile(
    r"\b(write to us|contact us|get in touch|tell us|let us know|reach us)\b|写信|联系|告诉我们",
    re.IGNORECASE,
)
PLEDGE = re.compile(
    r"\b(replace\w*|exchang\w+|compensat\w+|reimburs\w+|money|voucher\w*|send you|make it right|make up for|"
    r"will (?:fix|change|solve|improve)|never again|won't happen)\b"
    "|赔|补偿|换货|换新|补发|重发|退回|改进|不会再",
    re.IGNORECASE,
)


def topic_of(text: str) -> str:
    """Return what a review is about by its words, or "" where none tells."""
    return next((topic for topic, words in TOPIC_WORDS.items() if words.search(text)), "")


def mood_of(sheet: FactSheet) -> Mood:
    """Return the mood that the sheet's rating shows; without one nobody knows."""
    rating = sheet.value(FactKind.RATING)[:1]
    if rating in {"1", "2"}:
        return Mood.BAD
    return Mood.GOOD if rating in {"4", "5"} else Mood.MIXED


def replies(sheet: FactSheet, language: str, variant: int) -> list[str]:
    """Return the plain replies to a review, those that say more first; {name} stays open."""
    chinese, mood, topic = is_chinese(language), mood_of(sheet), sheet.value(FactKind.TOPIC)
    thanks = THANKS[chinese][variant % len(THANKS[chinese])]
    space = "" if chinese else " "
    answers = [answer for answer in ANSWERS[chinese, mood] if topic or "{topic}" not in answer]
    you = "您" if sheet.voice.formal else "你"
    return [
        space.join(sentences).replace("{topic}", topic).replace("{you}", you)
        for sentences in (
            *((thanks, answer, ENDS[chinese, mood]) for answer in answers),
            *((answer, ENDS[chinese, mood]) for answer in answers),
        )
    ]


def reply_wording(mood: Mood, topic: str, lines: tuple[Line, ...]) -> Wording:
    """Return what a small model is bound to: thanks, an answer of the right mood, and an end."""
    phrases = {
        "thanks": THANKING,
        "name": (NAME,),
        "dot": (".",),
        "answer": PHRASES[mood]["answer"],
        "second dot": (".",),
        "about": tuple(f"{about} {topic}" for about in ABOUT) if topic else (),
        "third dot": (".",),
        "end": PHRASES[mood]["end"],
        STOP: (".",),
    }
    follows = {
        START: ("thanks",),
        "thanks": ("name",),
        "name": ("dot",),
        "dot": ("answer",),
        "answer": ("second dot",),
        "second dot": ("about",) if topic else ("end",),
        "about": ("third dot",),
        "third dot": ("end",),
        "end": (STOP,),
        STOP: (),
    }
    return Wording(
        phrases=tuple(phrases.items()),
        follows=tuple(follows.items()),
        lines=lines,
        once=("thanks", "answer", "about", "end"),
        marks=("dot", "second dot", "third dot", STOP),
    )
