"""Columns that several kinds have, so that they are called the same everywhere."""

from django.utils.translation import gettext_lazy as _

from shop.importing.kinds import Column

CUSTOMER = Column(
    "customer", _("Customer"), required=True, max_length=64, example="C-1001",
    aliases=("customer_id", "customerid", "cust_id", "user_id", "userid", "buyer", "buyer_id", "member_id",
             "household_key", "household_id", "client_id", "客户", "客户编号", "客户id",
             "用户id", "用户编号", "会员编号", "买家"),
    help=_("The customer's external id."),
)  # fmt: skip
PRODUCT_ALIASES = (
    "sku", "product_id", "productid", "item", "item_id", "item_sku", "product_code", "article", "article_id",
    "stock_code", "stockcode", "商品", "商品编号", "商品id", "商品编码", "货号",
)  # fmt: skip
PRODUCT = Column(
    "product", _("Product"), required=True, max_length=64, example="MUG-BLUE", aliases=PRODUCT_ALIASES,
    help=_("The product's SKU."),
)  # fmt: skip
EXTERNAL_ID_ALIASES = ("id", "external_id", "编号")
YES_NO = tuple(
    (word, value)
    for value, words in {
        "yes": ("yes", "y", "true", "1", "on", "active", "是", "有效", "上架"),
        "no": ("no", "n", "false", "0", "off", "inactive", "否", "无效", "下架"),
    }.items()
    for word in words
)
