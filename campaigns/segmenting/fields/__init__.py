"""Every kind of condition there is. To add one: a class in the file of its topic, and its name here."""

from campaigns.segmenting.fields.about import Attribute, ConsentGiven, Language
from campaigns.segmenting.fields.base import Field
from campaigns.segmenting.fields.behaviour import EventDone, Sequence
from campaigns.segmenting.fields.belonging import InSegment, RandomShare
from campaigns.segmenting.fields.orders import (
    FirstOrder,
    LastOrder,
    NetRevenue,
    Orders,
    OrderValue,
    RfmScore,
)
from campaigns.segmenting.fields.purchases import CategoryBought, ItemsBought, ProductBought
from campaigns.segmenting.fields.responses import CampaignClicked, CampaignReceived, CouponUsed, HeldOut

_ALL: tuple[Field, ...] = (
    CategoryBought(), ProductBought(), ItemsBought(), LastOrder(), FirstOrder(), Orders(), NetRevenue(),
    OrderValue(), RfmScore(), EventDone(), Sequence(), CampaignReceived(), CampaignClicked(), CouponUsed(),
    HeldOut(), Attribute(), Language(), ConsentGiven(), InSegment(), RandomShare(),
)  # fmt: skip
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}
