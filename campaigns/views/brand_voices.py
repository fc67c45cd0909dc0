"""Brand voices: how the shop sounds, chosen by campaigns."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.forms.campaigns import BrandVoiceForm
from campaigns.models import BrandVoice
from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request

form_view = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@allowed("campaigns.view_brandvoice")
def brand_voice_list(request: Request) -> HttpResponse:
    voices = BrandVoice.objects.annotate(used=Count("campaigns")).order_by("name")
    return render(request, "campaigns/brand_voice_list.html", {"voices": voices})


@form_view
@allowed("campaigns.add_brandvoice")
def brand_voice_new(request: Request) -> HttpResponse:
    return edited(request, None, "campaigns/brand_voice_new.html")


@form_view
@allowed("campaigns.change_brandvoice")
def brand_voice_edit(request: Request, pk: int) -> HttpResponse:
    return edited(request, get_object_or_404(BrandVoice, pk=pk), "campaigns/brand_voice_edit.html")


def edited(request: Request, voice: BrandVoice | None, page: str) -> HttpResponse:
    form = BrandVoiceForm(request.POST if request.method == "POST" else None, instance=voice)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("campaigns:brand_voice_list")
    context = {"form": form, "voice": voice}
    return render(request, page, context, status=422 if form.errors else 200)
