"""What the viewsets of every app share: who calls, strict values, and how rows are written again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as ModelError
from django.db import models
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from shop import ingest
from shop.models import ApiKey


def identity(request: Request) -> Any:
    """Return who calls: the key, or the signed-in user."""
    return request.auth if isinstance(request.auth, ApiKey) else request.user


def amount(**options: Any) -> serializers.DecimalField:
    """Return a money field: a decimal text with up to four places, in the shop's currency."""
    return serializers.DecimalField(max_digits=18, decimal_places=4, **options)


@contextmanager
def refused() -> Iterator[None]:
    """Answer 409 where the ledger refuses a fact that contradicts it."""
    try:
        yield
    except ingest.IngestError as error:
        raise Conflict(str(error)) from error


class Conflict(APIException):
    """What stands here does not allow this."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


def user_permissions(model: str) -> dict[str, str]:
    """Return the permissions that a signed-in user needs, for a model such as "shop.product"."""
    app, name = model.split(".")
    return {"read": f"{app}.view_{name}", "write": f"{app}.add_{name}"}


class Strict(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a misspelt or forbidden field is said, not swallowed."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := sorted(set(data) - writable):
                raise serializers.ValidationError(
                    {name: ErrorDetail("Unknown or read-only field.", "unknown") for name in unknown}
                )
        return super().to_internal_value(data)


class StrictModelSerializer(Strict, serializers.ModelSerializer[Any]):
    """Strict, and held to the constraints of the database before it is asked."""

    # Fields that belong to other rows, which the model's own check must not see.
    apart: ClassVar[frozenset[str]] = frozenset()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        model: Any = self.Meta.model
        many = {field.name for field in model._meta.many_to_many}
        own = {name: value for name, value in attrs.items() if name not in many | self.apart}
        row = model(**own)
        if self.instance is not None:
            row = model.objects.get(pk=self.instance.pk)
            for name, value in own.items():
                setattr(row, name, value)
        try:
            row.validate_constraints()
        except ModelError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)) from error
        return attrs


class Writable(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet[Any],
):
    """List, read, create and change in part; nothing is deleted through the API."""

    http_method_names = ("get", "head", "options", "post", "patch")


class Repeatable(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """List, read, and write by external id: a repeated call corrects what it wrote before."""

    http_method_names = ("get", "head", "options", "post")

    def answer(self, row: models.Model, *, created: bool) -> Response:
        shown = self.get_serializer(self.get_queryset().get(pk=row.pk)).data
        return Response(shown, status.HTTP_201_CREATED if created else status.HTTP_200_OK)
