"""Asking for texts about many products at once: what it will take, then one run with its jobs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cached_property
from math import ceil
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Avg, Count, F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import BrandVoice
from generation.citing import out_of_date
from generation.jobs import Refused, start
from generation.models import Job, Run, TextTemplate
from generation.sampling import model_writes
from generation.texts.kinds import GROUPS, Kind
from generation.work.pricing import cost
from generation.work.progress import desk
from generation.writing import SAMPLES
from marketing_site.lib.work import OPEN, State
from shop.models import Product

# A promotion is nothing without a campaign's offer.
KINDS = tuple(
    (label, kinds)
    for label, kinds in ((label, [k for k in kinds if k != Kind.PROMOTION]) for label, kinds in GROUPS)
    if kinds
)
# Rates are read off this many of the shop's latest texts.
LATEST = 2000
# What a text by the default model takes with all of its samples, until the shop has texts of its own.
ASSUMED_TOKENS, ASSUMED_SECONDS = SAMPLES * 400, SAMPLES * 1.0

# The places to write for: a product, kind and language; "missing" has no text, "outdated" a wrong one.
PLACES = """
SELECT products.id, kinds.kind, languages.language, variants.n
FROM ({products}) AS products (id)
CROSS JOIN unnest(%s::text[]) WITH ORDINALITY AS kinds (kind, place)
CROSS JOIN unnest(%s::text[]) WITH ORDINALITY AS languages (language, place)
CROSS JOIN generate_series(0, %s - 1) AS variants (n)
{wanted}
ORDER BY products.id, languages.place, kinds.place, variants.n
"""
MISSING = """
WHERE NOT EXISTS (
    SELECT FROM generation_variant AS known
    WHERE known.product_id = products.id AND known.kind = kinds.kind AND known.language = languages.language
        AND known.campaign_id IS NULL AND known.state <> 'rejected'
)
"""
OUTDATED = "WHERE (products.id, kinds.kind, languages.language) IN ({outdated})"
COUNT = "SELECT kind, language, count(*) FROM ({places}) AS places (id, kind, language, n) GROUP BY 1, 2"
# One statement however many they are; columns that are not named have defaults in the database.
ADD_JOBS = """
INSERT INTO generation_job (run_id, product_id, kind, language, variant)
SELECT %s, * FROM ({places}) AS places
"""


@dataclass(frozen=True)
class CatalogueOrder:
    """What to write about a product; `need` is "", "missing" or "outdated": which places are written for."""

    kinds: list[str]
    languages: list[str]
    tone: str
    variants: int = 1
    voice: int | None = None
    need: str = ""


@dataclass(frozen=True)
class Budget:
    """What the run may use; None: as much as it needs."""

    tokens: int | None = None
    money: Decimal | None = None


@dataclass(frozen=True)
class Rate:
    """What one text takes, all samples included; `texts` is how many were measured, 0 an assumption."""

    tokens: float
    seconds: float
    texts: int


@dataclass(frozen=True)
class Estimate:
    """What an order will take, by (kind, language)."""

    counts: Mapping[tuple[str, str], int]
    rates: Mapping[tuple[str, str], Rate]
    budget: Budget
    writers: int

    @property
    def texts(self) -> int:
        return sum(self.counts.values())

    @property
    def tokens(self) -> int:
        return round(sum(count * self.rates[place].tokens for place, count in self.counts.items()))

    @property
    def seconds(self) -> float:
        return sum(count * self.rates[place].seconds for place, count in self.counts.items())

    @property
    def money(self) -> Decimal:
        return cost(self.tokens, self.seconds)

    @property
    def assumed(self) -> int:
        """Return how many of the texts are of a kind and language that was not measured here."""
        return sum(count for place, count in self.counts.items() if not self.rates[place].texts)

    @property
    def time(self) -> str:
        """Return in words how long the writers of now, or one, would take with nothing else to do."""
        return duration(self.seconds / max(1, self.writers))

    @cached_property
    def affordable(self) -> int:
        """Return about how many of the texts the budget pays for."""
        shares = [1.0]
        if self.budget.tokens is not None and self.tokens:
            shares.append(self.budget.tokens / self.tokens)
        if self.budget.money is not None and self.money:
            shares.append(float(self.budget.money / self.money))
        return int(self.texts * min(shares))

    @property
    def too_small(self) -> bool:
        """Say whether the budget will stop the run."""
        return self.affordable < self.texts


def estimate(products: QuerySet[Product], order: CatalogueOrder, budget: Budget) -> Estimate:
    """Return what the order will take by the rates of this shop's latest texts."""
    sql, params = _places(products, order)
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(places=sql), params)
        counts = {(kind, language): count for kind, language, count in cursor.fetchall()}
    return Estimate(counts, rates(list(counts)), budget, desk().writers)


def duration(seconds: float) -> str:
    """Word a time that something takes, rounded up."""
    if seconds < 60:
        return _("less than a minute")
    minutes = ceil(seconds / 60)
    if minutes < 90:
        return ngettext("about %(count)s minute", "about %(count)s minutes", minutes) % {"count": minutes}
    hours = ceil(seconds / 3600)
    return ngettext("about %(count)s hour", "about %(count)s hours", hours) % {"count": hours}


def rates(places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Rate]:
    """Return what a text of each (kind, language) takes; where none was written yet, an assumption."""
    done = Job.objects.filter(state=State.DONE, finished_at__isnull=False)
    latest = done.order_by("-finished_at").values("pk")[:LATEST]
    measured = (
        Job.objects.filter(pk__in=latest)
        .values("kind", "language")
        .annotate(tokens=Avg(F("prompt_tokens") + F("new_tokens")), seconds=Avg("seconds"), texts=Count("pk"))
    )
    known = {
        (row["kind"], row["language"]): Rate(row["tokens"], row["seconds"], row["texts"]) for row in measured
    }
    return {place: known.get(place) or _assumed(place[1]) for place in places}


def _assumed(language: str) -> Rate:
    """The plain writer takes nothing worth counting."""
    return Rate(ASSUMED_TOKENS, ASSUMED_SECONDS, 0) if model_writes(language) else Rate(0, 0, 0)


@transaction.atomic
def request_catalogue(
    products: QuerySet[Product],
    order: CatalogueOrder,
    budget: Budget,
    by: User,
    client_key: UUID,
    asked: str = "",
) -> Run:
    """Create the run and its jobs; the same client_key returns the same run; `asked` is the filter."""
    samples = SAMPLES if any(map(model_writes, order.languages)) else 1
    run, created = Run.objects.get_or_create(
        client_key=client_key,
        defaults={
            "purpose": Run.Purpose.CATALOGUE,
            "spec": asdict(order) | {"samples": samples, "asked": asked},
            "brand_voice": BrandVoice.objects.filter(pk=order.voice or 0).first(),
            "requested_by": by,
            "expected": 1,
            "token_budget": budget.tokens,
            "money_budget": budget.money,
        },
    )
    if created:
        added = _add_jobs(run, products, order)
        if not added:
            raise Refused(_("No product matches, or each has these texts already: widen the filter."))
        start(run, added)
    return run


def _add_jobs(run: Run, products: QuerySet[Product], order: CatalogueOrder) -> int:
    sql, params = _places(products, order)
    with connection.cursor() as cursor:
        cursor.execute(ADD_JOBS.format(places=sql), [run.pk, *params])
        return int(cursor.rowcount)


def _places(products: QuerySet[Product], order: CatalogueOrder) -> tuple[str, list[Any]]:
    chosen, params = products.active().order_by().values("pk").query.sql_with_params()  # type: ignore[attr-defined]
    wanted, more = "", ()
    if order.need == "missing":
        wanted = MISSING
    elif order.need == "outdated":
        outdated, more = out_of_date().values("product_id", "kind", "language").query.sql_with_params()
        wanted = OUTDATED.format(outdated=outdated)
    sql = PLACES.format(products=chosen, wanted=wanted)
    return sql, [*params, order.kinds, order.languages, order.variants, *more]


def save_template(name: str, order: CatalogueOrder, by: User) -> TextTemplate:
    """Keep what to write under a name; a template of this name, in any case of its letters, is replaced."""
    values = {
        "name": name,
        "kinds": order.kinds,
        "languages": order.languages,
        "tone": order.tone,
        "voice": BrandVoice.objects.filter(pk=order.voice or 0).first(),
        "variants": order.variants,
        "by": by,
    }
    return TextTemplate.objects.update_or_create(name__iexact=name, defaults=values)[0]


def going_on() -> QuerySet[Run]:
    """Return the runs about products that still have something to write."""
    return Run.objects.filter(purpose=Run.Purpose.CATALOGUE, jobs__state__in=OPEN).distinct()
