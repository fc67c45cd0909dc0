"""What tests of imports share: a small shop, files on their way, and what the ledger holds."""

import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from shop import importing, ingest
from shop.importing.lane import work_off
from shop.models import (
    Category,
    Consent,
    ConsentEvent,
    Customer,
    CustomerProfile,
    DirtyKey,
    Event,
    ImportFile,
    Order,
    OrderLine,
    Product,
    Refund,
    Suppression,
)
from shop.models.importing import ImportRow
from shop.models.people import address_hash
from tests import make

BUSINESS: tuple[Any, ...] = (
    Category, Product, Customer, CustomerProfile, Consent, ConsentEvent, Suppression, Order, OrderLine,
    Refund, Event, DirtyKey,
)  # fmt: skip
SUPPRESSED = "gone@example.com"


def small_shop() -> None:
    """Write two products, a customer, her order KNOWN of $15, and an address to be left alone."""
    mug, _cup = make.product("Mug", sku="MUG"), make.product("Cup", sku="CUP")
    buyer = make.customer(external_id="C1")
    ingest.put_order(
        ingest.NewOrder(
            "file", "KNOWN", buyer, datetime(2026, 3, 2, 12, tzinfo=UTC),
            [ingest.NewLine(mug, 2, Decimal(20), Decimal(5))],
        )
    )  # fmt: skip
    Suppression.objects.create(address_hash=address_hash(SUPPRESSED), reason="asked")


def ledger() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the tables that an import may write."""
    return {model.__name__: sorted(model.objects.values_list(), key=str) for model in BUSINESS}


def raw_form(fields: dict[str, str], name: str, content: bytes) -> dict[str, Any]:
    """Return what a client sends that cleans no file name, as options of `Client.post`."""
    edge, parts = b"a-line-that-no-file-has", []
    for key, value in fields.items():
        parts.append(f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode())
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    head = f'Content-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
    parts.append(f"{head}Content-Type: text/html\r\n\r\n".encode() + content)
    body = b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + edge + b"--\r\n"
    return {"data": body, "content_type": f"multipart/form-data; boundary={edge.decode()}"}


def upload(content: bytes, name: str = "orders.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sent(content: bytes, kind: str = "orders", name: str = "orders.csv", **options: Any) -> ImportFile:
    """Return a file that was received and looked into; raises ImportRefused."""
    return fresh(received(kind, content, name, **options))


def received(kind: str, content: str | bytes, name: str = "", **options: Any) -> ImportFile:
    raw = content.encode() if isinstance(content, str) else content
    file = importing.receive(kind, io.BytesIO(raw), name or f"{kind}.csv", **options)
    if not file.known:
        importing.inspect(file)
    return file


def run(file: ImportFile) -> ImportFile:
    work_off("test")
    file.refresh_from_db()
    return file


def checked(
    kind: str, content: str | bytes, name: str = "", policies: Any = None, **options: Any
) -> ImportFile:
    file = received(kind, content, name, **options)
    if policies:
        importing.configure(file, {}, file.mapping, policies)
    importing.request_check(file)
    return run(file)


def applied(kind: str, content: str | bytes, name: str = "", **options: Any) -> ImportFile:
    file = checked(kind, content, name, **options)
    assert file.state == "ready", (
        file.problem,
        file.report.get("header_faults"),
        list(ImportRow.objects.values()),
    )
    importing.request_apply(file)
    return run(file)


def fresh(file: ImportFile) -> ImportFile:
    return ImportFile.objects.get(pk=file.pk)
