"""One text as pages show it: parts with facts filled in, lengths, findings, and what a person may do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from campaigns.history import person
from generation import briefing, highlighting, review
from generation.checks import Finding
from generation.facts import Fact, FactKind, FactSheet
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
    FactKind.COUNT: _("Products"),
    FactKind.RATING: _("Rating"),
    FactKind.TOPIC: _("About"),
}


@dataclass(frozen=True)
class ShownFact:
    """One fact of a sheet, and the page of the row that it was read from, "" where there is none."""

    label: str | Promise
    value: str
    url: str


@dataclass(frozen=True)
class ShownSpan:
    """Some words of a part, the fact that they state, and the numbers of the findings about them."""

    words: str
    fact: ShownFact | None
    numbers: tuple[int, ...]

    @property
    def marked(self) -> SafeString:
        """Return the words as HTML: a fact leads to its source, a finding to what to do about it."""
        shown = self._fact() if self.fact else format_html("{}", self.words)
        if not self.numbers:
            return shown
        # The numbers are drawn by the style sheet: they are no part of the text that somebody copies.
        link = '<sup><a href="#finding-{}" data-number="{}" aria-label="{}"></a></sup>'
        label = _("Finding %(number)s")
        links = format_html_join("", link, ((n, n, label % {"number": n}) for n in self.numbers))
        return format_html('<mark class="wrong">{}</mark>{}', shown, links)

    def _fact(self) -> SafeString:
        fact = cast(ShownFact, self.fact)
        title = f"{fact.label}: {fact.value}"
        if fact.url:
            return format_html('<a class="said" href="{}" title="{}">{}</a>', fact.url, title, self.words)
        return format_html('<span class="said" title="{}">{}</span>', title, self.words)


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
    spans: list[ShownSpan]

    @property
    def fits(self) -> bool:
        return self.length <= self.limit

    @property
    def marked(self) -> SafeString:
        """Return the part as a reader sees it, as HTML, with its facts and findings marked."""
        return format_html_join("", "{}", ((span.marked,) for span in self.spans))


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
    def facts(self) -> list[ShownFact]:
        """Return what the text may say, in the sheet's order."""
        return [shown_fact(self.variant, fact) for fact in _sheet(self.variant).facts]

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
    def assigned_to(self) -> str:
        return person(self.variant.assigned_to)

    @property
    def open_comments(self) -> int:
        """Return how many comments wait, where `related` has counted them."""
        return int(getattr(self.variant, "open_comments", 0))

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
    fetched = variants.select_related(
        *("campaign__brand_voice", "job__run__brand_voice", "job__category"),
        *("product", "author", "edited_by", "assigned_to"),
    )
    return fetched.annotate(open_comments=Count("comments", filter=Q(comments__resolved_at=None)))


def card(variant: Variant, user: User, copy: Copy | None = None) -> Card:
    """Return the variant's card, with another text in place of its own where one is being typed."""
    copy = variant.fields if copy is None else copy
    found = review.findings(variant, copy)
    return Card(variant, list(_parts(variant, copy, _sheet(variant), found)), found, user)


def shown_fact(variant: Variant, fact: Fact) -> ShownFact:
    """Return a fact with its label and the page of its source."""
    return ShownFact(FACT_LABELS[fact.kind], fact.value, _source_url(variant, fact.source))


def _source_url(variant: Variant, source: str) -> str:
    """Return the page of a fact's source: the product, the campaign, or the brand voice."""
    voice, campaign, product = variant.voice, variant.campaign, variant.product
    pages = {}
    if product:
        pages[f"product:{product.pk}"] = product.get_absolute_url()
    if campaign:
        pages[f"campaign:{campaign.pk}"] = campaign.get_absolute_url()
    if voice:
        pages["brand"] = reverse("campaigns:brand_voice_edit", args=[voice.pk])
    return pages.get(source, "")


def _sheet(variant: Variant) -> FactSheet:
    return briefing.restored(variant.facts, variant.voice)


def _parts(variant: Variant, copy: Copy, sheet: FactSheet, found: Sequence[Finding]) -> Iterable[ShownPart]:
    kind, values = Kind(variant.kind), slot_values(sheet)
    for part in PARTS[kind]:
        written = copy.get(part.name, "")
        shown = _filled(written, values)
        length, limit = length_and_limit(kind, part, shown)
        original = variant.original_fields.get(part.name, "")
        numbered = [(number, one) for number, one in enumerate(found, start=1) if one.field == part.name]
        spans = [
            ShownSpan(span.words, shown_fact(variant, span.fact) if span.fact else None, span.numbers)
            for span in highlighting.spans(written, sheet, numbered)
        ]
        yield ShownPart(part.name, part.label, written, shown, original, length, limit, spans)


def _filled(text: str, values: dict[str, str]) -> str:
    """Fill the slots; a text with an unknown one is shown as it is, and a finding names it."""
    try:
        return fill(text, values)
    except UnknownSlot:
        return text
