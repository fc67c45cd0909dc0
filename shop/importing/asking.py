"""What people and tools ask of an import: quick, rows first, and a hint to the worker after the commit."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from shop.importing import shapes, waking
from shop.importing.faults import ImportRefused, fault, message
from shop.importing.kinds import Kind, find
from shop.importing.looking import (
    keep_header_faults,
    look,
    refuse_odd_shape,
    refuse_unless_configurable,
    sent_once,
)
from shop.importing.receiving import delete_upload
from shop.importing.streams import refused
from shop.models.importing import ImportFile, ImportMapping

State = ImportFile.State
WHOLE_POLICIES = {"orphans": ("reject", "stub")}
COLUMN_POLICIES = {
    "missing": ("keep", "drop", "fill", "quarantine"),
    "outlier": ("keep", "drop", "cap", "quarantine"),
    "duplicate": ("keep", "drop", "quarantine"),
}


def configure(
    file: ImportFile,
    shape: dict[str, Any],
    mapping: dict[str, str] | None = None,
    policies: dict[str, Any] | None = None,
    mode: str = "",
) -> None:
    """Store what the person confirmed: plain values in `shape`, {file column: field} in `mapping`.

    Without a mapping the guessed one is taken. Raises ImportRefused with `.faults`, a list of
    {"code", "column", "message"}.
    """
    refuse_unless_configurable(file)
    refuse_odd_shape(shape)
    said = {**{name: one["value"] for name, one in file.shape.items()}, **shape}
    file.mapping = {column: name for column, name in (mapping or {}).items() if name}
    look(file, said)
    columns = file.report["head"]["columns"]
    kind = find(file.kind)
    if faults := _mapping_faults(kind, columns, file.mapping):
        raise ImportRefused(faults[0]["message"], faults)
    if policies is not None:
        file.policies = _known_policies(kind, columns, policies)
    file.mode = mode or file.mode
    _refuse_too_large(file)
    file.shape = {name: {"value": one["value"], "guessed": False} for name, one in file.shape.items()}
    keep_header_faults(file, sure=True)
    if file.report["header_faults"]:
        faults = file.report["header_faults"]
        raise ImportRefused(faults[0]["message"], faults)
    file.state = State.RECEIVED
    with sent_once():
        file.save(update_fields=["shape", "mapping", "policies", "report", "mode", "state"])
        ImportMapping.objects.update_or_create(
            kind=file.kind, source=file.source, header=shapes.header_key(columns),
            defaults={"shape": shapes.plain(file.shape), "mapping": file.mapping, "policies": file.policies},
        )  # fmt: skip


def _mapping_faults(kind: Kind, columns: Sequence[str], mapping: dict[str, str]) -> list[dict[str, Any]]:
    faults = [fault("header_unknown", column) for column in mapping if column not in columns]
    faults += [fault("choice", column) for column, name in mapping.items() if kind.column(name) is None]
    taken: set[str] = set()
    for column, name in mapping.items():
        if name in taken:
            faults.append(fault("header_repeated", column))
        taken.add(name)
    return faults


def _known_policies(kind: Kind, columns: Sequence[str], policies: dict[str, Any]) -> dict[str, Any]:
    """Return the policies; raises ImportRefused for one that does not exist."""
    kept: dict[str, Any] = {}
    for name, chosen in policies.items():
        if name in WHOLE_POLICIES:
            wrong = chosen not in WHOLE_POLICIES[name] or chosen not in (kind.orphans or ("reject",))
        else:
            known = name in columns or kind.column(name) is not None
            wrong = not known or not isinstance(chosen, dict) or any(
                value not in COLUMN_POLICIES.get(about, ()) for about, value in chosen.items() if value
            )  # fmt: skip
        if wrong:
            raise ImportRefused(message("choice"), [fault("choice", name)])
        kept[name] = chosen
    return kept


def _refuse_too_large(file: ImportFile) -> None:
    if file.mode not in ImportFile.Mode.values:
        raise ImportRefused(message("choice"), [fault("choice", "mode")])
    if file.size > settings.IMPORT_MAX_BYTES[file.mode]:
        raise refused("too_large")


def request_check(file: ImportFile) -> None:
    """Have the file checked; raises ImportRefused where it cannot be."""
    _ask(file, State.CHECKING, (State.RECEIVED, State.READY, State.REJECTED))


def request_apply(file: ImportFile) -> None:
    """Have the checked file applied, or a stopped one go on; raises ImportRefused where it cannot be."""
    _ask(file, State.APPLYING, (State.READY, State.FAILED))


def request_undo(file: ImportFile) -> None:
    """Have an applied atomic import taken back; raises ImportRefused where something depends on it."""
    if file.mode != ImportFile.Mode.ATOMIC:
        raise ImportRefused(_("A file that was applied part by part cannot be undone."))
    if not find(file.kind).undoable:
        raise ImportRefused(
            _("A suppression list cannot be undone: nobody would know who asked to be on it.")
        )
    import_string("shop.importing.undoing.refuse_dependent")(file)
    _ask(file, State.UNDOING, (State.APPLIED,))


def _ask(file: ImportFile, state: ImportFile.State, before: Sequence[ImportFile.State]) -> None:
    """Move the file to a working state, if it is in one of these, and wake the worker after the commit."""
    fresh: dict[str, Any] = {
        "problem": "", "cancel_requested": False, "crashes": 0, "done": 0, "not_before": Now(),
        "lease_token": None,
    }  # fmt: skip
    with sent_once():
        moved = ImportFile.objects.filter(pk=file.pk, state__in=before).update(state=state, **fresh)
    if not moved:
        raise ImportRefused(_("This is not possible now: the import has moved on. Load the page again."))
    transaction.on_commit(waking.hint, robust=True)
    file.refresh_from_db()


def cancel(file: ImportFile) -> None:
    """Stop what is under way: an atomic import leaves nothing, a resumable one keeps its whole parts."""
    with transaction.atomic():
        row = ImportFile.objects.select_for_update().get(pk=file.pk)
        if row.state in (State.RECEIVED, State.READY, State.REJECTED, State.FAILED):
            ImportFile.objects.filter(pk=row.pk).update(state=State.CANCELLED)
        elif row.working and row.lease_token is None:
            undoing = row.state == State.UNDOING
            ImportFile.objects.filter(pk=row.pk).update(state=State.APPLIED if undoing else State.CANCELLED)
        elif row.working:
            ImportFile.objects.filter(pk=row.pk).update(cancel_requested=True)
        else:
            raise ImportRefused(_("Nothing is under way here."))
    file.refresh_from_db()


def discard(file: ImportFile) -> None:
    """Delete the upload and forget the file; what an applied import stored stays for good."""
    over = [one for one in State if one not in ImportFile.WORKING and one != State.DISCARDED]
    if not ImportFile.objects.filter(pk=file.pk, state__in=over).update(state=State.DISCARDED):
        raise ImportRefused(_("Stop the import first: it is under way."))
    file.images.all().delete()
    file.rejected_rows.all().delete()
    delete_upload(file)
    ImportFile.objects.filter(pk=file.pk).update(file="", report={})
    file.refresh_from_db()
