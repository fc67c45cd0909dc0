"""One page with every component of the frame, for the browser tests alone."""

from decimal import Decimal
from pathlib import Path

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

from marketing_site import urls as site
from marketing_site.lib import figures
from marketing_site.lib.charts import Bar, BarChart, ComboChart, Delta, Series, Sparkline, Tile

handler403, handler404 = site.handler403, site.handler404

PAGE = Path(__file__).with_name("components.html").read_text()


class NoteForm(forms.Form):
    name = forms.CharField(label="Name", help_text="Seen in lists.")
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    channel = forms.ChoiceField(
        label="Channel", choices=[("e", "E-mail"), ("s", "SMS")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="Hold out", required=False)


def context() -> dict[str, object]:
    spend, revenue = [Decimal(50), Decimal(70), None], [Decimal(100), Decimal(-20), Decimal(240)]
    chart = ComboChart(
        key="roi",
        period="Week of",
        labels=["2 Mar", "9 Mar", "16 Mar"],
        bars=Series("Spend", spend),
        line=Series("Revenue", revenue),
        takeaway="Revenue of $320.00 against spend of $120.00.",
        show=figures.money,
    )
    bars = [Bar("SMS", 3, ["$3.00"], second=2), Bar("E-mail", None, ["–"])]
    return {
        "tiles": [
            Tile("roas", "ROAS", "2.35×", "Net revenue ÷ spend.", Delta(4.2), Sparkline(revenue)),
            Tile("cac", "CAC", "–", "Spend ÷ new customers.", Delta.between(None, 3)),
        ],
        "chart": chart,
        "bars": BarChart("Revenue and spend by channel", "Channel", ["Revenue"], bars, "Revenue", "Spend"),
        "checks": [
            {"passed": True, "label": "Facts"},
            {"passed": False, "label": "Length", "detail": "Too long."},
        ],
        "tabs": [
            {"label": "Overview", "url": "/", "current": True},
            {"label": "Copy", "url": "/", "count": 3},
        ],
    }


@login_required
def components(request: HttpRequest) -> HttpResponse:
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, f"Saved {form.cleaned_data['name']}.")
        return redirect("/")
    template = engines["django"].from_string(PAGE)
    body = template.render({**context(), "form": form}, request)
    return HttpResponse(body, status=422 if form.errors else 200)


@login_required
def swap(request: HttpRequest) -> HttpResponse:
    messages.success(request, f"Kept “{request.POST['words']}”.")
    return HttpResponse('<section id="panel" class="card"><h2>Swapped</h2></section>')


@login_required
def done(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        messages.success(request, "It has ended.")
    return redirect("/")


urlpatterns = [
    path("", components),
    path("swap/", swap),
    path("done/", done),
    *site.urlpatterns,
]
