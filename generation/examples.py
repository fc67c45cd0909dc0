"""Examples that show the model each kind of text: invented products, their facts, and copy that says no more.

Each text states the given facts pleasantly and adds nothing that could be false. No verb has {name} as its
subject, because a name may be plural. Offers are not part of them: the program adds those sentences.
"""

from dataclasses import dataclass

from generation.kinds import Kind, Tone


@dataclass(frozen=True)
class Example:
    """One product's facts and a text in the right kind and tone; `texts` are in the order of PARTS."""

    tone: Tone
    name: str
    category: str
    facts: tuple[str, ...]
    texts: tuple[str, ...]


TOWEL = ("Cove bath towel", "Bath textiles", ("organic cotton", "550 g per square metre", "hanging loop"))
PAN = ("Hearth cast iron pan", "Cookware", ("cast iron", "works on induction", "oven safe"))
PUZZLE = ("Attic puzzle", "Puzzles", ("1000 pieces", "recycled board", "poster included"))
UKULELE = (
    "Koa concert ukulele",
    "Musical instruments",
    ("mahogany body", "nylon strings", "gig bag included"),
)
MOUSE = ("Arc vertical mouse", "Computer accessories", ("quiet clicks", "57 degree angle", "rechargeable"))
COFFEE = ("Morning Mill ground coffee", "Coffee", ("size: 12 oz", "medium roast"))
SOCKS = ("Pace ankle socks", "Socks", ("cotton blend", "cushioned heel", "five colours"))
APRON = ("Bistro apron", "Kitchen textiles", ("washed linen", "cross-back straps", "front pocket"))

EXAMPLES: dict[Kind, tuple[Example, ...]] = {
    Kind.EMAIL: (
        Example(
            Tone.WARM,
            *TOWEL,
            (
                "Step out of the shower, into cotton",
                "Mornings start softer with {name}: organic cotton, 550 g per square metre, hanging loop.",
            ),
        ),
        Example(
            Tone.PLAIN,
            *PAN,
            (
                "From hob to oven in one pan",
                "Meet {name}: cast iron that works on induction and is oven safe too.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            (
                "1000 pieces of a quiet evening",
                "Clear the table! With {name} you get 1000 pieces of recycled board, poster included.",
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
        Example(
            Tone.BRIEF,
            *COFFEE,
            ("Time for coffee", "Your next cup: {name}. Medium roast, 12 oz."),
        ),
    ),
    Kind.SMS: (
        Example(Tone.PLAIN, *PAN, ("From hob to oven: {name} in cast iron works on induction too.",)),
        Example(Tone.PLAYFUL, *SOCKS, ("Happy feet! {name} in five colours, with a cushioned heel.",)),
        Example(Tone.WARM, *TOWEL, ("Treat yourself to organic cotton: {name}, with a hanging loop.",)),
        Example(Tone.BRIEF, *MOUSE, ("{name}: quiet clicks, 57 degree angle.",)),
        Example(Tone.EXPERT, *COFFEE, ("Medium roast, 12 oz: {name} for your next cup.",)),
    ),
    Kind.SOCIAL: (
        Example(
            Tone.PLAYFUL,
            *APRON,
            ("Spills are welcome here: {name} in washed linen, with cross-back straps and a front pocket.",),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            ("The little things make a morning. {name}: organic cotton, ready on its hanging loop.",),
        ),
        Example(Tone.PLAIN, *SOCKS, ("New in our shop: {name} in a cotton blend, in five colours.",)),
        Example(
            Tone.EXPERT,
            *UKULELE,
            ("Mahogany for the body, nylon for the strings. {name} comes with the gig bag included.",),
        ),
        Example(Tone.BRIEF, *PUZZLE, ("1000 pieces. Recycled board. Poster included. {name}.",)),
    ),
    Kind.SEARCH_AD: (
        Example(
            Tone.PLAIN,
            *PAN,
            ("Cast iron, hob to oven", "{name}: cast iron, works on induction, oven safe."),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            ("Organic cotton towels", "Feel the difference of organic cotton: {name} with a hanging loop."),
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            ("57 degree vertical mouse", "{name}: a 57 degree angle, quiet clicks, rechargeable."),
        ),
        Example(Tone.BRIEF, *SOCKS, ("Socks in five colours", "{name}. Cotton blend, cushioned heel.")),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            ("1000 pieces await", "Clear the table for {name}: 1000 pieces, poster included."),
        ),
    ),
    Kind.PRODUCT: (
        Example(
            Tone.PLAIN,
            *APRON,
            ("An apron in washed linen: {name} with cross-back straps, and a front pocket for a spoon.",),
        ),
        Example(
            Tone.EXPERT,
            *TOWEL,
            ("Organic cotton with a weight of 550 g per square metre. {name} comes with a hanging loop.",),
        ),
        Example(
            Tone.WARM,
            *UKULELE,
            (
                "Made to be played, and easy to take along: {name} with a mahogany body and nylon strings. "
                "The gig bag is included.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *SOCKS,
            ("Five colours, so every day gets its own. {name} in a cotton blend, with a cushioned heel.",),
        ),
        Example(Tone.BRIEF, *COFFEE, ("{name}: medium roast, 12 oz.",)),
    ),
    Kind.SEO: (
        Example(
            Tone.PLAIN,
            *PAN,
            (
                "{name} in cast iron",
                "Take a look at {name}: cast iron cookware that works on induction and is oven safe.",
            ),
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            (
                "{name} with quiet clicks",
                "A vertical mouse with a 57 degree angle and quiet clicks: {name}, rechargeable.",
            ),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            (
                "{name} in organic cotton",
                "Soft mornings with {name}: organic cotton, 550 g per square metre, with a hanging loop.",
            ),
        ),
        Example(
            Tone.BRIEF,
            *SOCKS,
            ("{name} in five colours", "{name}: cotton blend, cushioned heel, five colours."),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            (
                "{name}: 1000 pieces",
                "Clear the table and get going: {name} with 1000 pieces of recycled board, poster included.",
            ),
        ),
    ),
    Kind.OFFER: (
        Example(
            Tone.PLAIN, *PAN, ("From hob to oven in one pan: {name} in cast iron works on induction too.",)
        ),
        Example(
            Tone.WARM, *COFFEE, ("Time for your next cup: {name}, a medium roast made for slow mornings.",)
        ),
        Example(Tone.PLAYFUL, *SOCKS, ("Happy feet ahead: {name} in five colours, with a cushioned heel.",)),
        Example(Tone.EXPERT, *TOWEL, ("For you: {name} in organic cotton, 550 g per square metre.",)),
        Example(Tone.BRIEF, *MOUSE, ("{name}: quiet clicks, 57 degree angle.",)),
    ),
}
