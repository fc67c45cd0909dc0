"""Names for what the source leaves unnamed: products out of type, category and size, and invented people."""

import re
from typing import NamedTuple

# The source's words as people write them; everything else is only put into lower case with a capital.
WORDS = {
    "ACCESS": "accessories", "APPL": "appliances", "BEERALE": "beer & ale",
    "BEERALEMALT": "beer, ale & malt", "BEV": "beverage", "BKD": "baked", "BN": "bean", "BR": "bread",
    "BRD": "breaded", "BRKFST": "breakfast", "BTL": "bottle", "BTR": "butter", "CARB": "carbonated",
    "CATFD": "cat food", "CHIX": "chicken", "CHOC": "chocolate", "CHOCOCLATE": "chocolate",
    "CHOCOL": "chocolate", "CHP": "chopped", "CKYS": "cookies", "CLEANG": "cleaning", "CND": "canned",
    "CNDY": "candy", "CNTRL": "control", "COCO": "cocoa", "COFF": "coffee", "COMBIN": "combinations",
    "CONC": "concentrate", "CONT": "contributions", "CRBNTD": "carbonated", "CRKR": "crackers",
    "CRMD": "creamed", "CRYSTL": "crystal", "DECAFFINATED": "decaffeinated", "DEOD": "deodorant",
    "DISPOSIBLE": "disposable", "DNR": "dinner", "DNRS": "dinners", "DOGFD": "dog food",
    "DRESSNG": "dressing", "DRNK": "drink", "DRNKING": "drinking", "DRNKNG": "drinking", "DRNKS": "drinks",
    "DRSNG": "dressing", "EX": "except", "EXCP": "except", "FD": "food", "FEM": "feminine",
    "FLVR": "flavored", "FLVRD": "flavored", "FRZ": "frozen", "FRZN": "frozen", "GDS": "goods",
    "GR": "ground", "GRND": "ground", "HBC": "health & beauty", "HYGN": "hygiene", "INCL": "including",
    "INCLUDI": "including", "JCE": "juice", "JUI": "juice", "LIQ": "liquid", "LIQS": "liquors",
    "MACH": "machine", "MISC": "miscellaneous", "MLT": "multi", "MNERAL": "mineral", "MNRL": "mineral",
    "MULTIGRAIN": "multigrain", "MW": "microwave", "MX": "mix", "MXS": "mixes", "NDAIRY": "non-dairy",
    "OCCAS": "occasions", "OTHE": "other", "PCKGD": "packaged", "PK": "pack", "PKG": "packaged",
    "PKGD": "packaged", "PKLD": "pickled", "PNT": "peanut", "PREM": "premium", "PROD": "produce",
    "PWDR": "powder", "PWDRS": "powders", "REFRGRATD": "refrigerated", "REFRIG": "refrigerated",
    "REG": "regular", "SALD": "salad", "SAUCESSALSAPICANTEE": "sauces, salsa & picante", "SFT": "soft",
    "SGL": "single", "SHERBTS": "sherbets", "SNDWCH": "sandwich", "SNGL": "single", "SNKS": "snacks",
    "SPLY": "supplies", "SPRD": "spread", "SRV": "serve", "SS": "single-serve", "STK": "stick",
    "SUP": "super", "SUPPPLIES": "supplies", "SV": "service", "SW": "sweetener", "SWE": "sweetener",
    "SWEE": "sweetener", "SWEETNERS": "sweeteners", "TISS": "tissue", "TORT": "tortilla", "TRSH": "trash",
    "VEG": "vegetables", "VEND": "vending", "WAT": "water", "WATE": "water", "WHL": "whole",
    "WHLSM": "wholesome", "WTR": "water", "XPCTRNT": "expectorant",
}  # fmt: skip
PHRASES = {
    "DRUG GM": "DRUGSTORE", "SW GDS": "SWEET GOODS", "STORE SUP": "STORE SUPPLIES", "MISC\\.": "MISC ",
    "PKG\\.": "PKG ", "W/O": "WITHOUT ", "W/": "WITH ",
}  # fmt: skip
SMALL_WORDS = {"and", "or", "of", "with", "without", "the", "in", "for", "no", "on"}
# The source cuts names here, often in the middle of a word.
CUT_AT = 30

FIRST_NAMES = (
    "Ada", "Alan", "Alice", "Amir", "Anna", "Arthur", "Beatriz", "Ben", "Carla", "Carlos", "Chloe", "Clara",
    "Daniel", "Diego", "Dina", "Elena", "Emil", "Emma", "Eric", "Fatima", "Felix", "Frank", "Grace", "Hana",
    "Hugo", "Ida", "Ines", "Ivan", "Jack", "Jane", "Jonas", "Julia", "Karl", "Kim", "Laila", "Leo", "Lena",
    "Lucas", "Maria", "Marta", "Max", "Mei", "Mina", "Nadia", "Nina", "Noah", "Nora", "Oscar", "Paul",
    "Petra", "Rafael", "Rosa", "Ruth", "Sam", "Sara", "Simon", "Sofia", "Tara", "Theo", "Tom", "Vera",
    "Victor", "Yara", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Adler", "Baker", "Bell", "Berg", "Brooks", "Burns", "Carter", "Chen", "Cole", "Cruz", "Dale",
    "Diaz", "Doyle", "Ellis", "Evans", "Fischer", "Flores", "Ford", "Garcia", "Gray", "Green", "Hall",
    "Hansen", "Hayes", "Hill", "Howard", "Hughes", "Ito", "James", "Jensen", "Kaur", "Keller", "King",
    "Klein", "Lam", "Lang", "Lee", "Lopez", "Marsh", "Mendez", "Miller", "Moore", "Moreno", "Nash", "Novak",
    "Olsen", "Owens", "Park", "Patel", "Perez", "Price", "Quinn", "Reed", "Rossi", "Russo", "Santos",
    "Shah", "Silva", "Stone", "Sato", "Vargas", "Walsh", "Weber",
)  # fmt: skip


class Person(NamedTuple):
    """An invented customer."""

    name: str
    email: str


def plain_words(raw: str) -> str:
    """Return a type, category or department as people write it: "FRZN PIZZA" is "Frozen Pizza"."""
    text = re.sub(r"\s*\([^)]*(\)|$)", " ", raw)  # remarks in brackets, mostly competitors' brands
    if len(raw) == CUT_AT and "(" not in raw:
        text = _without_cut_word(text)
    for phrase, meant in PHRASES.items():
        text = re.sub(rf"\b{phrase}", meant, text)
    text = re.sub(r"\s*&\s*", " & ", text)
    text = re.sub(r"\s*:\s*", ": ", text)
    text = re.sub(r"(\d?)([A-Z][A-Z']*)", _word, text)
    text = re.sub(r"(?i)(\s+(with|without|of|and|for|in|no|including|except))+\s*$", "", text)
    text = re.sub(r"\s+", " ", text).strip(" -/:&,.")
    return text[:1].upper() + text[1:]


def plain_size(raw: str) -> str:
    """Return a package size: "12 OZ" is "12 oz"; what is no size ("PT", "219428 CTN") is left out."""
    text = " ".join(raw.lower().strip(" *").split())
    if not re.fullmatch(r"\d{0,4}(\.\d+)?( \d/\d|/\d+)?( pk/[\d.]+)? [a-z]+", text):
        return ""
    return re.sub(r"\bl$", "L", text)


def product_name(kind: str, category: str, size: str) -> str:
    """Compose a name from plain words; the category helps where the type is a single word."""
    name = kind or category
    if kind and category and " " not in kind and not _words(kind) & _words(category):
        name = f"{category}: {kind}"
    return f"{name}, {size}" if size else name


def person(number: int) -> Person:
    """Return the invented name and address of a household: always the same, and never two alike."""
    first = FIRST_NAMES[number % len(FIRST_NAMES)]
    last = LAST_NAMES[number // len(FIRST_NAMES) % len(LAST_NAMES)]
    return Person(f"{first} {last}", f"{first}.{last}.{number}@example.invalid".lower())


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _word(found: re.Match[str]) -> str:
    digit, word = found.groups()
    if digit:
        return digit + word.lower()  # "750ML"
    written = WORDS.get(word, word.lower())
    return " ".join(part if part in SMALL_WORDS else part.capitalize() for part in written.split(" "))


def _without_cut_word(text: str) -> str:
    head, last = re.fullmatch(r"(.*?)([^\s/&:-]*)", text).groups()  # type: ignore[union-attr]  # always matches
    return text if last in WORDS or not head else head
