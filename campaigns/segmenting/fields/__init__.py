"""Every kind of condition there is. To add one: a class in the file of its topic, and its name here."""

from campaigns.segmenting.fields.about import Attribute, Language
from campaigns.segmenting.fields.base import Field
from campaigns.segmenting.fields.orders import LastOrder, NetRevenue, Orders
from campaigns.segmenting.fields.purchases import CategoryBought, ProductBought
from campaigns.segmenting.fields.responses import CampaignReceived, CouponUsed, EventDone

_ALL: tuple[Field, ...] = (
    CategoryBought(), ProductBought(), LastOrder(), Orders(), NetRevenue(), CouponUsed(), CampaignReceived(),
    EventDone(), Attribute(), Language(),
)  # fmt: skip
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}
