"""What marketers decide, and what it cost and brought."""

from campaigns.models.brand_voice import BrandVoice, Market
from campaigns.models.campaign import (
    Campaign,
    CampaignProduct,
    Channel,
    Decision,
    KeyCampaign,
    OfferPolicy,
)
from campaigns.models.figures import FiguresChange
from campaigns.models.membership import ChangedCustomer, SegmentMembership
from campaigns.models.money import CampaignDay, Coupon, CouponProduct, Credit, CreditedDay, Spend, Touch
from campaigns.models.segment import Assignment, Segment, SegmentMember

__all__ = [
    "Assignment",
    "BrandVoice",
    "Campaign",
    "CampaignDay",
    "CampaignProduct",
    "ChangedCustomer",
    "Channel",
    "Coupon",
    "CouponProduct",
    "Credit",
    "CreditedDay",
    "Decision",
    "FiguresChange",
    "KeyCampaign",
    "Market",
    "OfferPolicy",
    "Segment",
    "SegmentMember",
    "SegmentMembership",
    "Spend",
    "Touch",
]
