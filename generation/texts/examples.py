"""Examples that show the model each kind of text: invented products, their facts, and copy that says no more.

Each text states the given facts pleasantly and adds nothing that could be false. No verb has {name} as its
subject, because a name may be plural. Offers are not part of them: the program adds those sentences.
"""

from dataclasses import dataclass

from generation.texts.kinds import Kind, Tone


@dataclass(frozen=True)
class Example:
    """One product's facts and a text in the right kind and tone; `texts` are in the order of its parts."""

    tone: Tone
    name: str
    category: str
    facts: tuple[str, ...]
    texts: tuple[str, ...]
    likes: str = ""  # what the reader of a personal offer likes
    rating: int | None = None  # of the review that is answered
    topic: str = ""


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
# Categories: their name twice, and what their products have.
TOWELS = ("Bath textiles", "Bath textiles", ("organic cotton", "linen", "waffle weave"))
TEAS = ("Teas", "Teas", ("green", "black", "herbal"))
LAMPS = ("Lamps", "Lamps", ("clip lamps", "floor lamps", "night lights"))

EXAMPLES: dict[Kind, tuple[Example, ...]] = {
    Kind.EMAIL: (
        Example(
            Tone.PLAIN,
            *PAN,
            (
                "Cast iron for your home",
                "Works on induction, oven safe",
                "Meet {name}",
                "Take a look at {name}: cast iron that works on induction. It is oven safe too.",
            ),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            (
                "Treat yourself to organic cotton",
                "A little joy for every morning",
                "Good mornings start here",
                "Start your day with {name}: organic cotton, 550 g per square metre, with a hanging loop.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            (
                "1000 pieces of joy",
                "Recycled board, poster included",
                "Make room for it",
                "Make room! With {name} you get 1000 pieces of recycled board, and the poster is included.",
            ),
        ),
        Example(
            Tone.EXPERT,
            *UKULELE,
            (
                "Mahogany body, nylon strings",
                "Gig bag included",
                "A look at {name}",
                "A mahogany body and nylon strings: that is {name}, with the gig bag included.",
            ),
        ),
        Example(
            Tone.BRIEF,
            *COFFEE,
            (
                "Time for coffee",
                "Medium roast, 12 oz",
                "Your next coffee",
                "Your next coffee: {name}. Medium roast, 12 oz.",
            ),
        ),
    ),
    Kind.SMS: (
        Example(Tone.PLAIN, *PAN, ("Meet {name} in cast iron, oven safe.",)),
        Example(Tone.WARM, *TOWEL, ("Treat yourself to organic cotton: {name}, with a hanging loop.",)),
        Example(Tone.PLAYFUL, *SOCKS, ("Hello, five colours! {name} with a cushioned heel.",)),
        Example(Tone.EXPERT, *COFFEE, ("Medium roast, 12 oz: {name} for your next coffee.",)),
        Example(Tone.BRIEF, *MOUSE, ("{name}: quiet clicks, 57 degree angle.",)),
    ),
    Kind.PUSH: (
        Example(
            Tone.PLAIN,
            *PAN,
            ("Cast iron, oven safe", "Meet {name}, which works on induction too."),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            ("A treat for your mornings", "{name} in organic cotton, with a hanging loop."),
        ),
        Example(
            Tone.PLAYFUL,
            *SOCKS,
            ("Five colours, happy days", "Say hello to {name} with a cushioned heel."),
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            ("57 degree angle, quiet clicks", "A look at {name}: rechargeable, with quiet clicks."),
        ),
        Example(
            Tone.BRIEF,
            *COFFEE,
            ("Coffee time", "{name}: medium roast, 12 oz."),
        ),
    ),
    Kind.SUBJECTS: (
        Example(
            Tone.PLAIN,
            *PAN,
            ("Meet {name}", "Looking for cast iron?", "Works on induction, oven safe", "Cast iron"),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            (
                "Treat yourself to {name}",
                "How about organic cotton?",
                "550 g per square metre, hanging loop",
                "For your mornings",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            (
                "Make room for {name}",
                "Ready for 1000 pieces?",
                "Recycled board, poster included",
                "1000 pieces of joy",
            ),
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            (
                "Get to know {name}",
                "Looking for a 57 degree angle?",
                "Quiet clicks, rechargeable",
                "Quiet clicks",
            ),
        ),
        Example(
            Tone.BRIEF,
            *SOCKS,
            ("{name}", "In the mood for five colours?", "Cotton blend, cushioned heel", "Hello, socks"),
        ),
    ),
    Kind.SOCIAL_X: (
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
    Kind.SOCIAL_FACEBOOK: (
        Example(
            Tone.PLAIN,
            *PAN,
            (
                "Have a look at {name}: cast iron that works on induction. Oven safe too, and ready when "
                "you are.",
            ),
        ),
        Example(
            Tone.WARM,
            *COFFEE,
            (
                "Good mornings start with coffee. We like ours with {name}: medium roast, 12 oz. How about "
                "you?",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            ("Make room! Here comes {name}: 1000 pieces of recycled board, and the poster is included.",),
        ),
        Example(
            Tone.EXPERT,
            *TOWEL,
            (
                "Organic cotton, 550 g per square metre: that is what you get with {name}. The hanging "
                "loop is a nice touch.",
            ),
        ),
        Example(
            Tone.BRIEF,
            *SOCKS,
            ("{name}: cotton blend, cushioned heel. Choose from five colours.",),
        ),
    ),
    Kind.SOCIAL_INSTAGRAM: (
        Example(
            Tone.PLAIN,
            *APRON,
            ("{name} in washed linen, with cross-back straps and a front pocket.",),
        ),
        Example(
            Tone.WARM,
            *UKULELE,
            (
                "For evenings with friends: {name} with a mahogany body. The gig bag is included, so take "
                "it along.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *SOCKS,
            ("Hello, you! {name} in five colours, with a cushioned heel. Which is yours?",),
        ),
        Example(
            Tone.EXPERT,
            *PAN,
            ("Cast iron, oven safe, at home on induction: {name}.",),
        ),
        Example(
            Tone.BRIEF,
            *PUZZLE,
            ("1000 pieces. Poster included. {name}, for you.",),
        ),
    ),
    Kind.SOCIAL_LINKEDIN: (
        Example(
            Tone.PLAIN,
            *MOUSE,
            ("We would like you to meet {name}: a 57 degree angle, quiet clicks, and it is rechargeable.",),
        ),
        Example(
            Tone.WARM,
            *COFFEE,
            ("A good day starts with coffee. For your next, think of {name}: medium roast, 12 oz.",),
        ),
        Example(
            Tone.PLAYFUL,
            *MOUSE,
            ("Quiet clicks, please! Say hello to {name}, with a 57 degree angle.",),
        ),
        Example(
            Tone.EXPERT,
            *TOWEL,
            ("Here is what you get with {name}: organic cotton, 550 g per square metre, a hanging loop.",),
        ),
        Example(
            Tone.BRIEF,
            *APRON,
            ("{name}: washed linen, cross-back straps, front pocket.",),
        ),
    ),
    Kind.SOCIAL_PINTEREST: (
        Example(
            Tone.PLAIN,
            *PAN,
            ("{name} in cast iron", "Take a look at {name}: cast iron, works on induction, oven safe."),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            (
                "Organic cotton for good mornings",
                "Treat yourself to {name} in organic cotton, with a hanging loop.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            (
                "1000 pieces for your evenings",
                "Say hello to {name}: 1000 pieces of recycled board, with the poster included.",
            ),
        ),
        Example(
            Tone.EXPERT,
            *APRON,
            (
                "Washed linen, cross-back straps",
                "A look at {name}: washed linen, cross-back straps and a front pocket.",
            ),
        ),
        Example(
            Tone.BRIEF,
            *SOCKS,
            ("Socks in five colours", "{name}: cotton blend, cushioned heel."),
        ),
    ),
    Kind.WEIBO: (
        Example(
            Tone.PLAIN,
            *PAN,
            ("Here is {name}: cast iron, works on induction, oven safe.",),
        ),
        Example(
            Tone.WARM,
            *COFFEE,
            ("For a good day: {name}, medium roast.",),
        ),
        Example(
            Tone.PLAYFUL,
            *SOCKS,
            ("Five colours, and the choice is yours: {name}.",),
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            ("A 57 degree angle and quiet clicks: {name}.",),
        ),
        Example(
            Tone.BRIEF,
            *PUZZLE,
            ("{name}: 1000 pieces, poster included.",),
        ),
    ),
    Kind.XIAOHONGSHU: (
        Example(
            Tone.PLAIN,
            *PAN,
            ("Cast iron, oven safe", "Have a look at {name}: cast iron that works on induction."),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            ("A treat in cotton", "Mornings with {name}: organic cotton, with a hanging loop."),
        ),
        Example(
            Tone.PLAYFUL,
            *SOCKS,
            ("Five happy colours", "Which of the five colours is yours? {name} with a cushioned heel."),
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            ("Quiet clicks", "A look at {name}: 57 degree angle, rechargeable."),
        ),
        Example(
            Tone.BRIEF,
            *COFFEE,
            ("Coffee time", "{name}: medium roast, 12 oz."),
        ),
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
    Kind.DISPLAY_AD: (
        Example(
            Tone.PLAIN,
            *PAN,
            (
                "Cast iron for your home",
                "{name}: cast iron that works on induction",
                "Oven safe, works on induction: {name}.",
            ),
        ),
        Example(
            Tone.WARM,
            *TOWEL,
            (
                "Treat yourself to cotton",
                "A good start to the day with organic cotton",
                "{name} in organic cotton, with a hanging loop.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            (
                "1000 pieces of fun",
                "Make room for 1000 pieces",
                "{name}: recycled board, poster included.",
            ),
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            (
                "57 degree angle",
                "Quiet clicks, 57 degree angle, rechargeable",
                "{name}: rechargeable, with quiet clicks.",
            ),
        ),
        Example(
            Tone.BRIEF,
            *SOCKS,
            ("Hello, socks", "Five colours, cushioned heel", "{name} in a cotton blend."),
        ),
    ),
    Kind.PRODUCT: (
        Example(
            Tone.PLAIN,
            *APRON,
            (
                "{name} in washed linen",
                "An apron in washed linen: {name} with cross-back straps, and a front pocket too.",
            ),
        ),
        Example(
            Tone.WARM,
            *UKULELE,
            (
                "{name} with gig bag",
                "Easy to love and ready to go: {name} with a mahogany body and nylon strings. The gig bag "
                "is included.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *SOCKS,
            (
                "{name} in five colours",
                "Five colours, so every day gets its own: {name} in a cotton blend, with a cushioned heel.",
            ),
        ),
        Example(
            Tone.EXPERT,
            *TOWEL,
            (
                "{name}: organic cotton",
                "Organic cotton, 550 g per square metre: that is {name}. A hanging loop keeps things simple.",
            ),
        ),
        Example(
            Tone.BRIEF,
            *COFFEE,
            ("{name}, 12 oz", "{name}: medium roast."),
        ),
    ),
    Kind.CATEGORY: (
        Example(
            Tone.PLAIN,
            *TOWELS,
            ("Find {name} for every room: organic cotton, linen and waffle weave.",),
        ),
        Example(
            Tone.WARM,
            *TEAS,
            ("Take your time with {name}: green, black and herbal, for every moment of the day.",),
        ),
        Example(
            Tone.PLAYFUL,
            *LAMPS,
            ("Let there be {name}! Clip lamps, floor lamps and night lights, here and now.",),
        ),
        Example(
            Tone.EXPERT,
            *TEAS,
            ("From green to black to herbal: choose your way through {name}.",),
        ),
        Example(
            Tone.BRIEF,
            *LAMPS,
            ("{name}: clip lamps, floor lamps, night lights.",),
        ),
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
    Kind.LANDING: (
        Example(
            Tone.PLAIN,
            *PAN,
            (
                "Cast iron for your home",
                "Take a look at {name}: cast iron that works on induction and is oven safe.",
            ),
        ),
        Example(
            Tone.WARM,
            *UKULELE,
            (
                "Ready to go, and easy to love",
                "Say hello to {name}: a mahogany body, nylon strings, and the gig bag is included.",
            ),
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            (
                "Make some room",
                "Make room for {name}: 1000 pieces of recycled board, and the poster is included.",
            ),
        ),
        Example(
            Tone.EXPERT,
            *TOWEL,
            ("550 g per square metre", "Organic cotton with a hanging loop: that is {name}."),
        ),
        Example(
            Tone.BRIEF,
            *MOUSE,
            ("Quiet clicks", "{name}: 57 degree angle, rechargeable."),
        ),
    ),
    Kind.PROMOTION: (
        Example(
            Tone.PLAIN,
            *PAN,
            ("Cast iron, now for you", "Take a look at {name}: works on induction, oven safe."),
        ),
        Example(
            Tone.WARM,
            *COFFEE,
            ("A treat for coffee friends", "Enjoy {name}: medium roast, 12 oz."),
        ),
        Example(
            Tone.PLAYFUL,
            *SOCKS,
            ("Happy days are here", "Say yes to five colours: {name} with a cushioned heel."),
        ),
        Example(
            Tone.EXPERT,
            *UKULELE,
            ("Mahogany and nylon", "{name}: mahogany body, nylon strings, gig bag included."),
        ),
        Example(
            Tone.BRIEF,
            *MOUSE,
            ("Quiet clicks for you", "{name}, rechargeable."),
        ),
    ),
    Kind.REPLY: (
        Example(
            Tone.PLAIN,
            *SOCKS,
            (
                "Thank you for your review of {name}. It helps us to know what you think. Please tell us "
                "more if you like.",
            ),
            rating=3,
        ),
        Example(
            Tone.WARM,
            *COFFEE,
            (
                "Thank you for telling us about {name}. We are sorry to read this about the delivery. "
                "Please write to us: we would like to know more.",
            ),
            rating=1,
            topic="delivery",
        ),
        Example(
            Tone.PLAYFUL,
            *PUZZLE,
            ("Thanks for writing about {name}. Your kind words made us smile. See you again soon.",),
            rating=5,
        ),
        Example(
            Tone.EXPERT,
            *MOUSE,
            (
                "Thank you for your review of {name}. We are sorry to read this. Please write to us and "
                "tell us what happened.",
            ),
            rating=2,
        ),
        Example(
            Tone.BRIEF,
            *TOWEL,
            ("Thank you for your words about {name}. We are glad that you like it.",),
            rating=4,
            topic="quality",
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
