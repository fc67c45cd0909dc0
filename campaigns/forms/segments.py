"""The forms of segments: name and note, the ids of a fixed list, the filters of the list page."""

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from campaigns.models import Segment
from campaigns.models.segment import SegmentQuerySet
from campaigns.segmenting.lists import MAX_IDS, Listed, look_up, read_ids

MAX_FILE_BYTES = 4 * 1024 * 1024
UNKNOWN_SHOWN = 20
# A list up to this size is shown for editing.
EDITED_AS_TEXT = 10_000


class SegmentForm(forms.ModelForm[Segment]):
    """What a segment is called; `version` is the moment of the stored state that is being edited."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Segment
        fields = ("name", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.updated_at.isoformat()

    def clean_version(self) -> Any:
        try:
            return parse_datetime(self.cleaned_data["version"])
        except ValueError:
            return None


class SegmentListForm(SegmentForm):
    """A fixed list: external ids, pasted or from a file. Unknown ones are shown before they are left out."""

    ids = forms.CharField(
        label=_("Customer ids"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("External ids, one a line or separated by commas."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("or a text file with ids"), required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        help_text=_("UTF-8 text or CSV with one id a line. It is added to the ids above."),
    )  # fmt: skip
    leave_out = forms.BooleanField(label=_("Leave out unknown ids"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed: Listed | None = None
        if self.instance.pk and (self.instance.size or 0) <= EDITED_AS_TEXT:
            members = self.instance.members.order_by("pk").values_list("customer__external_id", flat=True)
            self.initial["ids"] = "\n".join(members)
        elif self.instance.pk:
            self.fields["ids"].help_text = _("Ids that you enter replace the list; without any it stays.")

    def clean_file(self) -> str:
        """Return the text of the file."""
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return ""
        if (file.size or 0) > MAX_FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 4 MB: split it, or import it as data."))
        try:
            return bytes(file.read()).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is not UTF-8 text: save it as CSV UTF-8.")) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        text = "\n".join(filter(None, [cleaned.get("ids", "").strip(), cleaned.get("file", "").strip()]))
        if "\x00" in text:
            self.add_error("ids", _("This is not text: leave out the character zero."))
        elif text:
            self._keep_typed(text)
            self._check(read_ids(text), leave_out=cleaned.get("leave_out", False))
        elif not self.instance.pk or (self.instance.size or 0) <= EDITED_AS_TEXT:
            self.add_error("ids", _("Paste at least one customer id, or choose a file."))
        return cleaned

    def _keep_typed(self, text: str) -> None:
        """Show the file's ids in the text area, since a browser forgets a chosen file."""
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix("ids")] = text
        self.data = data

    def _check(self, ids: list[str], *, leave_out: bool) -> None:
        if len(ids) > MAX_IDS:
            self.add_error("ids", _("A list holds at most 100,000 ids: split it."))
            return
        self.listed = look_up(ids)
        if not self.listed.known:
            self.add_error("ids", _("None of these ids belongs to a customer. External ids are meant."))
        elif self.listed.unknown and not leave_out:
            self.add_error("ids", self._unknown_message(self.listed.unknown))

    def _unknown_message(self, unknown: list[str]) -> forms.ValidationError:
        text = ngettext_lazy(
            "%(count)s id belongs to no customer: %(ids)s. Correct it, or tick “Leave out unknown ids”.",
            "%(count)s ids belong to no customer: %(ids)s. Correct them, or tick “Leave out unknown ids”.",
            len(unknown),
        )
        shown = ", ".join(one[:64] for one in unknown[:UNKNOWN_SHOWN])
        more = ", …" if len(unknown) > UNKNOWN_SHOWN else ""
        return forms.ValidationError(text, params={"count": len(unknown), "ids": shown + more})


class SegmentFilterForm(forms.Form):
    """Narrows the list; a value that makes no sense narrows nothing."""

    q = forms.CharField(
        label=_("Search"), required=False,
        widget=forms.TextInput({"type": "search", "placeholder": _("Search segments"), "data-key": "/"}),
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Any kind")), *Segment.Kind.choices]
    )
    archived = forms.BooleanField(label=_("Archived"), required=False)

    def narrow(self, segments: SegmentQuerySet) -> QuerySet[Segment]:
        """Return the segments that the filters keep; archived ones only when they are asked for."""
        self.is_valid()
        asked = self.cleaned_data
        found = segments.filter(archived_at__isnull=not asked.get("archived", False))
        for word in asked.get("q", "").split():
            found = found.filter(Q(name__icontains=word) | Q(note__icontains=word))
        return found.filter(kind=asked["kind"]) if asked.get("kind") else found


class OverlapForm(forms.Form):
    """Which segment another one is compared with."""

    with_segment = forms.ModelChoiceField(Segment.objects.none(), label=_("Compare with"))

    def __init__(self, *args: Any, segments: QuerySet[Segment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField[Segment], self.fields["with_segment"]).queryset = segments


class WhyForm(forms.Form):
    """Which customer's place in a segment is to be explained."""

    customer = forms.CharField(
        label=_("Customer id"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
