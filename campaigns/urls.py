"""Addresses of the campaigns pages."""

from django.urls import URLPattern, path

from campaigns.views import (
    brand_voices,
    campaigns,
    drafting,
    product_choice,
    segment_builder,
    segments,
    steering,
)

app_name = "campaigns"
urlpatterns: list[URLPattern] = [
    path("campaigns/", campaigns.campaign_list, name="campaign_list"),
    path("campaigns/new/", drafting.campaign_new, name="campaign_new"),
    path("campaigns/<int:pk>/", campaigns.campaign_detail, name="campaign_detail"),
    path("campaigns/<int:pk>/audience/", campaigns.campaign_audience, name="campaign_audience"),
    path("campaigns/<int:pk>/copy/", campaigns.campaign_copy, name="campaign_copy"),
    path("campaigns/<int:pk>/offers/", campaigns.campaign_offers, name="campaign_offers"),
    path("campaigns/<int:pk>/outcome/", campaigns.campaign_outcome, name="campaign_outcome"),
    path("campaigns/<int:pk>/history/", campaigns.campaign_history, name="campaign_history"),
    path("campaigns/<int:pk>/edit/basics/", drafting.campaign_basics_edit, name="campaign_basics_edit"),
    path("campaigns/<int:pk>/edit/audience/", drafting.campaign_audience_edit, name="campaign_audience_edit"),
    path("campaigns/<int:pk>/edit/products/", drafting.campaign_products_edit, name="campaign_products_edit"),
    path("campaigns/<int:pk>/edit/voice/", drafting.campaign_voice_edit, name="campaign_voice_edit"),
    path("campaigns/<int:pk>/edit/plan/", drafting.campaign_plan_edit, name="campaign_plan_edit"),
    path(
        "campaigns/<int:pk>/audience/preview/",
        drafting.campaign_audience_preview,
        name="campaign_audience_preview",
    ),
    path(
        "campaigns/<int:pk>/products/search/",
        product_choice.campaign_product_search,
        name="campaign_product_search",
    ),
    path(
        "campaigns/<int:pk>/products/add/", product_choice.campaign_product_add, name="campaign_product_add"
    ),
    path(
        "campaigns/<int:pk>/products/remove/",
        product_choice.campaign_product_remove,
        name="campaign_product_remove",
    ),
    path("campaigns/<int:pk>/submit/", steering.campaign_submit, name="campaign_submit"),
    path("campaigns/<int:pk>/withdraw/", steering.campaign_withdraw, name="campaign_withdraw"),
    path("campaigns/<int:pk>/send-back/", steering.campaign_send_back, name="campaign_send_back"),
    path("campaigns/<int:pk>/approve/", steering.campaign_approve, name="campaign_approve"),
    path("campaigns/<int:pk>/launch/", steering.campaign_launch, name="campaign_launch"),
    path("campaigns/<int:pk>/pause/", steering.campaign_pause, name="campaign_pause"),
    path("campaigns/<int:pk>/resume/", steering.campaign_resume, name="campaign_resume"),
    path("campaigns/<int:pk>/end/", steering.campaign_end, name="campaign_end"),
    path("campaigns/<int:pk>/archive/", steering.campaign_archive, name="campaign_archive"),
    path("campaigns/<int:pk>/discard/", steering.campaign_discard, name="campaign_discard"),
    path("campaigns/<int:pk>/clone/", steering.campaign_clone, name="campaign_clone"),
    path("products/<int:pk>/campaigns/", campaigns.product_campaigns, name="product_campaigns"),
    path("voices/", brand_voices.brand_voice_list, name="brand_voice_list"),
    path("voices/new/", brand_voices.brand_voice_new, name="brand_voice_new"),
    path("voices/<int:pk>/", brand_voices.brand_voice_edit, name="brand_voice_edit"),
    path("segments/", segments.segment_list, name="segment_list"),
    path("segments/new/", segment_builder.segment_create, name="segment_create"),
    path("segments/new-list/", segment_builder.segment_upload, name="segment_upload"),
    path("segments/builder/", segment_builder.segment_builder, name="segment_builder"),
    path("segments/preview/", segment_builder.segment_preview, name="segment_preview"),
    path("segments/suggest/<slug:kind>/", segment_builder.segment_suggest, name="segment_suggest"),
    path("segments/<int:pk>/", segments.segment_detail, name="segment_detail"),
    path("segments/<int:pk>/edit/", segment_builder.segment_edit, name="segment_edit"),
    path("segments/<int:pk>/why/", segments.segment_why, name="segment_why"),
    path("segments/<int:pk>/count/", segments.segment_count, name="segment_count"),
    path("segments/<int:pk>/duplicate/", segments.segment_duplicate, name="segment_duplicate"),
    path("segments/<int:pk>/archive/", segments.segment_archive, name="segment_archive"),
    path("segments/<int:pk>/restore/", segments.segment_restore, name="segment_restore"),
    path("customers/<int:pk>/campaigns/", segments.customer_campaigns, name="customer_campaigns"),
]
