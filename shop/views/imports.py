"""Imports: a file from its upload over its columns and its dry run to the ledger, and back out of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketing_site.lib.access import allowed
from marketing_site.lib.htmx import Request, render_page
from marketing_site.lib.paging import keyset_page
from marketing_site.lib.uploads import too_large, uploads
from shop import import_report, importing
from shop.import_forms import ImportPolicyForm, ImportShapeForm, ImportUploadForm
from shop.importing import ImportRefused
from shop.models import ImportFile

form_view = require_http_methods(["GET", "HEAD", "POST"])
FILES = 20
PERSONAL = "shop.view_personal_data"


def most_bytes() -> int:
    return int(max(settings.IMPORT_MAX_BYTES.values()))


@require_safe
@allowed("shop.view_importfile")
def import_list(request: Request) -> HttpResponse:
    """Show every file that was imported, latest first; asks again while one is worked on."""
    files = ImportFile.objects.visible_to(request.user).select_related("requested_by", "api_key")
    page = keyset_page(files, request.GET, order="-created_at", size=FILES)
    context = {
        "page": page,
        "files": [(file, importing.find(file.kind)) for file in page.rows],
        "working": any(file.working for file in page.rows),
    }
    return render_page(request, "shop/import_list.html", "shop/_import_list.html", context)


@uploads(most_bytes)
@form_view
@allowed("shop.add_importfile")
def import_new(request: Request) -> HttpResponse:
    """Take a file, look at its first rows, and go on to its columns."""
    form = ImportUploadForm(request.POST or None, request.FILES or None, initial=request.GET.dict())
    if request.method == "POST" and too_large(request):
        form.refuse_size(most_bytes())
    elif request.method == "POST" and form.is_valid() and (file := received(request, form)):
        return redirect(file) if file.known else redirect("shop:import_columns", file.pk)
    context = {"form": form, "kinds": importing.kinds()}
    return render(request, "shop/import_new.html", context, status=422 if form.errors else 200)


def received(request: Request, form: ImportUploadForm) -> ImportFile | None:
    """Store the upload and look into it; a refusal stands beside the field."""
    values = form.cleaned_data
    try:
        file = importing.receive(
            values["kind"], values["file"], values["file"].name, source=values["source"],
            mode=values["mode"], by=request.user,
        )  # fmt: skip
        if not file.known:
            importing.inspect(file)
    except ImportRefused as refusal:
        form.add_error("file", str(refusal))
        return None
    if file.known:
        messages.info(request, _("This file was sent before: here is what became of it."))
    return file


@require_safe
@allowed("shop.view_importfile")
def import_example(request: Request, kind: str) -> HttpResponse:
    """Send a small file of this kind that can be imported as it is."""
    try:
        content = importing.find(kind).example_csv()
    except KeyError as error:
        raise Http404 from error
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kind}-example.csv"'
    return response


@require_safe
@allowed("shop.view_importfile")
def import_detail(request: Request, pk: UUID) -> HttpResponse:
    """Show what the check found and how far the file is; asks again while it is worked on."""
    file = visible(request, pk)
    personal, may_import = request.user.has_perm(PERSONAL), request.user.has_perm("shop.change_importfile")
    editable = may_import and file.can_configure
    context = {
        "file": file,
        "kind": importing.find(file.kind),
        "standing": import_report.standing(file),
        "problem": import_report.problem(file),
        "header_faults": import_report.header_faults(file),
        "tiles": import_report.tiles(file),
        "samples": import_report.samples(file) if personal else [],
        "personal": personal,
        "form": ImportPolicyForm(file=file, kind=importing.find(file.kind), editable=editable),
        "editable": editable,
        "right_rows": file.state == "rejected" and file.mode == "atomic" and file.rows > file.rejected > 0,
        "may_import": may_import,
    }
    return render_page(request, "shop/import_detail.html", "shop/_import_detail.html", context)


@form_view
@allowed("shop.change_importfile")
def import_columns(request: Request, pk: UUID) -> HttpResponse:
    """Show how the file is read and what its columns are taken for; what is confirmed is checked next."""
    file = visible(request, pk)
    if not file.can_configure:
        return redirect(file)
    form = ImportShapeForm(request.POST or None, file=file, kind=importing.find(file.kind))
    if request.method == "POST" and form.is_valid():
        if form.reads_otherwise:
            return read_again(request, file, form)
        if configured(file, form):
            return redirect(file)
    context = {"file": file, "kind": form.kind, "form": form, "head": file.report.get("head", {})}
    return render(request, "shop/import_columns.html", context, status=422 if form.errors else 200)


def read_again(request: Request, file: ImportFile, form: ImportShapeForm) -> HttpResponse:
    """Show the columns that the file has when it is read as the person says."""
    try:
        importing.look_again(file, form.shape)
        messages.info(request, _("The file was read again: look at its columns."))
    except ImportRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("shop:import_columns", file.pk)


def configured(file: ImportFile, form: ImportShapeForm) -> bool:
    """Keep what was confirmed and have the file checked; False where it was refused, which the form says."""
    try:
        importing.configure(file, form.shape, form.mapping, file.policies)
        importing.request_check(file)
    except ImportRefused as refusal:
        form.refuse(refusal.faults, str(refusal))
        return False
    return True


@require_POST
@allowed("shop.change_importfile")
def import_policies(request: Request, pk: UUID) -> HttpResponse:
    """Keep what should become of odd values, and check the file again with it."""
    file = visible(request, pk)
    form = ImportPolicyForm(request.POST, file=file, kind=importing.find(file.kind))
    if form.is_valid():
        values = {name: entry.get("value") for name, entry in file.shape.items()}
        mode = form.cleaned_data.get("mode", "")
        return asked(request, file, lambda file: checked_again(file, values, form.policies, mode))
    messages.error(request, _("Choose one of the ways that are offered."))
    return redirect(file)


def checked_again(file: ImportFile, shape: dict[str, Any], policies: dict[str, Any], mode: str) -> None:
    importing.configure(file, shape, file.mapping, policies, mode)
    importing.request_check(file)


@require_POST
@allowed("shop.change_importfile")
def import_check(request: Request, pk: UUID) -> HttpResponse:
    return asked(request, visible(request, pk), importing.request_check)


@require_POST
@allowed("shop.change_importfile")
def import_apply(request: Request, pk: UUID) -> HttpResponse:
    return asked(request, visible(request, pk), importing.request_apply)


@require_POST
@allowed("shop.change_importfile")
def import_undo(request: Request, pk: UUID) -> HttpResponse:
    return asked(request, visible(request, pk), importing.request_undo)


@require_POST
@allowed("shop.change_importfile")
def import_cancel(request: Request, pk: UUID) -> HttpResponse:
    return asked(request, visible(request, pk), importing.cancel)


@require_POST
@allowed("shop.change_importfile")
def import_discard(request: Request, pk: UUID) -> HttpResponse:
    """Delete the upload; the list that follows still names it."""
    return asked(request, visible(request, pk), importing.discard)


@require_safe
@allowed("shop.change_importfile")
def import_rejected(request: Request, pk: UUID) -> StreamingHttpResponse:
    """Send the rejected rows as they stood in the file, with what is wrong in each."""
    file = visible(request, pk)
    response = StreamingHttpResponse(importing.rejected_csv(file), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="rejected-{file.pk.hex[:8]}.csv"'
    return response


def visible(request: Request, pk: UUID) -> ImportFile:
    """Return the file if this person may see it, else answer 404."""
    files = ImportFile.objects.visible_to(request.user).select_related("requested_by", "api_key")
    return get_object_or_404(files, pk=pk)


def asked(request: Request, file: ImportFile, step: Callable[[ImportFile], None]) -> HttpResponse:
    """Ask for one step of the file and show it; a refusal is told."""
    try:
        step(file)
    except ImportRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(file)
