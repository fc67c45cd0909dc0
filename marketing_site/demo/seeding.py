"""The demo import from first to last row: one transaction, so a killed import leaves nothing behind."""

from dataclasses import dataclass, field

import polars as pl
from django.db import connection, models, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop

from campaigns import attribution
from campaigns.models import Assignment, Campaign, Channel, Coupon, CouponProduct, OfferPolicy, Spend, Touch
from marketing_site.demo import browsing, catalog, example, mailings, people, purchases
from marketing_site.demo.loading import copy, with_ids
from marketing_site.demo.progress import Progress
from marketing_site.demo.reading import SOURCE, Source
from shop import ledger
from shop.models import (
    Category,
    Consent,
    ConsentEvent,
    Customer,
    CustomerProfile,
    Event,
    Order,
    OrderLine,
    Product,
)

# Sorting a year of lines in memory; for this transaction only.
ROOM_TO_SORT = "SET LOCAL work_mem = '256MB'"
# Checked row by row as they come, not all of them at the end.
CHECK_AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE"
TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('marketing_site.demo'))"
LOADED = (Category, Product, Customer, Order, OrderLine, Coupon, CouponProduct, Touch, Assignment)


OTHER_DATA = (
    "This database has data of its own, and the demo loads into an empty one only: "
    "set LIFTWRIGHT_DATA to a new folder, or DATABASE_URL to an empty database."
)


class OtherData(Exception):
    """The database holds data that is not the demo's; the message says what to do."""


def is_loaded() -> bool:
    return Campaign.objects.filter(source=SOURCE).exists()


@transaction.atomic
def seed(source: Source, progress: Progress) -> bool:
    """Load the demo and return True, or False where it is loaded already; raises OtherData."""
    with connection.cursor() as cursor:
        for statement in (TAKE_TURNS, ROOM_TO_SORT, CHECK_AT_ONCE):
            cursor.execute(statement)
    if is_loaded():
        return False
    if any(model._default_manager.exists() for model in (Product, Customer, Order, Campaign)):
        raise OtherData(OTHER_DATA)
    _Import(source, progress).run()
    return True


@dataclass
class _Import:
    """The tables in the order of their keys; each frame maps the source's key to the row's id."""

    source: Source
    progress: Progress
    products: pl.DataFrame = field(init=False)
    customers: pl.DataFrame = field(init=False)
    orders: pl.DataFrame = field(init=False)
    lines: pl.DataFrame = field(init=False)
    campaigns: pl.DataFrame = field(init=False)

    def run(self) -> None:
        """Facts first, then what follows from them, then the example that waits for the newcomer."""
        # The lines count twice: they are written once, and read again by what follows from them.
        rows = (2 * self.source.lines.height, self.source.products.height, self.source.coupons.height)
        self.progress.expect(sum(rows))
        self.load_catalog()
        self.load_people()
        self.load_purchases()
        self.load_campaigns()
        self.load_mailings()
        self.book_spend()
        self.load_events()
        self.sum_up()
        example.create()

    def load_catalog(self) -> None:
        """Load the tree from the top, so that each node knows its parent and its path."""
        read = catalog.read(self.source)
        tree = with_ids(Category, read.categories)
        parents = tree.filter(pl.col("product_category").is_null()).select("department", parent_id="id")
        tree = tree.join(parents, on="department", maintain_order="left").with_columns(
            pl.when(pl.col("product_category").is_null()).then(None).otherwise("parent_id").alias("parent_id")
        )
        below = pl.format("/{}/{}/", "parent_id", "id")
        tree = tree.with_columns(pl.coalesce(below, pl.format("/{}/", "id")).alias("path"))
        copy(Category, tree, self.progress)
        places = tree.select("department", "product_category", category_id="id")
        keys = ["department", "product_category"]
        products = read.products.join(places, on=keys, how="left", nulls_equal=True, maintain_order="left")
        products = with_ids(Product, products)
        copy(Product, products, self.progress)
        self.products = products.select("item", "name", product_id="id")

    def load_people(self) -> None:
        orders = with_ids(Order, purchases.orders(self.source))
        customers = with_ids(Customer, people.customers(self.source, orders))
        consents = people.consents(customers)
        copy(Customer, customers, self.progress)
        copy(CustomerProfile, people.profiles(customers), self.progress)
        copy(Consent, consents.with_columns(updated_at="at"), self.progress)
        copy(ConsentEvent, consents.with_columns(source=pl.lit(people.CONSENT_SOURCE)), self.progress)
        self.customers = customers.select("household", customer_id="id")
        self.orders = orders.join(self.customers, on="household", maintain_order="left")

    def load_purchases(self) -> None:
        copy(Order, self.orders, self.progress)
        placed = self.orders.select("basket", "customer_id", "ordered_at", order_id="id")
        lines = purchases.lines(self.source).join(placed, on="basket").join(self.products, on="item")
        self.lines = lines.sort("order_id", "line_no")
        copy(OrderLine, self.lines, self.progress)

    def load_campaigns(self) -> None:
        """Create the mailings as they stand today: over, or live where their window reaches today."""
        today = localdate()
        made = Campaign.objects.bulk_create(
            Campaign(
                name=f"Coupon mailing {row['mailing']} (t{row['campaign_type'][1:]})",
                status=Campaign.Status.LIVE if row["end_date"] >= today else Campaign.Status.ENDED,
                channel=Channel.DIRECT_MAIL, starts_on=row["start_date"], ends_on=row["end_date"],
                holdout_percent=0, source=SOURCE, external_id=str(row["mailing"]),
            )
            for row in self.source.campaigns.iter_rows(named=True)
        )  # fmt: skip
        none = {"kind": OfferPolicy.Kind.NONE, "code_policy": OfferPolicy.CodePolicy.NONE}
        OfferPolicy.objects.bulk_create(OfferPolicy(campaign=campaign, **none) for campaign in made)
        keys = [(int(campaign.external_id), campaign.pk) for campaign in made]
        self.campaigns = pl.DataFrame(keys, schema=["mailing", "campaign_id"], orient="row")

    def load_mailings(self) -> None:
        copy(Assignment, self._placed(mailings.assignments(self.source)), self.progress)
        coupons = with_ids(Coupon, self._placed(mailings.coupons(self.source)))
        copy(Coupon, coupons, self.progress)
        codes = coupons.select("mailing", "coupon_upc", coupon_id="id")
        named = self.source.coupons.join(codes, on=["mailing", "coupon_upc"]).join(self.products, on="item")
        copy(CouponProduct, named.sort("coupon_id", "product_id"), self.progress)
        touches = mailings.touches(self.source).join(
            codes, on=["mailing", "coupon_upc"], maintain_order="left"
        )
        copy(Touch, self._placed(touches), self.progress)

    def book_spend(self) -> None:
        """Book the assumed costs: contacts as delivery, coupons' face value as fees of the sponsor."""
        delivery = {"category": pl.lit("delivery"), "note": pl.lit(mailings.CONTACTS_NOTE)}
        fees = {"category": pl.lit("fees"), "note": pl.lit(mailings.COUPONS_NOTE)}
        contacts = mailings.contact_costs(self.source).with_columns(**delivery)
        coupons = mailings.coupon_costs(self.source).with_columns(**fees)
        rows = pl.concat([contacts, coupons], how="diagonal").with_columns(
            source=pl.lit(Spend.Source.DEMO.value),
            external_id=pl.format("{} {} {}", "category", "mailing", "day"),
        )
        copy(Spend, self._placed(rows), self.progress)

    def load_events(self) -> None:
        copy(Event, browsing.events(self.lines), self.progress)

    def sum_up(self) -> None:
        """Compute what follows from the facts, with fresh statistics for the planner."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE " + ", ".join(_table(model) for model in LOADED))
        self.progress.stage(gettext_noop("customer values and category days"))
        ledger.rebuild()
        ledger.score_customers()
        self.progress.advance(int(0.6 * self.source.lines.height))
        self.progress.stage(gettext_noop("attribution"))
        attribution.rebuild()

    def _placed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add our ids of the mailing and, where it names one, of the household."""
        found = frame.join(self.campaigns, on="mailing", maintain_order="left")
        if "household" in frame.columns:
            found = found.join(self.customers, on="household", maintain_order="left")
        return found


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
