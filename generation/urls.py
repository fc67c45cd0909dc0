"""Addresses of the generation pages."""

from django.urls import URLPattern

app_name = "generation"
urlpatterns: list[URLPattern] = []
