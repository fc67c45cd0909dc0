"""The tags and filters that every template of the site has."""

from django import template

register = template.Library()
