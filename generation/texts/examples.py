"""Examples that show the model each kind of text: invented products, their facts, and copy that says no more.

Each text states the given facts pleasantly and adds nothing that could be false. No verb has {name} as its
subject, because a name may be plural. Offers are not part of them: the program adds those sentences.
"""

from dataclasses import dataclass

from generation.texts.kinds import Kind, Tone


@dataclass(frozen=True)
class Example:
    """One product's facts and a text in the right kind and tone; `texts` are in the order of PARTS."""

    tone: Tone
    name: str
    category: str
    facts: tuple[str, ...]
    texts: tuple[str, ...]
    likes: str = ""  # what the reader of a personal offer likes


TOWEL = ("Cove bath towel", "Bath textiles", ("organic cotton", "550 g per square metre", "hanging loop"))
PAN = ("Hearth pan", "Cookware", ("cast iron", "works on induction", "oven safe"))
PUZZLE = ("Attic puzzle", "Puzzles", ("1000 pieces", "recycled board", "poster included"))
UKULELE = (
    "Koa concert ukulele",
    "Musical instruments",
    ("mahogany body", "nylon strings", "gig bag included"),
)
MOUSE = ("Arc vertical mouse", "Computer accessories", ("quiet clicks", "57 degree angle", "rechargeable"))
COFFEE = ("Morning Mill ground coffee", "Coffee", ("12 oz", "medium roast"))
SOCKS = ("Pace ankle socks", "Socks", ("cotton blend", "cushioned heel", "five colours"))
APRON = ("Bistro apron", "Kitchen textiles", ("washed linen", "cross-back straps", "front pocket"))

EXAMPLES: dict[Kind, tuple[Example, ...]] = {
    Kind.EMAIL: (
        Example(
            Tone.PLAIN,
            *PAN,
            (
                "Cast iron for your home",
                "Meet {name}: cast iron that works on induction and is oven safe too.",
            ),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            (
                "Treat yourself to organic cotton",
                "Start your day with {name}: organic cotton, 550 g per square metre, with a hanging loop.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            (
                "1000 pieces of joy",
                "Make room! With {name} you get 1000 pieces of recycled board, and the poster is included.",
            ),
        ),
        Example(
            Tone.EXPERT,
            *UKULELE,
            (
                "Mahogany body, nylon strings",
                "A mahogany body and nylon strings: that is {name}, with the gig bag included.",
            ),
        ),
        Example(Tone.BRIEF, *COFFEE, ("Time for coffee", "Your next coffee: {name}. Medium roast, 12 oz.")),
    ),
    Kind.SMS: (
        Example(Tone.PLAIN, *PAN, ("Meet {name} in cast iron, oven safe.",)),
        Example(Tone.WARM, *TOWEL, ("Treat yourself to organic cotton: {name}, with a hanging loop.",)),
        Example(Tone.PLAYFUL, *SOCKS, ("Hello, five colours! {name} with a cushioned heel.",)),
        Example(Tone.EXPERT, *COFFEE, ("Medium roast, 12 oz: {name} for your next coffee.",)),
        Example(Tone.BRIEF, *MOUSE, ("{name}: quiet clicks, 57 degree angle.",)),
    ),
    Kind.SOCIAL: (
        Example(
            Tone.PLAIN,
            *SOCKS,
            ("Take a look at {name}: a cotton blend with a cushioned heel, in five colours.",),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            ("It is the little things that make a morning: {name} in organic cotton, with a hanging loop.",),
        ),
        Example(
            Tone.PLAYFUL,
            *APRON,
            ("Look who is ready for the week: {name} in washed linen, with cross-back straps.",),
        ),
        Example(
            Tone.EXPERT,
            *UKULELE,
            ("Mahogany for the body, nylon for the strings: {name}, with the gig bag included.",),
        ),
        Example(Tone.BRIEF, *PUZZLE, ("1000 pieces. Recycled board. Poster included. {name}.",)),
    ),
    Kind.SEARCH_AD: (
        Example(
            Tone.PLAIN,
            *PAN,
            ("Cast iron for your home", "{name}: cast iron, works on induction, oven safe."),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            ("Treat yourself to cotton", "A good start to the day: {name} in organic cotton."),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            ("1000 pieces of fun", "Make room for {name}: 1000 pieces, poster included."),
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            ("Quiet clicks, 57 degree angle", "{name}: a 57 degree angle, quiet clicks, rechargeable."),
        ),
        Example(Tone.BRIEF, *SOCKS, ("Socks in five colours", "{name}. Cotton blend, cushioned heel.")),
    ),
    Kind.PRODUCT: (
        Example(
            Tone.PLAIN,
            *APRON,
            ("An apron in washed linen: {name} with cross-back straps, and a front pocket too.",),
        ),
        Example(
            Tone.WARM,
            *UKULELE,
            (
                "Easy to love and ready to go: {name} with a mahogany body and nylon strings. "
                "The gig bag is included.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *SOCKS,
            ("Five colours, so every day gets its own: {name} in a cotton blend, with a cushioned heel.",),
        ),
        Example(
            Tone.EXPERT,
            *TOWEL,
            ("Organic cotton, 550 g per square metre: that is {name}. A hanging loop keeps things simple.",),
        ),
        Example(Tone.BRIEF, *COFFEE, ("{name}: medium roast, 12 oz.",)),
    ),
    Kind.SEO: (
        Example(
            Tone.PLAIN,
            *PAN,
            (
                "{name} in cast iron",
                "Take a look at {name}: cast iron that works on induction and is oven safe.",
            ),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            (
                "{name} in organic cotton",
                "Good mornings start with {name}: organic cotton, 550 g per square metre, hanging loop.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            (
                "{name}: 1000 pieces",
                "Make room for {name}: 1000 pieces of recycled board, with the poster included.",
            ),
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            ("{name} with quiet clicks", "A 57 degree angle and quiet clicks: {name}, rechargeable."),
        ),
        Example(
            Tone.BRIEF,
            *SOCKS,
            ("{name} in five colours", "{name}: cotton blend, cushioned heel, five colours."),
        ),
    ),
    Kind.OFFER: (
        Example(Tone.PLAIN, *PAN, ("Take a look at {name} in cast iron, oven safe.",)),
        Example(Tone.WARM, *COFFEE, ("Because you like coffee: {name}, medium roast.",), "coffee"),
        Example(Tone.PLAYFUL, *SOCKS, ("Look at this: {name} with cushioned heel, five colours.",)),
        Example(Tone.EXPERT, *TOWEL, ("For you: {name} in organic cotton, 550 g per square metre.",)),
        Example(Tone.BRIEF, *MOUSE, ("{name}: quiet clicks, 57 degree angle.",)),
    ),
}
