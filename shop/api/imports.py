"""Imports for partner tools: a file is sent, checked, applied and, while nothing depends on it, undone."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ErrorDetail, PermissionDenied
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from marketing_site.lib.uploads import too_large
from shop import importing
from shop.api.base import Conflict, Strict, identity
from shop.importing import ImportRefused
from shop.models import ApiKey, ImportFile
from shop.models.importing import ImportFileQuerySet

FAULTS_SHOWN = 100


class TooLarge(APIException):
    """The file is larger than what is taken; it was not read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class CsvFile(JSONRenderer):
    """Lets a caller ask for CSV, which the view streams; a problem is written as JSON all the same."""

    media_type, format = "text/csv", "csv"


class OptionsSerializer(Strict):
    """What the sender says about the file; what is not said is guessed, and the answer shows the guess."""

    shape = serializers.DictField(
        required=False, help_text="encoding, delimiter, decimal, day_first, time_zone, currency, header"
    )
    mapping = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="{column of the file: field}"
    )
    policies = serializers.DictField(required=False, help_text="what becomes of odd values and of orphans")


class OptionsField(serializers.Field[Any, Any, Any, Any]):
    """A part of a form that holds JSON."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            read = json.loads(data) if isinstance(data, str) else data
        except ValueError as error:
            raise serializers.ValidationError("This is not JSON.") from error
        options = OptionsSerializer(data=read)
        options.is_valid(raise_exception=True)
        return dict(options.validated_data)

    def to_representation(self, value: Any) -> Any:
        return value


class UploadSerializer(Strict):
    """A file and what it is."""

    kind = serializers.CharField(max_length=32, help_text="products, customers, orders, ...")
    file = serializers.FileField(allow_empty_file=True, max_length=255)
    source = serializers.SlugField(max_length=32, default="api", help_text="Whose ids these are.")  # type: ignore[assignment]
    mode = serializers.ChoiceField(ImportFile.Mode.choices, default=ImportFile.Mode.ATOMIC)
    options = extend_schema_field(OptionsSerializer)(OptionsField)(required=False)

    def validate_kind(self, value: str) -> str:
        names = [kind.name for kind in importing.kinds()]
        if value not in names:
            raise serializers.ValidationError(f"Choose one of {', '.join(names)}.")
        return value


class FaultSerializer(serializers.Serializer[Any]):
    """One thing that is wrong: `row` counts without the header and is null for the file as a whole."""

    row = serializers.IntegerField(allow_null=True)
    line = serializers.IntegerField(allow_null=True)
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ImportSerializer(serializers.ModelSerializer[ImportFile]):
    """One file: how it is read, how far it is, and what is wrong with it."""

    columns = serializers.SerializerMethodField(help_text="The columns of the file, in its order.")
    faults = serializers.SerializerMethodField(
        help_text=f"The first {FAULTS_SHOWN}; all are in rejected.csv."
    )

    class Meta:
        model = ImportFile
        fields = (
            "id", "kind", "source", "name", "mode", "state", "size", "sha256", "shape", "columns",
            "mapping", "policies", "rows", "new", "changed", "unchanged", "rejected", "done", "total",
            "problem", "faults", "created_at", "checked_at", "applied_at", "undone_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_columns(self, file: ImportFile) -> list[str]:
        return list(file.report.get("head", {}).get("columns", []))

    @extend_schema_field(FaultSerializer(many=True))
    def get_faults(self, file: ImportFile) -> list[dict[str, Any]]:
        found = [{"row": None, "line": None} | fault for fault in file.report.get("header_faults", [])]
        if self.context.get("detailed"):
            for row in file.rejected_rows.order_by("row_no")[:FAULTS_SHOWN]:
                found += [{"row": row.row_no, "line": row.line_no} | error for error in row.errors]
        return found[:FAULTS_SHOWN]


class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ImportFile]):
    """Imports: POST a file, then to its `check/`; once it is `ready`, POST to its `apply/`."""

    scope = "imports"
    user_permissions = {"read": "shop.view_importfile", "write": "shop.add_importfile"}
    http_method_names = ("get", "head", "options", "post")
    lookup_value_converter = "uuid"
    queryset = ImportFile.objects.none()
    serializer_class = ImportSerializer
    parser_classes = (MultiPartParser,)
    filterset_fields = ("kind", "source", "state")

    @staticmethod
    def upload_bytes() -> int:
        """Return how large a file may be (marketing_site.lib.uploads)."""
        return int(max(settings.IMPORT_MAX_BYTES.values()))

    def get_queryset(self) -> ImportFileQuerySet:
        return ImportFile.objects.visible_to(identity(self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "detailed": self.action != "list"}

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={200: ImportSerializer, 201: ImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """Send a file. The same file again answers 200 with what became of it."""
        caller = identity(request)
        if isinstance(caller, ApiKey) and not caller.all_campaigns:
            raise PermissionDenied("A key of some campaigns cannot import.")
        upload = UploadSerializer(data=request.data)
        if too_large(request._request):
            raise TooLarge(f"The file is larger than {self.upload_bytes()} bytes: split it.")
        upload.is_valid(raise_exception=True)
        file = received(upload.validated_data, caller)
        if file.known and not self.get_queryset().filter(pk=file.pk).exists():
            raise Conflict("Somebody else has sent this file already.")
        known = file.known
        file = self.get_queryset().get(pk=file.pk)
        return Response(
            self.get_serializer(file).data, status.HTTP_200_OK if known else status.HTTP_201_CREATED
        )

    @extend_schema(request=None, responses={202: ImportSerializer})
    @action(detail=True, methods=["post"], parser_classes=[JSONParser])
    def check(self, request: Request, pk: str) -> Response:
        """Have every row looked at; nothing is stored."""
        return self._asked(importing.request_check)

    @extend_schema(request=None, responses={202: ImportSerializer})
    @action(detail=True, methods=["post"], parser_classes=[JSONParser])
    def apply(self, request: Request, pk: str) -> Response:
        """Have the checked file stored."""
        return self._asked(importing.request_apply)

    @extend_schema(request=None, responses={202: ImportSerializer})
    @action(detail=True, methods=["post"], parser_classes=[JSONParser])
    def undo(self, request: Request, pk: str) -> Response:
        """Have what an all-or-nothing import stored taken back."""
        return self._asked(importing.request_undo)

    @extend_schema(
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="The rejected rows.")}
    )
    def rejected(self, request: Request, pk: str) -> StreamingHttpResponse:
        """Read the rejected rows as they stood in the file, with what is wrong in each."""
        file = self.get_object()
        if not isinstance(request.auth, ApiKey) and not request.user.has_perm("shop.view_personal_data"):
            raise PermissionDenied
        answer = StreamingHttpResponse(importing.rejected_csv(file), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="rejected-{file.pk.hex[:8]}.csv"'
        return answer

    def _asked(self, step: Callable[[ImportFile], None]) -> Response:
        file = self.get_object()
        try:
            step(file)
        except ImportRefused as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(self.get_serializer(self.get_object()).data, status.HTTP_202_ACCEPTED)


def received(values: dict[str, Any], caller: Any) -> ImportFile:
    """Store an upload, look into it, and keep what its sender says about it."""
    upload, options = values["file"], values.get("options", {})
    try:
        file = importing.receive(
            values["kind"], upload, upload.name, source=values["source"], mode=values["mode"], by=caller
        )
        if not file.known:
            importing.inspect(file)
            if options:
                configure(file, options)
    except ImportRefused as refusal:
        raise serializers.ValidationError(
            {"file": ErrorDetail(str(refusal), refusal.code or "refused")}
        ) from refusal
    return file


def configure(file: ImportFile, options: dict[str, Any]) -> None:
    """Put what was said in the place of the guesses; raises ValidationError naming each fault."""
    shape = {name: entry.get("value") for name, entry in file.shape.items()} | options.get("shape", {})
    mapping, policies = options.get("mapping", file.mapping), options.get("policies", file.policies)
    try:
        importing.configure(file, shape, mapping, policies)
    except ImportRefused as refusal:
        named = [
            ErrorDetail(f"{fault['column']}: {fault['message']}", fault["code"]) for fault in refusal.faults
        ]
        refused = named or [ErrorDetail(str(refusal), refusal.code or "refused")]
        raise serializers.ValidationError({"options": refused}) from refusal
