"""What marketers decide, and what it cost and brought."""

from campaigns.models.campaign import (
    BrandVoice,
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
    "OfferPolicy",
    "Segment",
    "SegmentMember",
    "SegmentMembership",
    "Spend",
    "Touch",
]
