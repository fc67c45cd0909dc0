"""Products with their category, known by their SKU in any case of its letters."""

from django.utils.translation import gettext_lazy as _

from shop.importing.handlers.columns import EXTERNAL_ID_ALIASES, YES_NO
from shop.importing.kinds import Column
from shop.importing.writing import Batch, TableHandler
from shop.ledger import mark_orders_of
from shop.models import Category

SEPARATORS = r"\s*[>›/]\s*"


class Products(TableHandler):
    """What the shop sells. An empty cell, or a column that the file lacks, leaves a known value as it is."""

    name = "products"
    label = _("Products")
    help = _("What the shop sells. An empty cell leaves what is known as it is.")
    key = ("sku",)
    table = "shop_product"
    tables = {"shop_product": "id", "shop_category": "id"}
    joins = "LEFT JOIN import_category AS category ON category.words = s.category"
    match = "lower(known.sku) = lower(s.sku)"
    values = {
        "sku": "coalesce(known.sku, s.sku)",
        "name": "coalesce(s.name, known.name)",
        "category_id": "coalesce(category.id, known.category_id)",
        "brand": "coalesce(s.brand, known.brand, '')",
        "description": "coalesce(s.description, known.description, '')",
        "shop_title": "coalesce(s.shop_title, known.shop_title, '')",
        "seo_title": "coalesce(s.seo_title, known.seo_title, '')",
        "seo_description": "coalesce(s.seo_description, known.seo_description, '')",
        "price": "coalesce(round(s.price, 4), known.price)",
        "cost": "coalesce(round(s.cost, 4), known.cost)",
        "cost_assumed": "coalesce(known.cost_assumed, false) AND (s.cost IS NULL OR s.cost = known.cost)",
        "image_url": "coalesce(s.image_url, known.image_url, '')",
        "active": "coalesce(s.active = 'yes', known.active, true)",
    }
    created = {"attributes": "'{}'", "created_at": "now()"}
    touched = {"updated_at": "now()"}
    checks = {
        "name:missing": "known.id IS NULL AND s.name IS NULL",
        "image_url:text": "s.image_url !~ '^https?://'",
    }
    columns = (
        Column(
            "sku",
            _("SKU"),
            required=True,
            max_length=64,
            example="MUG-BLUE",
            aliases=(
                "product",
                "product_id",
                "item",
                "item_id",
                "code",
                "product_code",
                "article",
                "商品编号",
                "商品编码",
                "货号",
                *EXTERNAL_ID_ALIASES,
            ),
        ),
        Column(
            "name",
            _("Name"),
            max_length=200,
            example="Blue mug",
            aliases=("title", "product_name", "item_name", "商品", "商品名", "商品名称", "名称", "标题"),
            help=_("Needed for new products."),
        ),
        Column(
            "category",
            _("Category"),
            max_length=400,
            example="Kitchen > Mugs",
            aliases=(
                "category_name",
                "category_path",
                "department",
                "product_type",
                "类目",
                "分类",
                "商品类目",
            ),
            help=_(
                "The names from the top category down, with > between them; unknown categories are created."
            ),
        ),
        Column(
            "brand",
            _("Brand"),
            max_length=100,
            example="Tide",
            aliases=("vendor", "manufacturer", "maker", "品牌"),
        ),
        Column(
            "description",
            _("Description"),
            max_length=20_000,
            example="Holds 300 ml.",
            aliases=("text", "details", "body", "描述", "商品描述", "详情"),
        ),
        Column(
            "shop_title",
            _("Title in the shop"),
            max_length=200,
            example="Blue mug, 300 ml",
            aliases=("display_title", "display_name", "listing_title", "店铺标题", "店内标题", "展示标题"),
            help=_("What the shop's page shows, where it is not the name."),
        ),
        Column(
            "seo_title",
            _("Title for search engines"),
            max_length=120,
            example="Blue mug for 300 ml",
            aliases=("meta_title", "page_title", "title_tag", "seo标题", "搜索标题"),
        ),
        Column(
            "seo_description",
            _("Description for search engines"),
            max_length=320,
            example="A blue mug that holds 300 ml.",
            aliases=("meta_description", "search_description", "seo描述", "搜索描述"),
        ),
        Column(
            "price",
            _("Price"),
            "money",
            example="12.00",
            low=0,
            high=1_000_000,
            aliases=("unit_price", "sale_price", "list_price", "价格", "售价", "单价"),
        ),
        Column(
            "cost",
            _("Cost of goods"),
            "money",
            example="4.50",
            low=0,
            high=1_000_000,
            aliases=("unit_cost", "purchase_price", "cogs", "成本", "进价"),
        ),
        Column(
            "image_url",
            _("Image address"),
            max_length=200,
            example="",
            aliases=("image", "picture", "图片", "图片地址"),
        ),
        Column(
            "active",
            _("For sale"),
            "choice",
            choices=YES_NO,
            example="yes",
            aliases=("status", "sold", "enabled", "状态", "是否上架"),
        ),
    )

    def prepare(self, batch: Batch) -> None:
        """Find or make the categories that the part names."""
        batch.temporary("import_category", "SELECT ''::text AS words, 0::bigint AS id WHERE false")
        if "category" not in batch.mapped:
            return
        paths = batch.rows(
            f"SELECT DISTINCT category, regexp_split_to_array(category, '{SEPARATORS}') FROM import_stage "
            "WHERE category IS NOT NULL"
        )
        known: dict[tuple[str, ...], int | None] = batch.memory.setdefault("categories", {})
        for words, names in paths:
            names = tuple(name[:200] for name in names if name)
            found = self._category(batch, names, known) if names else None
            if found:
                batch.run("INSERT INTO import_category VALUES (%(words)s, %(id)s)", words=words, id=found)

    def _category(
        self, batch: Batch, names: tuple[str, ...], known: dict[tuple[str, ...], int | None]
    ) -> int | None:
        lowered = tuple(name.lower() for name in names)
        if lowered in known:
            return known[lowered]
        parent = self._category(batch, names[:-1], known) if len(names) > 1 else None
        if len(names) > 1 and parent is None:
            return None  # would be created, in a dry run
        found = (
            Category.objects.filter(parent_id=parent, name__iexact=names[-1])
            .values_list("pk", flat=True)
            .first()
        )
        if found is None and batch.writes:
            found = self._new_category(batch, names[-1], parent)
        known[lowered] = found
        return found

    def _new_category(self, batch: Batch, name: str, parent: int | None) -> int:
        above = Category.objects.filter(pk=parent).first() if parent else None
        made = Category.objects.create(name=name, parent=above)
        made.path = f"{above.path if above else '/'}{made.pk}/"
        made.save(update_fields=["path"])
        if batch.images:
            batch.run(
                "INSERT INTO shop_importimage (file_id, model, key, before, after) "
                "VALUES (%(file)s, 'shop_category', %(key)s, NULL, '')",
                key=made.pk,
            )
        return made.pk

    def change(self, batch: Batch) -> None:
        moved = batch.rows(
            "SELECT known_id FROM import_work WHERE act = 'changed' AND k_category_id IS DISTINCT FROM "
            "v_category_id"
        )
        super().change(batch)
        if moved:
            mark_orders_of([row[0] for row in moved])
