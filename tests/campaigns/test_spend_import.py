"""Files of spend: what is right is booked once, what is wrong is named and nothing happens."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.test import Client

from campaigns.models import CampaignDay, Spend
from tests import make

pytestmark = pytest.mark.django_db
HEADER = "campaign,category,amount,day,external_id,note\n"


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    make.campaign("Coffee")
    return client


def send(client: Client, content: str | bytes) -> Any:
    raw = content if isinstance(content, bytes) else content.encode()
    return client.post("/spend/import/", {"file": SimpleUploadedFile("spend.csv", raw)})


def total() -> Decimal:
    total: Decimal = Spend.objects.aggregate(total=Sum("amount", default=Decimal(0)))["total"]
    return total


def test_a_file_is_booked_and_counts_at_once(marketer: Client) -> None:
    tea = make.campaign("Tea")
    rows = f"Coffee,media,120.50,2026-03-02,A1,Search ads\n{tea.pk},Delivery,40,2026-03-03,A2,\n"
    page = marketer.get(send(marketer, HEADER + rows)["Location"]).content.decode()
    assert "Rows added: 2; corrected: 0; here already: 0." in page
    spent = CampaignDay.objects.values_list("campaign__name", "spend").order_by("day")
    assert list(spent) == [("Coffee", Decimal("120.5")), ("Tea", Decimal(40))]
    assert Spend.objects.get(external_id="A1").source == Spend.Source.CSV


def test_the_same_file_twice_adds_nothing_with_external_ids_or_without(marketer: Client) -> None:
    # The last two rows are alike and meant: two stamps on one day.
    rows = "Coffee,media,5,2026-03-02,A1,\nCoffee,fees,1,2026-03-02,,stamp\nCoffee,fees,1,2026-03-02,,stamp\n"
    send(marketer, HEADER + rows)
    send(marketer, HEADER + rows)
    assert (Spend.objects.count(), total()) == (3, Decimal(7))


def test_a_row_with_a_known_external_id_corrects_it(marketer: Client) -> None:
    send(marketer, HEADER + "Coffee,media,5,2026-03-02,A1,\n")
    page = marketer.get(send(marketer, HEADER + "Coffee,media,8,2026-03-04,A1,\n")["Location"])
    assert "Rows added: 0; corrected: 1" in page.content.decode()
    assert (Spend.objects.count(), total()) == (1, Decimal(8))
    assert dict(CampaignDay.objects.values_list("day__day", "spend")) == {2: 0, 4: 8}


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("Cocoa,media,5,2026-03-02,,", "campaign", "No campaign has this name or id."),
        ("Twin,media,5,2026-03-02,,", "campaign", "Several campaigns have this name: give the id instead."),
        ("Coffee,bribes,5,2026-03-02,,", "category", "Choose one of media, delivery"),
        ("Coffee,media,-5,2026-03-02,,", "amount", "Spend cannot be negative."),
        ("Coffee,media,$5,2026-03-02,,", "amount", "Write the amount as 1234.56"),
        ('Coffee,media,"1,5",2026-03-02,,', "amount", "Write the amount as 1234.56"),
        ("Coffee,media,1e3,2026-03-02,,", "amount", "Write the amount as 1234.56"),
        ("Coffee,media,NaN,2026-03-02,,", "amount", "Write the amount as 1234.56"),
        ("Coffee,media,0.00001,2026-03-02,,", "amount", "Write the amount as 1234.56"),
        ("Coffee,media,٥,2026-03-02,,", "amount", "Write the amount as 1234.56"),
        ("Coffee,media,9999999999999999,2026-03-02,,", "amount", "This amount is too large."),
        ("Coffee,media,5,03/02/2026,,", "day", "Write the day as 2026-03-31."),
        ("Coffee,media,5,2026-02-30,,", "day", "There is no such day."),
        ("Coffee,media,5,1926-03-02,,", "day", "Choose a day between 2000 and 2099."),
        ("Coffee,media,5,2026-03-02,A1,", "external_id", "Row 2 has the same external id."),
        ("Coffee,media,5,2026-03-02,," + "x" * 201, "note", "At most 200 characters."),
        ("Coffee,media,5", "–", "This row has 3 cells, the header 6."),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_imported(
    marketer: Client, row: str, column: str, reason: str
) -> None:
    make.campaign("Twin")
    make.campaign("twin")
    answer = send(marketer, HEADER + f"Coffee,media,7,2026-03-02,A1,\n{row}\n")
    assert answer.status_code == 422
    (error,) = answer.context["errors"]
    assert (error.row, error.column or "–") == (3, column)
    assert reason in error.reason
    assert error.reason.replace("'", "&#x27;") in answer.content.decode()
    assert not Spend.objects.exists()


def test_the_good_rows_are_imported_when_asked_for(marketer: Client) -> None:
    answer = send(marketer, HEADER + "Coffee,media,7,2026-03-02,,=1+1\nCocoa,media,5,2026-03-02,,\n")
    assert "Import the 1 good row" in answer.content.decode()
    content = answer.context["form"].content
    assert content.splitlines()[1] in answer.content.decode()
    # Browsers send a text area with their own line ends.
    again = {"text": content.replace("\n", "\r\n"), "good_rows": "on"}
    assert marketer.post("/spend/import/", again).status_code == 302
    assert marketer.post("/spend/import/", again).status_code == 302
    assert (Spend.objects.count(), total()) == (1, Decimal(7))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (HEADER.encode(), "The file has a header and no rows."),
        (b"name;cost\nCoffee;5\n", "Missing: campaign, category, amount, day."),
        (b"campaign,category,amount,day,day,color\n", "not known or stand twice: color, day."),
        (HEADER.encode() + "Café,media,5,2026-03-02,,\n".encode("latin-1"), "Line 2 is not UTF-8 text"),
        (b"\xff\xfe" + b"a", "The file begins like UTF-16 and is not"),
        (b"PK\x03\x04\x00\x00", "This is not a text file"),
        (HEADER.encode() + b'Coffee,media,5,2026-03-02,,"open\n', "a quotation mark that is not closed"),
        (HEADER.encode() + b"x" * 1024 * 1024, "The file is larger than 1 MB"),
        (HEADER.encode() + b"Coffee,media,5,2026-03-02,,\n" * 10_001, "more than 10,000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(
    marketer: Client, content: bytes, reason: str
) -> None:
    answer = send(marketer, content)
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert not Spend.objects.exists()


def test_semicolons_tabs_utf16_and_byte_order_marks_are_understood(marketer: Client) -> None:
    header, row = HEADER.strip().split(","), ["Coffee", "media", "5", "2026-03-02", "", "Größe"]
    for number, (delimiter, encoding) in enumerate([(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")]):
        row[4] = f"A{number}"
        lines = [delimiter.join(cells) for cells in (header, row)]
        assert send(marketer, "\r\n".join(lines).encode(encoding)).status_code == 302
    assert set(Spend.objects.values_list("note", "amount")) == {("Größe", Decimal(5))}


def test_an_export_is_harmless_in_a_spreadsheet_and_can_be_imported_again(marketer: Client) -> None:
    campaign = make.campaign("=HYPERLINK(1)")
    row = f"{campaign.pk},media,5,2026-03-02,+A1,@SUM(A1)\n"
    send(marketer, HEADER + row)
    marketer.force_login(make.user("approver"))
    answer = marketer.get("/spend/export.csv")
    exported = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert b",'+A1,'@SUM(A1)" in exported
    page = marketer.get(send(marketer, exported)["Location"]).content.decode()
    assert "Rows added: 0; corrected: 0; here already: 1." in page


def test_no_file_is_said_beside_the_field(marketer: Client) -> None:
    answer = marketer.post("/spend/import/", {})
    assert answer.status_code == 422
    assert "Choose a file." in answer.content.decode()
