"""The plain English that a small model is bound to: phrases by kind, and which kind may follow which.

Every path through this grammar is a text that reads well and says nothing but facts. No phrase promises,
compares or describes a product; all of that comes from the fact sheet.
"""

import re
from collections.abc import Set

from generation.texts.kinds import Tone
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
    # Wants something to do or to enjoy after it.
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
    # Begin a heading, which goes on and says something: the first the name, the second that or a fact.
    "bright": ("a good idea", "a good choice", "something good"),
    "tidings": ("good news", "look at this"),
    # Begin a question; the program adds its mark. They want the name, the topic, and something to enjoy.
    "ask name": ("have you met", "looking for", "ready for", "why not try", "time to meet"),
    "ask topic": ("looking for", "do you like", "thinking of"),
    "ask mood": ("in the mood for",),
    "with": ("with",),
    "in": ("in",),
    "and": ("and",),
    "and held": ("and",),
    "comma": (",",),
    "colon": (":",),
    "telling": (":",),
    "summing up": (":",),
    STOP: (".", "!"),
}
# Phrases that only a warm or playful text has, and those that an expert's and a brief one lack besides.
FOND = {
    *("say hello to", "treat yourself to", "make room for", "you will love", "we love", "bring home"),
    *("add a little joy with", "say yes to", "we like", "think", "a little time for", "for good days"),
    *("for you and yours", "for the days ahead", "a little joy", "a lovely choice", "a simple pleasure"),
    *("a reason to smile", "a happy start", "a treat for you", "a touch of joy", "hi there", "happy days"),
    *("yes, please", "look at this", "why not try", "!"),
}
CHATTY = {
    *("you will like", "it is time for", "we would like you to meet", "a good day for", "a good idea"),
    *("good news", "something good", "hello"),
}
UNSAID = {
    Tone.PLAIN: FOND,
    Tone.WARM: {"you will like"},  # "you will love" says it
    Tone.PLAYFUL: {"you will like"},
    Tone.EXPERT: FOND | CHATTY,
    Tone.BRIEF: FOND | CHATTY,
}
FACTS = ("thing", "things", "material", "trait")
FOLLOWS: dict[str, tuple[str, ...]] = {
    START: ("because", "lead", "hail", "mood", "for", "nice", "cheer", *FACTS, "name"),
    "because": ("summing up",),
    "lead": ("led name",),
    "ask name": ("asked name",),
    "ask topic": ("asked topic",),
    "ask mood": ("asked mood",),
    "asked name": (STOP,),
    "asked topic": (STOP,),
    "asked mood": (STOP,),
    "hail": ("held", "made of"),
    "mood": ("pastime",),
    "pastime": ("summing up", STOP),
    "for": ("summing up",),
    "meant for": (STOP,),
    "nice": ("summing up", STOP),
    "cheer": (STOP,),
    "bright": ("summing up",),
    "tidings": ("telling",),
    "telling": ("name", "thing", "things", "material"),
    # "You will love the brush for you" is no English.
    "led name": ("with", "in", "colon", STOP),
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
    # A bare measure begins nothing, and what the product lacks is said by itself.
    "measure": ("comma", STOP),
    "lack": (STOP,),
    "comma": ("next", "next trait"),
    "next": ("and", "comma", "summing up", STOP),
    "next trait": ("comma", "summing up", STOP),
    "and": ("last",),
    "last": ("summing up", STOP),
    "summing up": ("led name",),
    "colon": ("name", *FACTS, "measure"),
    STOP: ("lead", "hail", *FACTS, "lack", "name"),
}
# What a heading begins with, so that each says something.
HEADED = ("lead", "hail", "mood", "bright", "tidings", *FACTS, "name")
# What a question begins with.
ASKING = ("ask name", "ask topic", "ask mood")
# Kinds that no two lines of a text may have the same phrase of.
APART = ("lead", "hail", "mood", "for", "nice", "cheer")
# Kinds of which a phrase may be used more than once in a line.
REPEATED = {"with", "in", "and", "and held", "comma", STOP}
NAME = "{name}"
# Facts that are a size or a weight and nothing else: "90 x 32 x 46 cm", "12 m long".
UNIT = (
    r"(?:mm|cm|km|m|in|inch|inches|ft|mg|g|kg|lb|lbs|oz|ml|cl|dl|l|litres?|liters?|"
    r"v|w|mah|ah|hz|nm|lm|lumens|% vol|%|°c|°f)"
)
MEASURE = re.compile(
    r"(?:(?:finished |overall )?(?:size|dimensions|diameter|length|height|width|depth|weight):? )?"
    rf"\d[\d.,/]*(?: ?{UNIT})?(?: ?[x×-] ?\d[\d.,/]*(?: ?{UNIT})?)*"
    r"(?: (?:long|wide|high|deep|tall|thick|across))?",
    re.IGNORECASE,
)
# What a product lacks or is not for: true, and nothing to begin with.
LACK = re.compile(
    r"(?!no ).*\b(?:not (?:included|supplied|suitable|suited|meant|intended|for)|sold separately|excluded|"
    r"unsuitable|needs|requires)\b.*",
    re.IGNORECASE,
)
# Facts that are no things: "dimmable", "works on induction", "two pairs", and those that have an "and" or a
# comma of their own. A first word in -s may be a verb: "floats", "dims slowly", but not "notes of peach".
TRAIT = re.compile(
    r"\d.*|.*[,;&/].*|.* and .*|\w*[^\Wisu]s(?! (?:of|for)\b)(?: .*)?|.*(pairs|pieces|packs|rolls|sheets)|"
    r"\w+(?:ed|en|wn|made) (?:\d|(?:in|on|by|at|with|without|to|for|from|up|into|onto|against)\b).*|fit .*|"
    r"(works|burns|comes|fits|holds|runs|lasts|stands|keeps|folds|opens|serves|lies|packs|carries|turns|weighs|"
    r"charges|connects|dries|hangs|covers|measures|made|pressed|hand|trim|brew|wash|rinse|store|sow|shake|sizes?|for|in|"
    r"with|from|on|suitable|ready|easy|can|is|has)\b.*|.*(able|ible|proof|free|safe|ready|resistant|friendly|ed|less)",
    re.IGNORECASE,
)
# What the things of a fact are called stands before these words: "notes of peach". Before others a verb may
# stand as well: "dims with a touch", "seat adjusts from 30 to 41 cm".
BEHIND = re.compile(r"\s(?:for|of|that|which)\s.*")
DOUBTFUL = re.compile(
    r".*s\s(?:with|on|in|to|from|at|without|by|up|down|flat|when|while|if)\b.*", re.IGNORECASE
)
# Nor are these many things: "comfort temperature 2 degrees", "washable at 30 degrees".
BESIDES = re.compile(r".*\D\s\d.*|.*\s(?:at|in|on|to|up|per|from|by|with|under|over)\s.*", re.IGNORECASE)
PLURAL = re.compile(r".*[^isu]s", re.IGNORECASE)
# Topics that need no article: "do you like tea", "looking for jackets", but not "looking for picnic".
TOPIC = re.compile(
    r".*(s|ing|wares?|wear|care|storage|food|tea|coffee|music|audio|yoga|breakfast|furniture|stationery|chocolate|wine|"
    r"cheese|honey|juice|art|travel|football|tennis|golf|bread|pasta|fruit)"
)
# Topics that one has time for or is in the mood for.
PASTIME = re.compile(
    r".*\b(?:tea|coffee|music|yoga|breakfast|chocolate|wine|cheese|honey|juice|art|travel|football|tennis|golf|bread|"
    r"pasta|fruit|running|cycling|gardening|baking|cooking|camping|hiking|swimming|painting|drawing|fishing|sewing|"
    r"knitting|reading|dancing|skiing|climbing|sailing|walking|games|puzzles|crafts|sports|books|snacks|sweets|biscuits|"
    r"cookies)"
)
# Facts that name a material, which a product can be "in".
MATERIAL = re.compile(
    r".*\b(wool|merino|cotton|linen|silk|leather|suede|denim|velvet|cashmere|flannel|canvas|nylon|polyester|fleece|"
    r"oak|beech|wood|bamboo|steel|copper|brass|silver|gold|porcelain|stoneware|ceramic|rubber|felt)",
    re.IGNORECASE,
)


def plain_english(
    name: str, facts: tuple[str, ...], topics: tuple[str, str], lines: tuple[Line, ...], unsaid: Set[str]
) -> Wording:
    """Return a product's wording: plain phrases, its facts, its topic, and what the reader likes."""
    topic, likes = topics
    said = {kind: tuple(text for text in texts if text not in unsaid) for kind, texts in PHRASES.items()}
    own = _by_kind(facts)
    own |= {"held": own["things"], "last held": own["things"], "made of": own["material"]}
    own["next"] = own["last"] = (*own["thing"], *own["things"], *own["material"])
    own["next trait"] = (*own["trait"], *own["measure"])
    own["name"] = own["led name"] = own["asked name"] = (NAME,)
    own["asked topic"] = (topic,) if TOPIC.fullmatch(topic) else ()
    own["pastime"] = own["asked mood"] = (topic,) if PASTIME.fullmatch(topic) else ()
    own["because"] = (f"because you like {likes}",) if likes else ()
    if ":" in name:
        own |= {"colon": (), "telling": (), "summing up": ()}  # two of them in a sentence are hard to read
    return Wording(
        phrases=tuple((said | own).items()),
        follows=tuple(FOLLOWS.items()),
        lines=lines,
        once=tuple(kind for kind in said | own if kind not in REPEATED),
        marks=("comma", "colon", "telling", "summing up", STOP),
        apart=APART if len(lines) > 1 else (),
        # Lines that stand above sentences are read together; those that are to choose from are not.
        apart_in_headings=(*FACTS, "measure", "name") if any(line.sentences for line in lines) else (),
        lengths=((NAME, len(name)),),
    )


def unsaid_in(tone: Tone, *, exclaims: bool) -> Set[str]:
    """Return the phrases and marks that a text of this tone, in a voice that exclaims or does not, lacks."""
    return UNSAID[tone] if exclaims else UNSAID[tone] | {"!"}


def _by_kind(facts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the facts by kind; where none can begin a sentence, all are traits."""
    kinds = {
        kind: tuple(fact for fact in facts if kind_of(fact) == kind) for kind in (*FACTS, "measure", "lack")
    }
    if not any(kinds[kind] for kind in FACTS):
        kinds |= {"trait": facts, "measure": (), "lack": ()}
    return kinds


def kind_of(fact: str) -> str:
    """Say how a fact can stand in a sentence: as one thing or many, as a material, as a trait in a list."""
    if LACK.fullmatch(fact):
        return "lack"
    if MEASURE.fullmatch(fact):
        return "measure"
    if TRAIT.fullmatch(fact) or DOUBTFUL.fullmatch(fact):
        return "trait"
    if MATERIAL.fullmatch(fact):
        return "material"
    if not PLURAL.fullmatch(BEHIND.sub("", fact)):
        return "thing"
    return "trait" if BESIDES.fullmatch(fact) else "things"
