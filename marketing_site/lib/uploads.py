"""How much a request may upload: its view says so, and what is more is not even read."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

USUAL_BYTES = 8 * 1024 * 1024
# What a form with a file has beside the file.
FORM_BYTES = 64 * 1024
LIMIT = "upload_bytes"
View = TypeVar("View", bound=Callable[..., Any])


def uploads(most: Callable[[], int]) -> Callable[[View], View]:
    """Let a view take files of at most `most()` bytes."""

    def decorate(view: View) -> View:
        setattr(view, LIMIT, most)
        return view

    return decorate


def too_large(request: HttpRequest) -> bool:
    """Tell whether a file of this request was larger than its view takes; it is missing then."""
    return bool(getattr(request, "upload_refused", False))


class UploadLimit(FileUploadHandler):
    """Stands before Django's own handlers, and passes on what is within the limit.

    The body is read before the view, even before the sign-in is looked at: a stranger's file goes nowhere.
    """

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        self.limit, self.announced = limit_of(self.request), content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.announced > self.limit + FORM_BYTES:
            self._stop()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > self.limit:
            self._stop()
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""

    def _stop(self) -> None:
        self.request.upload_refused = True  # type: ignore[union-attr]
        raise StopUpload(connection_reset=True)


def limit_of(request: HttpRequest | None) -> int:
    """Return how many bytes a file of this request may have."""
    view = getattr(getattr(request, "resolver_match", None), "func", None)
    # A view of the API is asked who calls before it reads the body; a page's is not.
    if known := getattr(getattr(view, "cls", None), LIMIT, None):
        return int(known())
    most = getattr(view, LIMIT, None)
    signed_in = getattr(getattr(request, "user", None), "is_authenticated", False)
    return int(most()) if most and signed_in else USUAL_BYTES
