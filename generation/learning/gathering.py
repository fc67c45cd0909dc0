"""What the shop has to learn from: judged texts, product descriptions, reviews, and the starter corpus.

Only who is neither erased nor suppressed is learnt from; reviews also need consent to profiling, and lose
names and contacts. Reads rows, keeps none.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from django.db.models import Exists, OuterRef
from django.utils.timezone import make_aware

from generation import briefing
from generation.facts import fenced
from generation.lessons import Lesson, Verdict, lessons
from generation.models import Variant
from generation.models.learning import Source
from generation.prompts import Brief, Told, completed
from generation.texts.kinds import PARTS, Copy, Kind
from generation.tuning.corpus import TRAIN, VALIDATION, taught
from shop.models import Consent, Customer, CustomerProfile, Event, Product, Suppression
from shop.models.people import Purpose, address_hash

CHUNK = 500
# Reviews that say something, in a length that can be learnt.
SHORTEST_REVIEW, LONGEST_REVIEW, GOOD_RATING = 20, 300, 4
CONTACT = re.compile(
    r"\S+@\S+|@\w+|(?:https?://|www\.)\S+|\b\S+\.(?:com|net|org|cn|de|io)\b|\+?\d[\d\s()/.-]{4,}\d",
    re.IGNORECASE,
)
# A capital inside a sentence, in English, is a name more often than not.
MAYBE_NAME = re.compile(r"(?<=[a-z0-9,;] )[A-Z][\w'’-]*")
T = TypeVar("T")
NO_NAMES = {"I", "I'm", "I've", "I'd", "I'll", "I’m", "I’ve", "I’d", "I’ll"}


@dataclass(frozen=True)
class Choice:
    """Which texts a data set is made from; no kinds are all kinds."""

    sources: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    since: date | None = None


@dataclass(frozen=True)
class Found:
    """One text with its brief and where it is from; `words` instead where a customer wrote it."""

    source: Source
    brief: Brief
    text: Copy
    verdict: Verdict = Verdict.APPROVED
    words: str = ""
    product: int | None = None
    customer: int | None = None
    variant: int | None = None
    version: int | None = None
    event: int | None = None
    at: datetime | None = None

    @property
    def about(self) -> str:
        """Return what it is about, alike for everything about one product: its name."""
        return " ".join(Told.of(self.brief.sheet).name.casefold().split())


def found(choice: Choice) -> Iterator[Found]:
    """Yield everything that the choice names, oldest first within each source."""
    since = make_aware(datetime.combine(choice.since, time())) if choice.since else None
    if Source.STARTER in choice.sources:
        yield from _of_kinds(_starter(), choice.kinds)
    if Source.PRODUCT in choice.sources and (not choice.kinds or Kind.PRODUCT in choice.kinds):
        yield from _products(since)
    if Source.REVIEW in choice.sources:
        yield from _reviews(since)
    if Source.TEXT in choice.sources:
        yield from _texts(lessons(kinds=choice.kinds, since=since))


def _of_kinds(items: Iterable[Found], kinds: tuple[str, ...]) -> Iterator[Found]:
    return (item for item in items if not kinds or item.brief.kind in kinds)


def _starter() -> Iterator[Found]:
    for name in (TRAIN, VALIDATION):
        for line in taught(name):
            brief = line.brief()
            yield Found(Source.STARTER, brief, completed(brief, line.texts))


def _texts(judged: Iterable[Lesson]) -> Iterator[Found]:
    for chunk in _chunks(judged):
        people = _originals_people(chunk)
        customers = {lesson.lineage.variant: _person(lesson, people) for lesson in chunk}
        allowed = may_learn_from({pk for pk in customers.values() if pk})
        for lesson in chunk:
            customer = customers[lesson.lineage.variant]
            if customer is None or customer in allowed:
                yield _text(lesson, customer)


def _person(lesson: Lesson, people: dict[int, int | None]) -> int | None:
    return lesson.lineage.customer or people.get(lesson.lineage.variant)


def _text(lesson: Lesson, customer: int | None) -> Found:
    lineage = lesson.lineage
    return Found(
        Source.TEXT, lesson.brief, lesson.text, lesson.verdict, product=lineage.product, customer=customer,
        variant=lineage.variant, version=lineage.version, at=lineage.decided_at,
    )  # fmt: skip


def _originals_people(chunk: list[Lesson]) -> dict[int, int | None]:
    """Return for each translation whom its original concerns."""
    texts = Variant.objects.filter(pk__in=[lesson.lineage.variant for lesson in chunk])
    rows = texts.filter(job__source__isnull=False).values_list(
        "pk", "job__source__job__customer", "job__source__job__review__customer"
    )
    return {pk: customer or reviewer for pk, customer, reviewer in rows}


def _products(since: datetime | None) -> Iterator[Found]:
    products = Product.objects.active().exclude(description="").select_related("category").order_by("pk")
    if since:
        products = products.filter(updated_at__gte=since)
    for product in products.iterator(CHUNK):
        if briefing.can_be_named(product):
            brief = Brief(briefing.product_sheet(product), Kind.PRODUCT)
            text = {part.name: "" for part in PARTS[Kind.PRODUCT]}
            text |= {"title": "{name}", "text": " ".join(product.description.split())}
            yield Found(Source.PRODUCT, brief, text, product=product.pk, at=product.updated_at)


def _reviews(since: datetime | None) -> Iterator[Found]:
    agreed = Consent.objects.filter(customer=OuterRef("customer"), purpose=Purpose.PROFILING)
    reviews = (
        Event.objects.filter(
            Exists(agreed.filter(state=Consent.State.GRANTED)),
            ~Exists(agreed.filter(state=Consent.State.WITHDRAWN)),
            kind=Event.Kind.REVIEW,
            rating__gte=GOOD_RATING,
            product__active=True,
        )
        .exclude(text="")
        .select_related("product__category")
        .order_by("pk")
    )
    if since:
        reviews = reviews.filter(occurred_at__gte=since)
    for chunk in _chunks(reviews.iterator(CHUNK)):
        allowed = may_learn_from({review.customer_id for review in chunk})
        names = dict(CustomerProfile.objects.filter(customer__in=allowed).values_list("customer", "name"))
        for review in chunk:
            if review.customer_id in allowed and (item := _review(review, names.get(review.customer_id, ""))):
                yield item


def _review(review: Event, name: str) -> Found | None:
    product = review.product
    if product is None or not briefing.can_be_named(product):
        return None
    sheet = briefing.product_sheet(product)
    told = Told.of(sheet)
    words = pseudonymised(review.text, name, " ".join([told.name, told.category, *told.facts]))
    if not SHORTEST_REVIEW <= len(words) <= LONGEST_REVIEW:
        return None
    return Found(
        Source.REVIEW, Brief(sheet, Kind.PRODUCT), {}, words=words, product=product.pk,
        customer=review.customer_id, event=review.pk, at=review.occurred_at,
    )  # fmt: skip


def pseudonymised(text: str, name: str, known: str) -> str:
    """Return a stranger's words without contacts and names; "" where one may be left that is not known."""
    words = fenced(CONTACT.sub(" ", text), LONGEST_REVIEW + 1)
    for part in (*name.split(), name):
        if len(part) > 1:
            words = re.sub(rf"\b{re.escape(part)}\b", " ", words, flags=re.IGNORECASE)
    words = " ".join(words.split())
    named = {word for word in MAYBE_NAME.findall(words) if word not in NO_NAMES}
    return "" if any(word.casefold() not in known.casefold() for word in named) else words


def may_learn_from(customers: set[int]) -> set[int]:
    """Return who of these customers is neither erased nor suppressed."""
    present = set(Customer.objects.present().filter(pk__in=customers).values_list("pk", flat=True))
    hashes = {
        customer: address_hash(email)
        for customer, email in CustomerProfile.objects.filter(customer__in=present).values_list(
            "customer", "email"
        )
        if email
    }
    suppressed = set(
        Suppression.objects.filter(address_hash__in=hashes.values()).values_list("address_hash", flat=True)
    )
    return {customer for customer in present if hashes.get(customer) not in suppressed}


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
