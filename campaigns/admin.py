"""Decisions and money in Django's admin. States change through the campaign's page only."""

from django.contrib import admin

from campaigns.models import (
    Assignment,
    BrandVoice,
    Campaign,
    CampaignDay,
    ChangedCustomer,
    Coupon,
    Credit,
    Decision,
    FiguresChange,
    KeyCampaign,
    OfferPolicy,
    Segment,
    SegmentMember,
    SegmentMembership,
    Spend,
    Touch,
)
from marketing_site.lib.admin import FactAdmin, FactInline


@admin.register(BrandVoice)
class BrandVoiceAdmin(admin.ModelAdmin[BrandVoice]):
    list_display = ("name", "tone", "address_form", "emoji", "reading_level", "markets")
    list_filter = ("address_form", "emoji", "reading_level")
    search_fields = ("name", "tone")


@admin.register(Segment)
class SegmentAdmin(FactAdmin[Segment]):
    """Rules are written in the builder, which checks them; here they are read."""

    list_display = ("name", "kind", "size", "counted_at", "created_by", "archived_at")
    list_filter = ("kind",)
    list_select_related = ("created_by",)
    search_fields = ("name",)


@admin.register(SegmentMember)
class SegmentMemberAdmin(FactAdmin[SegmentMember]):
    list_display = ("segment", "customer", "entered_at")
    list_select_related = ("segment", "customer")
    search_fields = ("segment__name", "customer__external_id")


@admin.register(SegmentMembership)
class SegmentMembershipAdmin(FactAdmin[SegmentMembership]):
    list_display = ("segment", "customer", "entered_at", "left_at")
    list_select_related = ("segment", "customer")
    search_fields = ("segment__name", "customer__external_id")


@admin.register(ChangedCustomer)
class ChangedCustomerAdmin(FactAdmin[ChangedCustomer]):
    list_display = ("customer_id", "noted_at")


@admin.register(FiguresChange)
class FiguresChangeAdmin(FactAdmin[FiguresChange]):
    list_display = ("pk", "at")


class PolicyInline(FactInline):
    model = OfferPolicy


class DecisionInline(FactInline):
    model = Decision


@admin.register(Campaign)
class CampaignAdmin(FactAdmin[Campaign]):
    list_display = ("name", "status", "paused", "channel", "segment", "starts_on", "ends_on", "budget")
    list_filter = ("status", "channel", "goal", "source")
    list_select_related = ("segment",)
    search_fields = ("name", "external_id")
    date_hierarchy = "starts_on"
    inlines = (PolicyInline, DecisionInline)


@admin.register(OfferPolicy)
class OfferPolicyAdmin(FactAdmin[OfferPolicy]):
    list_display = ("campaign", "kind", "value", "minimum_basket", "cap", "margin_floor", "code_policy")
    list_filter = ("kind", "code_policy")
    list_select_related = ("campaign",)
    search_fields = ("campaign__name",)


@admin.register(Decision)
class DecisionAdmin(FactAdmin[Decision]):
    list_display = ("at", "campaign", "action", "by", "four_eyes", "note")
    list_filter = ("action", "four_eyes")
    list_select_related = ("campaign", "by")
    search_fields = ("campaign__name", "by__email", "note")
    date_hierarchy = "at"


@admin.register(Assignment)
class AssignmentAdmin(FactAdmin[Assignment]):
    list_display = ("campaign", "customer", "arm", "assigned_at", "source")
    list_filter = ("arm", "source")
    list_select_related = ("campaign", "customer")
    search_fields = ("campaign__name", "customer__external_id")


@admin.register(Coupon)
class CouponAdmin(FactAdmin[Coupon]):
    list_display = ("code", "campaign", "customer", "valid_from", "valid_until")
    list_select_related = ("campaign", "customer")
    search_fields = ("code", "campaign__name", "customer__external_id")


@admin.register(Touch)
class TouchAdmin(FactAdmin[Touch]):
    list_display = ("touched_at", "kind", "campaign", "customer", "coupon", "order")
    list_filter = ("kind", "source")
    list_select_related = ("campaign", "customer", "coupon", "order")
    search_fields = ("campaign__name", "customer__external_id", "coupon__code")
    date_hierarchy = "touched_at"


@admin.register(Credit)
class CreditAdmin(FactAdmin[Credit]):
    list_display = ("day", "order", "campaign", "amount", "weight", "model")
    list_filter = ("model",)
    list_select_related = ("order", "campaign")
    search_fields = ("order__external_id", "campaign__name")


@admin.register(CampaignDay)
class CampaignDayAdmin(FactAdmin[CampaignDay]):
    list_display = ("day", "campaign", "spend", "net_revenue", "orders", "new_customers", "redemptions")
    list_select_related = ("campaign",)
    search_fields = ("campaign__name",)
    date_hierarchy = "day"


@admin.register(Spend)
class SpendAdmin(FactAdmin[Spend]):
    """Costs are entered on the campaign's page, which keeps the roll-ups with them."""

    list_display = ("day", "campaign", "category", "amount", "source", "external_id", "note")
    list_filter = ("category", "source")
    list_select_related = ("campaign",)
    search_fields = ("campaign__name", "external_id", "note")
    date_hierarchy = "day"


@admin.register(KeyCampaign)
class KeyCampaignAdmin(admin.ModelAdmin[KeyCampaign]):
    list_display = ("api_key", "campaign")
    list_select_related = ("api_key", "campaign")
    autocomplete_fields = ("campaign",)
