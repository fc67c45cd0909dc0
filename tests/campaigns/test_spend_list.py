"""What campaigns cost: listed, entered, corrected, deleted and brought back."""

from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.db.models import Sum
from django.test import Client

from campaigns import spending
from campaigns.models import CampaignDay, Spend
from tests import make

pytestmark = pytest.mark.django_db
COST = {"category": "media", "amount": "60", "day": "2026-03-02", "note": "Ads"}


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(make.user("marketer"))
    return client


def days() -> dict[tuple[str, str], Decimal]:
    """Return what the roll-up says each campaign spent on each day, zeros left out."""
    rows = CampaignDay.objects.exclude(spend=0).values_list("campaign__name", "day", "spend")
    return {(name, day.isoformat()): spend for name, day, spend in rows}


def test_spend_counts_at_once_on_its_day(marketer: Client) -> None:
    campaign = make.campaign("Coffee")
    for amount in ("60", "40.25"):
        answer = marketer.post("/spend/new/", COST | {"campaign": campaign.pk, "amount": amount})
        assert answer["Location"] == f"/spend/?campaign={campaign.pk}"
    assert days() == {("Coffee", "2026-03-02"): Decimal("100.25")}
    page = marketer.get("/spend/").content.decode()
    assert "$100.25" in page
    assert "$60.00" in page


def test_a_correction_moves_the_money_to_its_new_day_and_campaign(marketer: Client) -> None:
    coffee, tea = make.campaign("Coffee"), make.campaign("Tea")
    marketer.post("/spend/new/", COST | {"campaign": coffee.pk})
    spend = Spend.objects.get()
    change = COST | {"campaign": tea.pk, "day": "2026-03-05", "amount": "70"}
    assert marketer.post(f"/spend/{spend.pk}/", change).status_code == 302
    assert days() == {("Tea", "2026-03-05"): Decimal(70)}
    assert apps.get_model("campaigns", "SpendEvent").objects.filter(pgh_obj_id=spend.pk).count() == 2


def test_a_calculation_is_shown_where_it_gives_the_amount(marketer: Client) -> None:
    campaign, day, media = make.campaign("Coffee"), make.NOON.date(), Spend.Category.MEDIA
    for amount, quantity in (("60", 120), ("70.0003", 140)):
        Spend.objects.create(
            campaign=campaign, category=media, amount=Decimal(amount), day=day, quantity=Decimal(quantity),
            rate=Decimal("0.5"),
        )  # fmt: skip
    page = marketer.get("/spend/").content.decode()
    assert "120 × 0.5" in page
    assert "140 × 0.5" not in page


def test_deleted_spend_comes_back_with_one_click(marketer: Client) -> None:
    campaign = make.campaign("Coffee")
    marketer.post("/spend/new/", COST | {"campaign": campaign.pk})
    spend = Spend.objects.get()
    page = marketer.post(f"/spend/{spend.pk}/delete/", follow=True).content.decode()
    assert "was deleted" in page
    assert f'action="/spend/{spend.pk}/restore/"' in page
    assert days() == {}
    marketer.post(f"/spend/{spend.pk}/restore/")
    assert Spend.objects.get().amount == 60
    assert days() == {("Coffee", "2026-03-02"): Decimal(60)}
    assert marketer.post(f"/spend/{spend.pk}/restore/").status_code == 404
    assert "was deleted" not in marketer.get(f"/spend/?deleted={spend.pk}").content.decode()


def test_spend_that_was_imported_again_meanwhile_is_not_brought_back(marketer: Client) -> None:
    row = {"campaign": make.campaign(), "amount": Decimal(5), "day": date(2026, 3, 2), "category": "media"}
    spending.book([Spend(source="csv", external_id="A1", **row)])
    old = Spend.objects.get()
    marketer.post(f"/spend/{old.pk}/delete/")
    spending.book([Spend(source="csv", external_id="A1", **row)])
    page = marketer.post(f"/spend/{old.pk}/restore/", follow=True).content.decode()
    assert "A spend with the same external id was imported since" in page
    assert Spend.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("amount", "-1", "Spend cannot be negative."),
        ("amount", "much", "Enter a number."),
        ("day", "2026-02-30", "Enter a valid date."),
        ("day", "0206-03-02", "Choose a day between 2000 and 2099."),
        ("campaign", "999999", "Select a valid choice."),
        ("category", "bribes", "Select a valid choice."),
    ],
)
def test_what_makes_no_sense_is_refused_and_what_was_typed_stays(
    marketer: Client, field: str, value: str, reason: str
) -> None:
    answer = marketer.post("/spend/new/", COST | {"campaign": make.campaign().pk, field: value})
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert "Ads" in answer.content.decode()
    assert not Spend.objects.exists()


def test_spending_more_than_the_budget_warns_and_refuses_nothing(marketer: Client) -> None:
    campaign = make.campaign("Coffee", budget=Decimal(50))
    page = marketer.post("/spend/new/", COST | {"campaign": campaign.pk}, follow=True).content.decode()
    assert "“Coffee” has spent $60.00, more than its budget of $50.00." in page
    assert Spend.objects.count() == 1


def test_an_assumed_cost_says_so_and_becomes_ones_own_when_it_is_changed(marketer: Client) -> None:
    note = "Demo assumption: contacts × the stated cost per contact"
    campaign = make.campaign("Mailing")
    spend = Spend.objects.create(
        campaign=campaign, category="delivery", amount=Decimal(50), day=date(2026, 3, 2), source="demo",
        external_id="x", note=note, quantity=Decimal(100), rate=Decimal("0.5"),
    )  # fmt: skip
    page = marketer.get("/spend/").content.decode()
    assert "demo assumption" in page
    assert note in page
    assert "(100 × 0.5)" in page
    marketer.post(f"/spend/{spend.pk}/", COST | {"campaign": campaign.pk, "amount": "80", "note": "Bill"})
    spend.refresh_from_db()
    assert (spend.source, spend.amount, spend.quantity) == ("manual", Decimal(80), None)


def test_what_the_program_books_is_not_corrected_by_hand(marketer: Client) -> None:
    row = {"category": "generation", "amount": Decimal("0.5"), "day": date(2026, 3, 2)}
    spend = Spend.objects.create(campaign=make.campaign(), source="generation", external_id="run:1", **row)
    assert f"/spend/{spend.pk}/" not in marketer.get("/spend/").content.decode()
    assert marketer.get(f"/spend/{spend.pk}/").status_code == 404
    assert marketer.post(f"/spend/{spend.pk}/delete/").status_code == 404


def test_the_list_is_narrowed_by_campaign_category_and_source(marketer: Client) -> None:
    coffee, tea = make.campaign("Coffee", spent=["60"]), make.campaign("Tea", spent=["40"])
    assert marketer.get(f"/spend/?campaign={coffee.pk}").context["total"] == 60
    assert marketer.get("/spend/?category=fees").context["total"] == 0
    assert marketer.get(f"/spend/?campaign={tea.pk}&source=manual").context["total"] == 40
    # What makes no sense narrows nothing.
    assert marketer.get("/spend/?campaign=x&source=thin+air&deleted=y&page=-1").context["total"] == 100


def test_a_viewer_sees_spend_and_changes_none(client: Client) -> None:
    make.campaign("Coffee", spent=["60"])
    spend = Spend.objects.get()
    client.force_login(make.user("viewer"))
    page = client.get("/spend/").content.decode()
    assert "$60.00" in page
    assert "Add spend" not in page
    for path in ("new/", "export.csv", f"{spend.pk}/"):
        assert client.get(f"/spend/{path}").status_code == 403
    for path in ("new/", f"{spend.pk}/", f"{spend.pk}/delete/", f"{spend.pk}/restore/"):
        assert client.post(f"/spend/{path}", COST).status_code == 403
    assert Spend.objects.aggregate(total=Sum("amount"))["total"] == 60


def test_booking_the_same_again_changes_nothing_and_a_new_amount_corrects() -> None:
    def cost(amount: str, day: int = 2) -> Spend:
        return Spend(
            campaign=campaign, category="generation", source="generation", external_id="run:1",
            amount=Decimal(amount), day=date(2026, 3, day),
        )  # fmt: skip

    campaign = make.campaign("Coffee")
    assert spending.book([cost("1")]) == spending.Booked(1, 0, 0)
    assert spending.book([cost("1")]) == spending.Booked(0, 0, 1)
    assert spending.book([cost("3", day=4)]) == spending.Booked(0, 1, 0)
    assert days() == {("Coffee", "2026-03-04"): Decimal(3)}
