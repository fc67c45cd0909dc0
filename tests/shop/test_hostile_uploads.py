"""Uploads by somebody who means harm: nothing outside its folder, nothing shown as it is, no limit passed."""

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from shop import importing
from shop.importing import lane
from shop.models import ImportFile
from tests import make
from tests.marketing_site.api import Tool
from tests.shop.hostile_files import FILES, Hostile
from tests.shop.imports import ledger, raw_form, small_shop, upload

pytestmark = pytest.mark.django_db
FORM = {"kind": "orders", "source": "file", "mode": "atomic"}
MOST_GROWTH = 150 * 1024  # KB
# What a page may be answered with; never the type that the sender named.
PAGE, CSV = "text/html; charset=utf-8", "text/csv; charset=utf-8"


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    """Keep uploads in a folder of their own, with something beside it that must not change."""
    (tmp_path / "beside.txt").write_text("as it was")
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    small_shop()
    return client


def test_there_are_a_hundred() -> None:
    assert len(FILES) >= 100
    assert len({one.what for one in FILES}) == len(FILES)


@pytest.mark.parametrize("hostile", FILES, ids=str)
def test_an_upload_writes_and_runs_nothing(marketer: Client, root: Path, hostile: Hostile) -> None:
    before, content = ledger(), hostile.content()
    answer = marketer.post("/data/new/", **raw_form(FORM, hostile.name, content))
    assert answer.status_code in {302, 400, 422}
    for file in ImportFile.objects.all():
        looked_at(marketer, file)
    stayed_inside(root, len(content))
    assert ledger() == before
    if hostile.taken:
        assert ImportFile.objects.exists() or answer.status_code == 400 or b"Choose a file." in answer.content


def looked_at(client: Client, file: ImportFile) -> None:
    """Have the file checked, and read every page about it: its words are text there, and never a file."""
    if file.state == "received":
        importing.request_check(file)
        lane.work_off("test")
    for page in ("/data/", file.get_absolute_url(), f"{file.get_absolute_url()}columns/"):
        answer = client.get(page, follow=True)
        assert answer.status_code == 200
        assert answer["Content-Type"] == PAGE
        assert answer["X-Content-Type-Options"] == "nosniff"
        body = answer.content.decode()
        assert "<script>alert" not in body
        assert "onerror=alert" not in body.replace("&lt;img src=x onerror=alert", "")
        assert "\u202e" not in body
    rejected = client.get(f"{file.get_absolute_url()}rejected.csv")
    assert rejected["Content-Type"] == CSV
    assert rejected["Content-Disposition"] == f'attachment; filename="rejected-{file.pk.hex[:8]}.csv"'
    assert rejected["X-Content-Type-Options"] == "nosniff"


def stayed_inside(root: Path, sent: int) -> None:
    """Only files with generated names, plain and not executable, no larger than what was sent."""
    assert (root / "beside.txt").read_text() == "as it was"
    found = {path.relative_to(root) for path in every_path(root)}
    uploads = {path for path in found if path.parts[:2] == ("media", "imports") and len(path.parts) == 3}
    assert found - uploads <= {Path("beside.txt"), Path("media"), Path("media/imports")}
    for path in uploads:
        UUID(hex=path.name)
        status = (root / path).lstat()
        assert stat.S_ISREG(status.st_mode)
        assert not status.st_mode & 0o111
        assert status.st_size <= sent
    assert len(uploads) == ImportFile.objects.count()


def every_path(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root, followlinks=False):
        yield from (Path(folder) / name for name in (*folders, *files))


def test_no_address_gives_an_upload_back(marketer: Client, root: Path) -> None:
    marketer.post("/data/new/", FORM | {"file": upload(FILES[0].content(), "orders.csv")})
    file = ImportFile.objects.get()
    assert file.file.name
    for address in (f"/{file.file.name}", f"/media/{file.file.name}", f"/static/{file.file.name}"):
        assert marketer.get(address).status_code == 404


def test_bombs_do_not_fill_the_memory(marketer: Client, root: Path) -> None:
    bombs = [one for one in FILES if "bomb" in one.what or "endless" in one.what or "digits" in one.what]
    assert len(bombs) >= 5
    contents = [(one, one.content()) for one in bombs]
    before = peak()
    for hostile, content in contents:
        marketer.post("/data/new/", **raw_form(FORM, hostile.name, content))
    assert peak() - before < MOST_GROWTH


def peak() -> int:
    """Return the most memory that this process ever had, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("mode", ["atomic", "resumable"])
def test_a_file_above_the_limit_leaves_nothing_behind(
    marketer: Client, root: Path, settings: Settings, mode: str
) -> None:
    settings.IMPORT_MAX_BYTES = {"atomic": 10_000, "resumable": 20_000}
    content = FILES[0].content() + b"x" * settings.IMPORT_MAX_BYTES[mode]
    answer = marketer.post("/data/new/", FORM | {"mode": mode, "file": upload(content)})
    assert answer.status_code == 422
    assert not ImportFile.objects.exists()
    stayed_inside(root, 0)


def test_a_strangers_file_is_not_kept(client: Client, root: Path) -> None:
    answer = client.post("/data/new/", FORM | {"file": upload(FILES[0].content())})
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]
    stayed_inside(root, 0)


def test_a_key_without_the_scope_sends_nothing(root: Path) -> None:
    tool = Tool("imports:read", "orders:write")
    answer = tool.client.post("/api/v1/imports/", {"kind": "orders", "file": upload(FILES[0].content())})
    assert answer.status_code == 403
    stayed_inside(root, 0)
