"""Fixed lists: pasted or uploaded ids become customers, and no unknown id is silently dropped."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns import segmenting
from campaigns.models import Segment
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    return client


def members(segment: Segment) -> set[str]:
    return set(segmenting.customers(segment).values_list("external_id", flat=True))


def test_pasted_ids_become_a_list(page: Client) -> None:
    for name in ("A-1", "B 2", "C3"):
        make.customer(external_id=name)
    answer = page.post(
        "/segments/new-list/", {"name": "Friends", "ids": "A-1, B 2；\nC3\tA-1\n"}, follow=True
    )
    assert "3 customers are on the list. 1 id came twice." in answer.content.decode()
    segment = Segment.objects.get()
    assert (segment.kind, segment.size, members(segment)) == ("list", 3, {"A-1", "B 2", "C3"})


def test_an_uploaded_file_is_read_with_its_heading_and_byte_order_mark(page: Client) -> None:
    make.customer(external_id="张三")
    file = SimpleUploadedFile("ids.csv", '\ufeffcustomer_id\r\n"张三"\r\n'.encode())
    page.post("/segments/new-list/", {"name": "Friends", "file": file})
    assert members(Segment.objects.get()) == {"张三"}


def test_unknown_ids_are_shown_first_and_left_out_only_when_told(page: Client) -> None:
    make.customer(external_id="A")
    file = SimpleUploadedFile("ids.txt", b"A\nZ1\nZ2")
    answer = page.post("/segments/new-list/", {"name": "Friends", "file": file})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "2 ids belong to no customer: Z1, Z2." in html
    assert "A\nZ1\nZ2" in html, "the file's ids are kept in the form"
    assert not Segment.objects.exists()
    told = {"name": "Friends", "ids": "A\nZ1\nZ2", "leave_out": "on"}
    assert (
        "2 unknown ids were left out." in page.post("/segments/new-list/", told, follow=True).content.decode()
    )
    assert members(Segment.objects.get()) == {"A"}


def test_an_edited_list_keeps_the_day_of_entry_of_those_who_stay(page: Client) -> None:
    segment = make.audience(2)
    Segment.objects.filter(pk=segment.pk).update(size=2)
    stays, leaves = segment.members.order_by("pk")
    new = make.customer()
    assert stays.customer.external_id in page.get(f"/segments/{segment.pk}/edit/").content.decode()
    ids = f"{stays.customer.external_id}\n{new.external_id}"
    page.post(f"/segments/{segment.pk}/edit/", {"name": "Friends", "ids": ids})
    assert members(segment) == {stays.customer.external_id, new.external_id}
    assert segment.members.get(customer=stays.customer).entered_at == stays.entered_at
    assert not segment.members.filter(pk=leaves.pk).exists()


# --- Refusals ---


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"ids": "  \n "}, "Paste at least one"),
        ({"ids": "nobody"}, "None of these ids"),
        ({"ids": "A\x00B"}, "character zero|Null characters"),
        ({"file": SimpleUploadedFile("ids.csv", b"\xff\xfe\x00A")}, "not UTF-8"),
        ({"file": SimpleUploadedFile("ids.csv", b"A" * (4 * 1024 * 1024 + 1))}, "larger than 4 MB"),
        ({"ids": ",".join(map(str, range(100_001)))}, "at most 100,000"),
    ],
)
def test_a_list_that_is_none_is_refused(page: Client, sent: dict[str, object], says: str) -> None:
    answer = page.post("/segments/new-list/", {"name": "Friends", **sent})
    assert answer.status_code == 422
    assert any(one in answer.content.decode() for one in says.split("|"))
    assert not Segment.objects.exists()
