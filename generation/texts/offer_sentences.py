"""The sentence that states the offer: written here and nowhere else, so its terms are always complete."""

from generation.facts import FactKind, FactSheet, is_chinese

# By (Chinese?, has a code?), longest first; {terms} stands for the conditions.
WORDINGS: dict[tuple[bool, bool], tuple[str, ...]] = {
    (False, True): (
        "Use code {code} at the checkout for {discount}{terms}.",
        "Use code {code} for {discount}{terms}.",
        "Get {discount} with code {code}{terms}.",
        "{discount}: code {code}{terms}.",
    ),
    (False, False): ("Now {discount} in our shop{terms}.", "Now {discount}{terms}."),
    (True, True): (
        "结账时使用优惠码 {code}，可享{discount}{terms}。",
        "使用优惠码 {code}，享{discount}{terms}。",
        "{discount}，优惠码 {code}{terms}。",
    ),
    (True, False): ("现在购买可享{discount}{terms}。", "现享{discount}{terms}。"),
}


def offer_sentences(sheet: FactSheet, language: str) -> list[str]:
    """Return the ways to state the sheet's offer, longest first, with slots; [] where there is none."""
    if not sheet.value(FactKind.DISCOUNT):
        return []
    chinese, has_code = is_chinese(language), bool(sheet.value(FactKind.CODE))
    terms = _chinese_terms(sheet) if chinese else _english_terms(sheet)
    return [wording.replace("{terms}", terms) for wording in WORDINGS[chinese, has_code]]


def _english_terms(sheet: FactSheet) -> str:
    minimum = " on orders from {minimum}" if sheet.value(FactKind.MINIMUM_BASKET) else ""
    return minimum + (" until {until}" if sheet.value(FactKind.UNTIL) else "")


def _chinese_terms(sheet: FactSheet) -> str:
    minimum = "，满{minimum}可用" if sheet.value(FactKind.MINIMUM_BASKET) else ""
    return minimum + ("，有效期至{until}" if sheet.value(FactKind.UNTIL) else "")
