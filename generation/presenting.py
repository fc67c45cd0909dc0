"""One text as pages show it: parts with facts filled in, lengths, findings, and what a person may do."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from generation import briefing, review
from generation.checks import Finding
from generation.facts import FactKind, FactSheet
from generation.models import Variant
from generation.offering.codes import PLACEHOLDER
from generation.texts.kinds import PARTS, Copy, Kind
from generation.texts.lengths import length_and_limit
from generation.texts.slots import UnknownSlot, fill, slot_values

FACT_LABELS: dict[FactKind, str | Promise] = {
    FactKind.NAME: _("Name"),
    FactKind.BRAND: _("Brand"),
    FactKind.CATEGORY: _("Category"),
    FactKind.ATTRIBUTE: _("Property"),
    FactKind.PRICE: _("Price"),
    FactKind.DISCOUNT: _("Discount"),
    FactKind.CODE: _("Code"),
    FactKind.UNTIL: _("Until"),
    FactKind.MINIMUM_BASKET: _("Minimum basket"),
    FactKind.CLAIM: _("Allowed claim"),
    FactKind.HISTORY: _("Bought before"),
}


@dataclass(frozen=True)
class ShownPart:
    """One part: as written, as a reader will see it, as it was written first, and how long it is."""

    name: str
    label: str | Promise
    written: str
    shown: str
    original: str
    length: int
    limit: int

    @property
    def fits(self) -> bool:
        return self.length <= self.limit


@dataclass(frozen=True)
class Card:
    """A variant as a person judges it."""

    variant: Variant
    parts: list[ShownPart]
    findings: list[Finding]
    user: User

    @property
    def changed(self) -> bool:
        return any(part.written != part.original for part in self.parts)

    @property
    def facts(self) -> list[tuple[str | Promise, str]]:
        """Return what the text may say: (label, value), in the sheet's order."""
        return [(FACT_LABELS[FactKind(fact["kind"])], fact["value"]) for fact in self.variant.facts]

    @property
    def left_out(self) -> list[str]:
        """Return what the catalogue says of the product and no text may."""
        product = self.variant.product
        return briefing.left_out(product) if product else []

    @property
    def own_codes(self) -> str:
        """Return what stands in the text for each reader's own code, or ""."""
        return PLACEHOLDER if any(PLACEHOLDER in part.shown for part in self.parts) else ""

    @property
    def hard(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.hard]

    @property
    def undecided(self) -> bool:
        return self.variant.state == Variant.State.READY

    @property
    def may_edit(self) -> bool:
        return self.undecided and self.user.has_perm("generation.change_variant")

    @property
    def may_decide(self) -> bool:
        return self.user.has_perm("generation.approve_variant")

    @property
    def own(self) -> bool:
        """Say whether the four-eyes rule keeps this person from approving it."""
        return not review.may_approve(self.variant, self.user)


def related(variants: QuerySet[Variant]) -> QuerySet[Variant]:
    """Fetch with the variants what their cards show."""
    return variants.select_related("campaign__brand_voice", "product", "author", "edited_by", "job")


def card(variant: Variant, user: User, copy: Copy | None = None) -> Card:
    """Return the variant's card, with another text in place of its own where one is being typed."""
    copy = variant.fields if copy is None else copy
    sheet = briefing.restored(variant.facts, variant.campaign.brand_voice)
    return Card(variant, list(_parts(variant, copy, sheet)), review.findings(variant, copy), user)


def _parts(variant: Variant, copy: Copy, sheet: FactSheet) -> Iterable[ShownPart]:
    kind, values = Kind(variant.kind), slot_values(sheet)
    for part in PARTS[kind]:
        written = copy.get(part.name, "")
        shown = _filled(written, values)
        length, limit = length_and_limit(kind, part, shown)
        original = variant.original_fields.get(part.name, "")
        yield ShownPart(part.name, part.label, written, shown, original, length, limit)


def _filled(text: str, values: dict[str, str]) -> str:
    """Fill the slots; a text with an unknown one is shown as it is, and a finding names it."""
    try:
        return fill(text, values)
    except UnknownSlot:
        return text
