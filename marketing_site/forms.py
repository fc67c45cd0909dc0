"""How forms are drawn: label, help and errors of each field tied together, errors first."""

from django.forms.renderers import TemplatesSetting


class SiteRenderer(TemplatesSetting):
    """Draws `{{ form }}` with our own templates, and widgets with Django's."""

    form_template_name = "_form.html"
    field_template_name = "_field.html"
