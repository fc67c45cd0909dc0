"""Personal offers: one for each treated recipient, with terms by the program and a sentence by the model."""

import csv
import io
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from campaigns.models import Assignment, Campaign, Coupon, OfferPolicy
from generation import jobs
from generation.jobs import OfferOrder
from generation.models import PersonalOffer, Run
from shop.models import Consent, ConsentEvent, CustomerProfile, Product, Suppression
from shop.models.people import address_hash
from tests import make
from tests.generation import ledger

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
Arm = Assignment.Arm


@pytest.fixture
def campaign() -> Campaign:
    return make.approved_campaign("Coffee", size=10)  # 9 treated, 1 held out


def write(campaign: Campaign, by: User | None = None, **order: object) -> Run:
    order = {"tone": "warm", "language": "en"} | order
    run = jobs.request_offers(campaign, OfferOrder(**order), by or make.user(), uuid4())  # type: ignore[arg-type]
    ledger.write_all()
    return run


def treated(campaign: Campaign) -> set[int]:
    arm = campaign.assignments.filter(arm=Arm.TREATED)
    return set(arm.values_list("customer", flat=True))


def test_a_marketer_asks_and_every_treated_recipient_gets_one(client: Client, campaign: Campaign) -> None:
    client.force_login(make.user())
    panel = client.get(f"/campaigns/{campaign.pk}/offers/panel/").content.decode()
    assert "9 recipients have none yet" in panel
    order = {"tone": "warm", "language": "en", "client_key": str(uuid4())}
    page = client.post(f"/campaigns/{campaign.pk}/offers/request/", order, headers=HTMX).content.decode()
    assert 'hx-trigger="every 2s"' in page
    ledger.write_all()
    page = client.get(f"/campaigns/{campaign.pk}/offers/progress/", headers=HTMX).content.decode()
    assert "every 2s" not in page
    assert set(campaign.offers.values_list("customer", flat=True)) == treated(campaign)


def test_the_program_settles_price_discount_and_code(campaign: Campaign) -> None:
    write(campaign)
    offer = campaign.offers.first()
    assert offer
    assert (offer.price, offer.discount_kind, offer.discount_value) == (Decimal(10), "percent", Decimal(10))
    assert offer.price_after == Decimal(9)
    assert offer.coupon
    assert offer.coupon.customer_id == offer.customer_id
    assert "10% off" in offer.text
    assert offer.coupon.code in offer.text
    assert offer.product.name in offer.text
    codes = list(Coupon.objects.filter(campaign=campaign).values_list("code", flat=True))
    assert len(set(codes)) == 9
    assert list(offer.coupon.covered.values_list("product", flat=True)) == [offer.product_id]


def test_the_product_follows_what_the_customer_bought(campaign: Campaign) -> None:
    coffee = campaign.products.get()
    tea = make.product("Tea")
    campaign.products.add(tea)
    drinker = campaign.assignments.filter(arm=Arm.TREATED).first()
    assert drinker
    for _ in range(2):
        make.order(drinker.customer, [(tea, "4")])
    make.order(drinker.customer, [(coffee, "9")])
    write(campaign)
    offer = campaign.offers.get(customer=drinker.customer)
    assert offer.product == tea
    assert offer.reason["reason"] == "bought"
    assert offer.why == "Bought it 2 times."


def test_writing_again_gives_nobody_a_second_offer(campaign: Campaign) -> None:
    write(campaign)
    before = set(campaign.offers.values_list("pk", "coupon__code"))
    with pytest.raises(jobs.Refused, match="has an offer"):
        write(campaign)
    again = write(campaign, rewrite=True)
    assert ledger.states(again) == ["done"] * 9
    assert set(campaign.offers.values_list("pk", "coupon__code")) == before
    assert set(campaign.offers.values_list("run", flat=True)) == {again.pk}


def test_an_approved_offer_is_never_written_again(campaign: Campaign) -> None:
    write(campaign)
    approved = campaign.offers.first()
    assert approved
    PersonalOffer.objects.filter(pk=approved.pk).update(state="approved")
    again = write(campaign, rewrite=True)
    assert again.expected == 8
    approved.refresh_from_db()
    assert approved.run_id != again.pk


def test_a_few_can_be_tried_first(campaign: Campaign) -> None:
    assert write(campaign, limit=3).expected == 3
    assert write(campaign).expected == 6
    assert campaign.offers.count() == 9


def test_who_withdrew_is_suppressed_or_objects_gets_none(campaign: Campaign) -> None:
    withdrawn, suppressed, objecting = sorted(treated(campaign))[:3]
    Consent.objects.filter(customer=withdrawn).update(state="withdrawn")
    email = CustomerProfile.objects.get(customer=suppressed).email
    Suppression.objects.create(address_hash=address_hash(email), reason="asked")
    Consent.objects.create(customer_id=objecting, purpose="profiling", channel="any", state="withdrawn")
    run = write(campaign)
    assert run.expected == 6
    assert set(campaign.offers.values_list("customer", flat=True)) == treated(campaign) - {
        withdrawn, suppressed, objecting,
    }  # fmt: skip


def test_who_withdraws_while_the_texts_wait_is_skipped(campaign: Campaign) -> None:
    order = OfferOrder("warm", "en")
    run = jobs.request_offers(campaign, order, make.user(), uuid4())
    Consent.objects.filter(customer=min(treated(campaign))).update(state="withdrawn")
    ledger.write_all()
    assert sorted(ledger.states(run)) == ["done"] * 8 + ["skipped"]
    assert "does not want to be contacted" in run.jobs.get(state="skipped").why


def test_products_that_are_gone_end_the_run_without_offers(campaign: Campaign) -> None:
    run = jobs.request_offers(campaign, OfferOrder("warm", "en"), make.user(), uuid4())
    Product.objects.update(active=False)
    ledger.write_all()
    assert set(ledger.states(run)) == {"skipped"}
    with pytest.raises(jobs.Refused, match="still sold"):
        write(campaign)


def test_a_text_that_no_sample_gets_right_is_by_the_plain_writer(campaign: Campaign) -> None:
    campaign.products.update(attributes={"note": "unwritable"})
    run = write(campaign, limit=1)
    offer = campaign.offers.get()
    assert offer.origin == "template"
    job = run.jobs.get()
    assert job.new_tokens > 0  # three refused samples cost something, too


def test_a_draft_has_no_recipients_to_write_for(client: Client) -> None:
    draft = make.complete_campaign("Draft", make.user())
    client.force_login(make.user())
    assert (
        "once the campaign is approved" in client.get(f"/campaigns/{draft.pk}/offers/panel/").content.decode()
    )
    order = {"tone": "warm", "language": "en", "client_key": str(uuid4())}
    answer = client.post(f"/campaigns/{draft.pk}/offers/request/", order, headers=HTMX)
    assert answer.status_code == 422
    assert not Run.objects.exists()


def test_a_look_at_a_sample_then_all_are_approved(client: Client, campaign: Campaign) -> None:
    write(campaign)
    approver = make.user("approver")
    client.force_login(approver)
    answer = client.get(f"/campaigns/{campaign.pk}/offers/sample/", follow=True)
    token = answer.context["token"]
    client.post(f"/campaigns/{campaign.pk}/offers/approve/", {"token": token})
    assert set(campaign.offers.values_list("state", "decided_by")) == {("approved", approver.pk)}


def test_what_was_written_after_the_look_waits_for_another(client: Client, campaign: Campaign) -> None:
    write(campaign, limit=4)
    client.force_login(make.user("approver"))
    token = client.get(f"/campaigns/{campaign.pk}/offers/sample/", follow=True).context["token"]
    write(campaign)
    client.post(f"/campaigns/{campaign.pk}/offers/approve/", {"token": token})
    assert campaign.offers.filter(state="approved").count() == 4


@pytest.mark.parametrize("token", ["", "made up"])
def test_without_a_look_nothing_is_approved(client: Client, campaign: Campaign, token: str) -> None:
    write(campaign)
    client.force_login(make.user("approver"))
    answer = client.post(f"/campaigns/{campaign.pk}/offers/approve/", {"token": token}, follow=True)
    assert "Look at a sample first" in answer.content.decode()
    assert not campaign.offers.filter(state="approved").exists()


def test_somebody_elses_look_is_no_look(client: Client, campaign: Campaign) -> None:
    write(campaign)
    client.force_login(make.user("approver"))
    token = client.get(f"/campaigns/{campaign.pk}/offers/sample/", follow=True).context["token"]
    client.force_login(make.user("approver"))
    client.post(f"/campaigns/{campaign.pk}/offers/approve/", {"token": token})
    assert not campaign.offers.filter(state="approved").exists()


def test_nobody_approves_offers_they_asked_for(client: Client, campaign: Campaign) -> None:
    approver = make.user("approver")
    write(campaign, by=approver)
    client.force_login(approver)
    page = client.get(f"/campaigns/{campaign.pk}/offers/sample/", follow=True).content.decode()
    assert "somebody else has to approve them" in page
    offer = campaign.offers.first()
    assert offer
    client.post(f"/offers/{offer.pk}/approve/", headers=HTMX)
    assert not campaign.offers.filter(state="approved").exists()


def test_one_offer_is_approved_another_excluded_for_good(client: Client, campaign: Campaign) -> None:
    write(campaign)
    client.force_login(make.user("approver"))
    first, second = campaign.offers.order_by("pk")[:2]
    assert "Approved" in client.post(f"/offers/{first.pk}/approve/", headers=HTMX).content.decode()
    assert "Excluded" in client.post(f"/offers/{second.pk}/exclude/", headers=HTMX).content.decode()
    again = write(campaign, rewrite=True)
    assert again.expected == 7
    assert not campaign.offers.filter(customer=second.customer).exclude(state="excluded").exists()


def test_the_export_has_approved_offers_only_and_no_formulas(client: Client, campaign: Campaign) -> None:
    Product.objects.filter(campaigns=campaign).update(name="=1+1")
    write(campaign, limit=3)
    PersonalOffer.objects.filter(pk__in=campaign.offers.values("pk")[:2]).update(state="approved")
    client.force_login(make.user("approver"))
    answer = client.get(f"/campaigns/{campaign.pk}/offers/export/")
    text = answer.getvalue().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert len(rows) == 2
    assert all(not cell.startswith("=") for row in rows for cell in row)
    assert dict(zip(header, rows[0], strict=True))["price after"] == "9.0000"
    assert "@example" not in text


@pytest.mark.parametrize("role", ["viewer", "marketer"])
def test_who_may_not_approve_or_export(client: Client, campaign: Campaign, role: str) -> None:
    write(campaign, limit=1)
    offer = campaign.offers.get()
    client.force_login(make.user(role))
    assert client.get(f"/campaigns/{campaign.pk}/offers/export/").status_code == 403
    assert client.get(f"/campaigns/{campaign.pk}/offers/sample/").status_code == 403
    assert client.post(f"/offers/{offer.pk}/approve/").status_code == 403
    assert client.post(f"/offers/{offer.pk}/exclude/").status_code == 403


def test_the_list_is_filtered_and_paged(client: Client, campaign: Campaign) -> None:
    write(campaign)
    offer = campaign.offers.first()
    assert offer
    assert offer.coupon
    client.force_login(make.user())
    url = f"/campaigns/{campaign.pk}/offers/list/"
    page = client.get(url, {"q": offer.coupon.code}, headers=HTMX).content.decode()
    assert page.count('id="offer-') == 2  # the list itself and one row
    assert client.get(url, {"state": "approved"}, headers=HTMX).content.decode().count("<tr id=") == 0


def test_every_policy_of_codes(campaign: Campaign) -> None:
    OfferPolicy.objects.filter(campaign=campaign).update(code_policy="shared", shared_code="COFFEE10")
    write(campaign, limit=2)
    assert set(campaign.offers.values_list("coupon__code", flat=True)) == {"COFFEE10"}
    assert Coupon.objects.get(campaign=campaign).customer is None
    OfferPolicy.objects.filter(campaign=campaign).update(code_policy="none", shared_code="")
    write(campaign, limit=2)
    assert campaign.offers.filter(coupon=None).count() == 2
    assert ConsentEvent.objects.count() == 0
