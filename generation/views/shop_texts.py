"""Texts that belong to no campaign: about a category, and replies to reviews."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generation import jobs
from generation.facts import topic_words
from generation.forms import CategoryFilterForm, ShopTextForm
from generation.models import Job, Language, Run, Variant
from generation.presenting import card, related
from generation.texts.reading import script
from generation.texts.replies import topic_of
from generation.work.progress import progress
from marketing_site.lib.access import allowed
from marketing_site.lib.figures import number
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.paging import keyset_page
from shop.models import Category, Event, Product

ROWS, TEXTS_SHOWN, RUNS_SHOWN = 25, 20, 3


@require_safe
@allowed("generation.view_variant")
def category_list(request: Request) -> HttpResponse:
    """List the categories with what they have to sell and what was written about them."""
    form = CategoryFilterForm(request.GET)
    categories = Category.objects.all()
    if form.is_valid():
        for word in form.cleaned_data["q"].split():
            categories = categories.filter(name__icontains=word)
    page = keyset_page(categories, request.GET, order="name", size=ROWS)
    context = {"form": form, "page": page, "rows": rows(page.rows)}
    return render_page(request, "generation/category_list.html", "generation/_category_list.html", context)


@require_safe
@allowed("generation.view_variant")
def category_text(request: Request, pk: int) -> HttpResponse:
    """Show what was written about one category; asks again until nothing is under way."""
    category = get_object_or_404(Category, pk=pk)
    return show_category(request, category, ShopTextForm())


@require_POST
@allowed("generation.add_run")
def category_text_request(request: Request, pk: int) -> HttpResponse:
    """Ask for texts about a category; the same form sent twice is one request."""
    category = get_object_or_404(Category, pk=pk)
    form = ShopTextForm(request.POST)
    if form.is_valid():
        try:
            key = form.cleaned_data["client_key"]
            run = jobs.request_category_text(category, form.order(), request.user, key)
        except jobs.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return asked(request, run, reverse("generation:category_text", args=[pk]))
    return show_category(request, category, form, status=422)


@require_safe
@allowed("generation.view_variant")
@allowed("shop.view_event")
def review_reply(request: Request, pk: int) -> HttpResponse:
    """Show a review and the replies drafted for it; asks again until nothing is under way."""
    review = visible_review(pk)
    return show_review(request, review, ShopTextForm(language=language_of(review.text), variants=1))


@require_POST
@allowed("generation.add_run")
@allowed("shop.view_event")
def review_reply_request(request: Request, pk: int) -> HttpResponse:
    """Ask for a reply to a review; the same form sent twice is one request."""
    review = visible_review(pk)
    form = ShopTextForm(request.POST)
    if form.is_valid():
        run = jobs.request_reply(review, form.order(), request.user, form.cleaned_data["client_key"])
        return asked(request, run, reverse("generation:review_reply", args=[pk]))
    return show_review(request, review, form, status=422)


def show_category(
    request: Request, category: Category, form: ShopTextForm, status: int = 200
) -> HttpResponse:
    sold = Product.objects.active().filter(category__in=Category.objects.under(category)).count()
    context = {
        "category": category,
        "trail": Category.objects.trails([category])[category.pk],
        "sold": sold,
        "here": reverse("generation:category_text", args=[category.pk]),
        "ask_url": reverse("generation:category_text_request", args=[category.pk]),
    }
    return show(
        request, "generation/category_text.html", Job.objects.filter(category=category), form, context, status
    )


def show_review(request: Request, review: Event, form: ShopTextForm, status: int = 200) -> HttpResponse:
    topic = topic_of(review.text)
    context = {
        "review": review,
        "topic": topic_words(topic, request.LANGUAGE_CODE) if topic else "",
        "here": reverse("generation:review_reply", args=[review.pk]),
        "ask_url": reverse("generation:review_reply_request", args=[review.pk]),
    }
    return show(
        request, "generation/review_reply.html", Job.objects.filter(review=review), form, context, status
    )


def show(
    request: Request,
    page: str,
    about: QuerySet[Job],
    form: ShopTextForm,
    context: dict[str, Any],
    status: int,
) -> HttpResponse:
    """Render the page of one subject, or the part of it that is asked for again and again."""
    runs = Run.objects.filter(pk__in=about.values("run")).select_related("requested_by")
    latest = progress(list(runs.order_by("-created_at")[:RUNS_SHOWN]))
    variants = related(Variant.objects.visible_to(request.user).filter(job__in=about)).order_by("-pk")
    context |= {
        "form": form if request.user.has_perm("generation.add_run") else None,
        "runs": [each for each in latest if not each.over or each.dead],
        "writing": any(not each.over for each in latest),
        "cards": [card(variant, request.user) for variant in variants[:TEXTS_SHOWN]],
    }
    return render_page(request, page, "generation/_shop_texts.html", context, status=status)


def asked(request: Request, run: Run, here: str) -> HttpResponse:
    said = ngettext("%(count)s text is on its way.", "%(count)s texts are on their way.", run.expected)
    messages.success(request, said % {"count": number(run.expected)})
    return redirect(here)


def rows(categories: Sequence[Category]) -> Iterable[dict[str, Any]]:
    """Return what the list shows of each category: its trail, products sold in and below it, latest text."""
    trails, sold = Category.objects.trails(categories), sold_below()
    texts = Variant.objects.filter(job__category__in=categories).order_by("pk").select_related("job")
    latest = {text.job.category_id: text for text in texts}
    return [
        {
            "category": category,
            "trail": trails[category.pk],
            "sold": sold[category.pk],
            "text": latest.get(category.pk),
        }
        for category in categories
    ]


def sold_below() -> Counter[int]:
    """Return how many active products each category has in itself and below."""
    counted: Counter[int] = Counter()
    own = Product.objects.active().exclude(category=None).values_list("category__path")
    for path, count in own.annotate(count=Count("pk")):
        counted.update({int(part): count for part in path.split("/") if part})
    return counted


def visible_review(pk: int) -> Event:
    reviews = Event.objects.filter(kind=Event.Kind.REVIEW, product__isnull=False).select_related("product")
    return get_object_or_404(reviews, pk=pk)


def language_of(text: str) -> str:
    """Return the language to answer in: Chinese where the review has Chinese letters."""
    return Language.ZH if any(script(character) == "CJK" for character in text) else Language.EN
