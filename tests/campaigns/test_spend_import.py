"""Files of spend: what is right is booked once, what is wrong is named and nothing happens."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum
from django.test import Client
from pytest_django.fixtures import Settings

from campaigns.models import CampaignDay, Spend
from shop.models import ImportFile
from tests import make
from tests.shop.imports import applied, checked

pytestmark = pytest.mark.django_db
HEADER = "campaign,category,amount,day,external_id,note\n"


@pytest.fixture(autouse=True)
def coffee(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    make.campaign("Coffee")


def counts(file: ImportFile) -> tuple[int, int, int]:
    return file.new, file.changed, file.unchanged


def total() -> Decimal:
    total: Decimal = Spend.objects.aggregate(total=Sum("amount", default=Decimal(0)))["total"]
    return total


def test_a_file_is_booked_and_counts_at_once() -> None:
    tea = make.campaign("Tea")
    rows = f"Coffee,media,120.50,2026-03-02,A1,Search ads\n{tea.pk},Delivery,40,2026-03-03,A2,\n"
    assert counts(applied("spend", HEADER + rows)) == (2, 0, 0)
    spent = CampaignDay.objects.values_list("campaign__name", "spend").order_by("day")
    assert list(spent) == [("Coffee", Decimal("120.5")), ("Tea", Decimal(40))]
    assert Spend.objects.get(external_id="A1").source == Spend.Source.CSV


def test_the_same_rows_again_add_nothing_with_external_ids_or_without() -> None:
    # The last two rows are alike and meant: two stamps on one day.
    rows = "Coffee,media,5,2026-03-02,A1,\nCoffee,fees,1,2026-03-02,,stamp\nCoffee,fees,1,2026-03-02,,stamp\n"
    applied("spend", HEADER + rows)
    assert counts(applied("spend", HEADER + rows + "\n")) == (0, 0, 3)
    assert (Spend.objects.count(), total()) == (3, Decimal(7))


def test_a_row_with_a_known_external_id_corrects_it() -> None:
    applied("spend", HEADER + "Coffee,media,5,2026-03-02,A1,\n")
    assert counts(applied("spend", HEADER + "Coffee,media,8,2026-03-04,A1,\n")) == (0, 1, 0)
    assert (Spend.objects.count(), total()) == (1, Decimal(8))
    assert dict(CampaignDay.objects.values_list("day__day", "spend")) == {2: 0, 4: 8}


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("Cocoa,media,5,2026-03-02,,", "campaign", "unknown_campaign"),
        ("Twin,media,5,2026-03-02,,", "campaign", "unknown_campaign"),
        ("Coffee,bribes,5,2026-03-02,,", "category", "choice"),
        ("Coffee,generation,5,2026-03-02,,", "category", "choice"),
        ("Coffee,media,-5,2026-03-02,,", "amount", "negative"),
        ("Coffee,media,$5,2026-03-02,,", "amount", "number"),
        ("Coffee,media,1e3,2026-03-02,,", "amount", "number"),
        ("Coffee,media,NaN,2026-03-02,,", "amount", "number"),
        ("Coffee,media,٥,2026-03-02,,", "amount", "number"),
        ("Coffee,media,5,03/02/2026,,", "day", "date"),
        ("Coffee,media,5,2026-02-30,,", "day", "date"),
        ("Coffee,media,5,2026-03-02,A1,", "external_id", "duplicate"),
        ("Coffee,media,5,2026-03-02,," + "x" * 201, "note", "cell_too_long"),
        ("Coffee,media,5", "", "short_row"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_booked(row: str, column: str, code: str) -> None:
    make.campaign("Twin")
    make.campaign("twin")
    file = checked("spend", HEADER + f"Coffee,media,7,2026-03-02,A1,\n{row}\n")
    assert file.state == ImportFile.State.REJECTED
    rejected = file.rejected_rows.get()
    assert rejected.row_no == 2
    assert [(one["column"], one["code"]) for one in rejected.errors] == [(column, code)]
    assert not Spend.objects.exists()


def test_an_export_is_harmless_in_a_spreadsheet_and_can_be_imported_again(client: Client) -> None:
    campaign = make.campaign("=HYPERLINK(1)")
    applied("spend", HEADER + f"{campaign.pk},media,5,2026-03-02,+A1,@SUM(A1)\n")
    client.force_login(make.user("approver"))
    answer = client.get("/spend/export.csv")
    exported = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert b",'+A1,'@SUM(A1)" in exported
    assert counts(applied("spend", exported)) == (0, 0, 1)


def test_the_list_leads_to_the_import_of_spend(client: Client) -> None:
    client.force_login(make.user("marketer"))
    assert "/data/new/?kind=spend" in client.get("/spend/").content.decode()
    assert '<option value="spend" selected>' in client.get("/data/new/?kind=spend").content.decode()
