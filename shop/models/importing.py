"""Files that are imported: what a person said about them, how far they are, what went wrong in them."""

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop.models.access import ApiKey

if TYPE_CHECKING:
    Identity = User | AnonymousUser | ApiKey


def upload_path(row: "ImportFile", name: str) -> str:
    """Return a generated name: nothing that a stranger wrote becomes part of a path."""
    return f"imports/{row.pk.hex}"


class ImportFileQuerySet(models.QuerySet["ImportFile"]):
    def visible_to(self, identity: "Identity") -> Self:
        """Keep what a user's role lets them see; a key sees the files it sent itself."""
        if isinstance(identity, ApiKey):
            mine = identity.may("imports:read") or identity.may("imports:write")
            return self.filter(api_key=identity) if mine else self.none()
        return self if identity.has_perm("shop.view_importfile") else self.none()

    def working(self) -> Self:
        """Keep the files that a worker has, or should have, in hand."""
        return self.filter(state__in=ImportFile.WORKING)


class ImportFile(models.Model):
    """One uploaded file on its way into the ledger.

    `state` moves in one place for each step (shop.importing); `lease_token` is the fence of the worker that
    has the file in hand, and null while it waits for one.
    """

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("import", "received")
        CHECKING = "checking", _("being checked")
        READY = "ready", _("ready to apply")
        REJECTED = "rejected", _("has faults")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        FAILED = "failed", _("stopped")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")
        CANCELLED = "cancelled", _("cancelled")
        DISCARDED = "discarded", _("discarded")

    class Mode(models.TextChoices):
        ATOMIC = "atomic", _("all or nothing")
        RESUMABLE = "resumable", _("part by part")

    WORKING = (State.CHECKING, State.APPLYING, State.UNDOING)
    # States in which the same file may be sent again.
    OVER = (State.REJECTED, State.UNDONE, State.CANCELLED, State.DISCARDED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=32)
    # Whose ids these are: one order number of two systems is two orders.
    source = models.CharField(_("source"), max_length=32, default="file")
    # As the person named it; shown, and never used as a path.
    name = models.CharField(_("name"), max_length=255)
    file = models.FileField(upload_to=upload_path, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    # csv, tsv, jsonl or parquet, perhaps with .gz; zip for one CSV in an archive.
    format = models.CharField(max_length=12, blank=True)
    # What the file looks like: encoding, delimiter, decimal, day_first, time_zone, currency, header. Each is
    # {"value": …, "guessed": true} until somebody confirmed it.
    shape = models.JSONField(default=dict, blank=True)
    # {column of the file: field of the kind}; a column that is not named here is not imported.
    mapping = models.JSONField(default=dict, blank=True)
    policies = models.JSONField(default=dict, blank=True)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.ATOMIC)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    rows = models.BigIntegerField(default=0)
    new = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    # Bytes (or row groups) of the step under way, for its bar.
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    # How far a resumable import is: offset, row, line, ok, bad. Committed with the rows that it counts.
    applied_upto = models.JSONField(default=dict, blank=True)
    # The findings of the dry run; see docs/imports.md.
    report = models.JSONField(default=dict, blank=True)
    # Why it was rejected or stopped, for a person.
    problem = models.TextField(blank=True)
    cancel_requested = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # Workers that vanished with the file in hand.
    crashes = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    worker = models.CharField(max_length=100, blank=True)

    objects = ImportFileQuerySet.as_manager()
    # Set by shop.importing.receive: the same file was sent before, and this is it.
    known = False

    class Meta:
        verbose_name, verbose_name_plural = _("import"), _("imports")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "sha256"],
                condition=~Q(state__in=["rejected", "undone", "cancelled", "discarded"]),
                name="import_once",
            ),
            models.CheckConstraint(
                condition=Q(lease_token=None) | Q(state__in=["checking", "applying", "undoing"]),
                name="import_leased_while_worked_on",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                name="import_due",
                condition=Q(state__in=["checking", "applying", "undoing"]),
            ),
            models.Index(fields=["-created_at"], name="import_by_time"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("shop:import_detail", args=[self.pk])

    @property
    def working(self) -> bool:
        return self.state in self.WORKING

    @property
    def can_configure(self) -> bool:
        return self.state in (self.State.RECEIVED, self.State.READY, self.State.REJECTED)

    @property
    def can_apply(self) -> bool:
        return self.state in (self.State.READY, self.State.FAILED)

    @property
    def can_undo(self) -> bool:
        return self.state == self.State.APPLIED and self.mode == self.Mode.ATOMIC


class ImportRow(models.Model):
    """One row of a file that was not stored, with a reason for each faulty cell."""

    pk = models.CompositePrimaryKey("file_id", "row_no")
    file = models.ForeignKey(ImportFile, models.CASCADE, db_index=False, related_name="rejected_rows")
    # Rows are counted without the header, lines as an editor counts them.
    row_no = models.BigIntegerField()
    line_no = models.BigIntegerField()
    # The cells as they stand in the file, in the file's order of columns.
    raw = models.JSONField()
    # [{"column", "code", "message"}]; column is "" for the row as a whole.
    errors = models.JSONField()
    action = models.CharField(max_length=12, default="rejected")

    class Meta:
        verbose_name, verbose_name_plural = _("rejected row"), _("rejected rows")

    def __str__(self) -> str:
        return f"{self.file_id}: {self.row_no}"


class ImportImage(models.Model):
    """What one row of the ledger was before an import changed it, so that the import can be undone."""

    pk = models.CompositePrimaryKey("file_id", "model", "key")
    file = models.ForeignKey(ImportFile, models.CASCADE, db_index=False, related_name="images")
    # The table, and the primary key of its row.
    model = models.CharField(max_length=64)
    key = models.BigIntegerField()
    # Null: the import created it.
    before = models.JSONField(null=True)
    # Digest of what the import left: a row that differs from it was changed later by somebody else.
    after = models.CharField(max_length=32, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("before-image"), _("before-images")

    def __str__(self) -> str:
        return f"{self.model} {self.key}"


class ImportedOrder(models.Model):
    """One order that a running import has written a part of: what follows is added to it."""

    pk = models.CompositePrimaryKey("file_id", "order_id")
    file = models.ForeignKey(
        ImportFile, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    order_id = models.BigIntegerField()
    # The numbers of the lines so far.
    lines = ArrayField(models.IntegerField())

    class Meta:
        verbose_name, verbose_name_plural = _("order under way"), _("orders under way")

    def __str__(self) -> str:
        return f"{self.file_id}: {self.order_id}"


class ImportedKey(models.Model):
    """One id that the import under way has met: a second row with it is a fault, wherever it stands."""

    pk = models.CompositePrimaryKey("file_id", "key")
    file = models.ForeignKey(
        ImportFile, models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    # A hash of 64 bits.
    key = models.BigIntegerField()

    class Meta:
        verbose_name, verbose_name_plural = _("id under way"), _("ids under way")

    def __str__(self) -> str:
        return f"{self.file_id}: {self.key}"


class ImportMapping(models.Model):
    """What was confirmed for files of one kind, source and header, offered again for the next one."""

    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=32)
    # Digest of the header's names in their order.
    header = models.CharField(max_length=64)
    shape = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    policies = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("import mapping"), _("import mappings")
        constraints = [models.UniqueConstraint(fields=["kind", "source", "header"], name="mapping_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"
