"""Addresses of the generation pages."""

from django.urls import URLPattern, path

from generation.views import copy, offers, reviews, runs, samples, variants

app_name = "generation"
urlpatterns: list[URLPattern] = [
    path("campaigns/<int:pk>/copy/panel/", copy.copy_panel, name="copy_panel"),
    path("campaigns/<int:pk>/copy/texts/", copy.copy_texts, name="copy_texts"),
    path("campaigns/<int:pk>/copy/request/", copy.copy_request, name="copy_request"),
    path("campaigns/<int:pk>/offers/panel/", offers.offers_panel, name="offers_panel"),
    path("campaigns/<int:pk>/offers/progress/", offers.offers_progress, name="offers_progress"),
    path("campaigns/<int:pk>/offers/request/", offers.offers_request, name="offers_request"),
    path("campaigns/<int:pk>/offers/list/", offers.offer_list, name="offer_list"),
    path("campaigns/<int:pk>/offers/sample/", samples.offer_sample, name="offer_sample"),
    path("campaigns/<int:pk>/offers/approve/", samples.offer_approve_all, name="offer_approve_all"),
    path("campaigns/<int:pk>/offers/export/", offers.offer_export, name="offer_export"),
    path("offers/<int:pk>/approve/", offers.offer_approve, name="offer_approve"),
    path("offers/<int:pk>/exclude/", offers.offer_exclude, name="offer_exclude"),
    path("review/", reviews.review_list, name="review_list"),
    path("review/count/", reviews.review_count, name="review_count"),
    path("variants/<int:pk>/", variants.variant_detail, name="variant_detail"),
    path("variants/<int:pk>/check/", variants.variant_check, name="variant_check"),
    path("variants/<int:pk>/edit/", variants.variant_edit, name="variant_edit"),
    path("variants/<int:pk>/approve/", variants.variant_approve, name="variant_approve"),
    path("variants/<int:pk>/reject/", variants.variant_reject, name="variant_reject"),
    path("variants/<int:pk>/reopen/", variants.variant_reopen, name="variant_reopen"),
    path("variants/<int:pk>/regenerate/", variants.variant_regenerate, name="variant_regenerate"),
    path("generation/", runs.run_list, name="run_list"),
    path("generation/pause/", runs.lane_pause, name="lane_pause"),
    path("generation/resume/", runs.lane_resume, name="lane_resume"),
    path("generation/runs/<uuid:pk>/", runs.run_detail, name="run_detail"),
    path("generation/runs/<uuid:pk>/cancel/", runs.run_cancel, name="run_cancel"),
    path("generation/runs/<uuid:pk>/again/", runs.run_try_again, name="run_try_again"),
    path("generation/jobs/<int:pk>/again/", runs.job_try_again, name="job_try_again"),
    path("generation/jobs/<int:pk>/skip/", runs.job_skip, name="job_skip"),
]
