"""The plain English that a small model is bound to: phrases by kind, and which kind may follow which.

Every path through this grammar is a text that reads well and says nothing but facts. No phrase promises,
compares or describes a product; all of that comes from the fact sheet.
"""

import re

from generation.texts.wording import START, STOP, Line, Wording

PHRASES: dict[str, tuple[str, ...]] = {
    # Wants the product's name after it.
    "lead": (
        *("meet", "say hello to", "take a look at", "have a look at", "enjoy", "try", "treat yourself to"),
        *(
            "make room for",
            "discover",
            "choose",
            "you will love",
            "you will like",
            "it is time for",
            "we love",
        ),
        *("we would like you to meet", "bring home", "add a little joy with", "get to know"),
    ),
    # Wants many things or a material after it.
    "hail": ("say hello to", "say yes to", "enjoy", "we like", "think", "treat yourself to"),
    # Wants what the product is one of.
    "mood": ("time for", "a little time for", "a good day for", "ready for"),
    # Begins a sentence, or says after the name whom it is for.
    "for": ("for you", "for every day", "for good days", "for you and yours", "for the days ahead"),
    "meant for": ("for you", "for every day", "for good days", "for you and yours"),
    # Stand alone at the beginning.
    "nice": (
        *(
            "a good idea",
            "a little joy",
            "a good choice",
            "a lovely choice",
            "a simple pleasure",
            "good news",
        ),
        *("a reason to smile", "a happy start", "a treat for you", "something good", "a touch of joy"),
    ),
    "cheer": ("hello", "hi there", "good news", "happy days", "yes, please", "look at this"),
    # Begin a heading, which has to go on and say something.
    "bright": ("good news", "a good idea", "a good choice", "something good", "look at this"),
    # Begin a question; the program adds its mark. The first wants the name, the second facts or the topic.
    "ask name": ("have you met", "looking for", "ready for", "why not try", "time to meet"),
    "ask fact": ("in the mood for", "do you like", "thinking of"),
    "with": ("with",),
    "in": ("in",),
    "and": ("and",),
    "and held": ("and",),
    "comma": (",",),
    "colon": (":",),
    "summing up": (":",),
    STOP: (".", "!"),
}
FACTS = ("thing", "things", "material", "trait")
FOLLOWS: dict[str, tuple[str, ...]] = {
    START: ("because", "lead", "hail", "mood", "for", "nice", "cheer", *FACTS, "name"),
    "because": ("colon",),
    "lead": ("name",),
    "ask name": ("asked name",),
    "ask fact": ("asked",),
    "asked name": (STOP,),
    "asked": (STOP,),
    "hail": ("held", "made of"),
    "mood": ("topic",),
    "topic": ("colon", STOP),
    "for": ("colon",),
    "meant for": (STOP,),
    "nice": ("colon", STOP),
    "cheer": (STOP,),
    "bright": ("colon",),
    "name": ("with", "in", "colon", STOP, "meant for"),
    # Before one thing English wants an article, which a fact lacks: "with a nib", but "with two nozzles".
    "with": ("held",),
    "in": ("made of",),
    # What a sentence holds ends with "and", or at once: "with oat milk, lavender oil" is no English.
    "held": ("and held", "colon", STOP),
    "and held": ("last held",),
    "last held": ("colon", STOP),
    "made of": ("colon", STOP),
    # A list of facts. Several can be summed up, "oak frame, 40 cm wide: the brush"; one alone is no sum.
    "thing": ("and", "comma", STOP),
    "things": ("and", "comma", STOP),
    "material": ("and", "comma", STOP),
    "trait": ("comma", STOP),
    "comma": ("next", "next trait"),
    "next": ("and", "comma", "summing up", STOP),
    "next trait": ("comma", "summing up", STOP),
    "and": ("last",),
    "last": ("summing up", STOP),
    "summing up": ("name",),
    "colon": ("name", *FACTS),
    STOP: ("lead", "hail", *FACTS, "name"),
}
# What a heading begins with, so that each says something.
HEADED = ("lead", "hail", "mood", "bright", *FACTS, "name")
# What a question begins with.
ASKING = ("ask name", "ask fact")
# Kinds that no two lines of a text may have the same phrase of.
APART = ("lead", "hail", "mood", "for", "nice", "cheer")
# Kinds of which a phrase may be used more than once in a line.
REPEATED = {"with", "in", "and", "and held", "comma", STOP}
NAME = "{name}"
# Facts that are no things: "dimmable", "works on induction", "lies flat", "two pairs", "6 mm thick".
TRAIT = re.compile(
    r"\d.*|.*(pairs|pieces|packs|rolls|sheets)|"
    r"(works|burns|comes|fits|holds|runs|lasts|stands|keeps|folds|opens|serves|lies|packs|carries|turns|weighs|"
    r"charges|connects|dries|hangs|covers|measures|made|pressed|hand|trim|brew|wash|rinse|store|sow|shake|sizes?|for|in|"
    r"with|from|on|suitable|ready|easy|can|is|has)\b.*|.*(able|ible|proof|free|safe|ready|resistant|friendly|ed|less)",
    re.IGNORECASE,
)
# What the things of a fact are called stands before these words: "notes of peach". Before others a verb may
# stand as well: "dims with a touch", "seat adjusts from 30 to 41 cm".
BEHIND = re.compile(r"\s(?:for|of)\s.*")
DOUBTFUL = re.compile(r".*s\s(?:with|on|in|to|from|at|without|by|up|down|flat)\b.*", re.IGNORECASE)
PLURAL = re.compile(r".*[^isu]s", re.IGNORECASE)
# Topics that need no article: "time for tea", "a good day for dogs", but not "time for picnic".
TOPIC = re.compile(
    r".*(s|ing|wares?|wear|care|storage|food|tea|coffee|music|audio|yoga|breakfast|furniture|stationery|chocolate|wine|"
    r"cheese|honey|juice|art|travel|football|tennis|golf|bread|pasta|fruit)"
)
# Facts that name a material, which a product can be "in".
MATERIAL = re.compile(
    r".*\b(wool|merino|cotton|linen|silk|leather|suede|denim|velvet|cashmere|flannel|canvas|nylon|polyester|fleece|"
    r"oak|beech|wood|bamboo|steel|copper|brass|silver|gold|porcelain|stoneware|ceramic|rubber|felt)",
    re.IGNORECASE,
)


def plain_english(
    name: str, facts: tuple[str, ...], topic: str, likes: str, lines: tuple[Line, ...]
) -> Wording:
    """Return a product's wording: all plain phrases, its facts, its topic, and what the reader likes."""
    own: dict[str, tuple[str, ...]] = {"name": (NAME,), "topic": (topic,) if TOPIC.fullmatch(topic) else ()}
    own["because"] = (f"because you like {likes}",) if likes else ()
    own |= {kind: tuple(fact for fact in facts if kind_of(fact) == kind) for kind in FACTS}
    own |= {"held": own["things"], "last held": own["things"], "made of": own["material"]}
    own["next"] = own["last"] = (*own["thing"], *own["things"], *own["material"])
    own["next trait"] = own["trait"]
    own["asked name"] = (NAME,)
    own["asked"] = (*own["things"], *own["material"], *own["topic"])
    return Wording(
        phrases=tuple((PHRASES | own).items()),
        follows=tuple(FOLLOWS.items()),
        lines=lines,
        once=tuple(kind for kind in PHRASES | own if kind not in REPEATED),
        marks=("comma", "colon", "summing up", STOP),
        apart=APART if len(lines) > 1 else (),
        # Lines that stand above sentences are read together; those that are to choose from are not.
        apart_in_headings=FACTS if any(line.sentences for line in lines) else (),
        lengths=((NAME, len(name)),),
    )


def kind_of(fact: str) -> str:
    """Say how a fact can stand in a sentence: as one thing or many, as a material, as a trait in a list."""
    if TRAIT.fullmatch(fact) or DOUBTFUL.fullmatch(fact):
        return "trait"
    if MATERIAL.fullmatch(fact):
        return "material"
    return "things" if PLURAL.fullmatch(BEHIND.sub("", fact)) else "thing"
