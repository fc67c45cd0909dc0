"""The states of a campaign: who may move it, what each step leaves behind, and every refusal."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils.timezone import localdate
from pytest_django.fixtures import Settings

from campaigns import launching
from campaigns.launching import Refused
from campaigns.models import Assignment, Campaign, Coupon, Decision, OfferPolicy, SegmentMember
from campaigns.tasks import end_finished_campaigns
from tests import make

pytestmark = pytest.mark.django_db
Status = Campaign.Status


def in_review(size: int = 10) -> tuple[Campaign, User]:
    author = make.user("marketer")
    campaign = make.complete_campaign(by=author, size=size)
    launching.submit(campaign, author)
    return campaign, author


def steps(campaign: Campaign) -> list[str]:
    return list(campaign.decisions.order_by("pk").values_list("action", flat=True))


def test_from_draft_to_archive_each_step_is_a_decision() -> None:
    campaign, author = in_review()
    approver = make.user("approver")
    for act in (launching.approve, launching.launch, launching.pause, launching.resume, launching.end):
        act(campaign, approver)
    launching.archive(campaign, approver)
    assert campaign.status == Status.ARCHIVED
    wanted = ["create", "submit", "approve", "launch", "pause", "resume", "end", "archive"]
    assert steps(campaign) == wanted
    assert set(campaign.decisions.filter(action="submit").values_list("by", flat=True)) == {author.pk}
    assert set(campaign.decisions.exclude(action__in=["create", "submit"]).values_list("by", flat=True)) == {
        approver.pk
    }
    assert not campaign.decisions.filter(four_eyes=False).exists()


def test_approval_freezes_the_audience_and_the_holdout() -> None:
    campaign, _author = in_review(size=20)
    assert not campaign.assignments.exists()
    launching.approve(campaign, make.user("approver"))
    assert campaign.segment_size == 20
    assert campaign.assignments.filter(arm=Assignment.Arm.HELD_OUT).count() == 2
    SegmentMember.objects.all().delete()
    assert campaign.assignments.count() == 20


@pytest.mark.parametrize("act", [launching.approve, launching.launch])
def test_launch_and_approval_need_the_state_before(act: Callable[[Campaign, User], None]) -> None:
    campaign = make.complete_campaign()
    with pytest.raises(Refused, match=r"not approved yet|Nothing was changed: the campaign is draft"):
        act(campaign, make.user("approver"))
    assert steps(campaign) == ["create"]
    assert Campaign.objects.get().status == Status.DRAFT


def test_the_second_approval_is_told_who_was_first() -> None:
    campaign, _author = in_review()
    stale = Campaign.objects.get(pk=campaign.pk)
    first = make.user("approver")
    launching.approve(campaign, first)
    with pytest.raises(Refused, match=first.email):
        launching.approve(stale, make.user("approver"))
    assert steps(campaign).count("approve") == 1
    assert campaign.assignments.count() == 10


def test_neither_creator_nor_submitter_approves_or_launches() -> None:
    creator, submitter = make.user("approver"), make.user("approver")
    campaign = make.complete_campaign(by=creator)
    launching.submit(campaign, submitter)
    for author in (creator, submitter):
        with pytest.raises(Refused, match="somebody else"):
            launching.approve(campaign, author)
    assert Campaign.objects.get().status == Status.IN_REVIEW
    assert not Assignment.objects.exists()
    other = make.user("approver")
    launching.approve(campaign, other)
    with pytest.raises(Refused, match="somebody else"):
        launching.launch(campaign, creator)
    launching.launch(campaign, other)


def test_without_the_four_eyes_rule_the_history_says_who_looked_alone(settings: Settings) -> None:
    settings.FOUR_EYES = False
    alone = make.user("approver")
    campaign = make.complete_campaign(by=alone)
    launching.submit(campaign, alone)
    launching.approve(campaign, alone)
    assert campaign.decisions.get(action="approve").four_eyes is False
    launching.launch(campaign, make.user("approver"))
    assert campaign.decisions.get(action="launch").four_eyes is True


def test_submitting_names_everything_that_is_missing() -> None:
    campaign, author = make.campaign(), make.user()
    with pytest.raises(Refused) as refusal:
        launching.submit(campaign, author)
    for missing in ("First and last day", "segment", "Products", "offer policy"):
        assert missing in str(refusal.value)
    assert "budget" not in str(refusal.value)  # an advice only
    assert not campaign.decisions.exists()
    campaign.refresh_from_db()
    assert campaign.status == Status.DRAFT


def test_an_empty_segment_is_refused_with_what_to_do() -> None:
    author = make.user()
    with pytest.raises(Refused, match="widen its rule"):
        launching.submit(make.complete_campaign(by=author, size=0), author)


def test_a_segment_that_ran_empty_in_review_is_not_approved() -> None:
    campaign, _author = in_review()
    SegmentMember.objects.all().delete()
    with pytest.raises(Refused, match="Nobody is in the segment"):
        launching.approve(campaign, make.user("approver"))
    saved = Campaign.objects.get()
    assert (saved.status, saved.segment_size) == (Status.IN_REVIEW, None)
    assert "approve" not in steps(campaign)


def test_a_last_day_that_has_passed_is_refused() -> None:
    author = make.user()
    yesterday = localdate() - timedelta(days=1)
    campaign = make.complete_campaign(by=author, starts_on=yesterday, ends_on=yesterday)
    with pytest.raises(Refused, match="The last day has passed"):
        launching.submit(campaign, author)


def test_sending_back_needs_a_reason_and_keeps_it() -> None:
    campaign, _author = in_review()
    approver = make.user("approver")
    with pytest.raises(Refused, match="Say what should be changed"):
        launching.send_back(campaign, approver, "  ")
    launching.send_back(campaign, approver, "Ten percent is too much.")
    assert campaign.status == Status.DRAFT
    assert campaign.decisions.get(action="send_back").note == "Ten percent is too much."


def test_who_submitted_may_take_it_back() -> None:
    campaign, author = in_review()
    launching.withdraw(campaign, author)
    assert campaign.status == Status.DRAFT
    assert steps(campaign)[-1] == "withdraw"


def test_a_live_campaign_is_paused_once_and_ended_while_paused() -> None:
    campaign, approver = make.approved_campaign(), make.user("approver")
    launching.launch(campaign, approver)
    launching.pause(campaign, approver)
    with pytest.raises(Refused, match="paused"):
        launching.pause(campaign, approver)
    launching.end(campaign, approver)
    assert (campaign.status, campaign.paused) == (Status.ENDED, False)
    with pytest.raises(Refused):
        launching.resume(campaign, approver)


def test_a_draft_is_discarded_but_a_live_campaign_is_not_archived() -> None:
    draft, author = make.complete_campaign(), make.user()
    launching.discard(draft, author)
    assert draft.status == Status.ARCHIVED
    live, approver = make.approved_campaign(), make.user("approver")
    launching.launch(live, approver)
    for act in (launching.discard, launching.archive):
        with pytest.raises(Refused):
            act(live, approver)


def test_the_program_ends_campaigns_after_their_last_day() -> None:
    over, running, approved = (make.approved_campaign() for _ in range(3))
    for campaign in (over, running):
        launching.launch(campaign, make.user("approver"))
    yesterday = localdate() - timedelta(days=1)
    Campaign.objects.exclude(pk=running.pk).update(starts_on=yesterday, ends_on=yesterday)
    Campaign.objects.filter(pk=running.pk).update(ends_on=localdate())
    end_finished_campaigns()
    end_finished_campaigns()
    states = dict(Campaign.objects.values_list("pk", "status"))
    assert states == {over.pk: Status.ENDED, running.pk: Status.LIVE, approved.pk: Status.APPROVED}
    assert over.decisions.get(action="end").by is None


def test_a_clone_has_everything_but_state_audience_spend_and_codes() -> None:
    original = make.approved_campaign("Coffee", budget=Decimal(500))
    policy = original.offer_policy
    policy.code_policy, policy.shared_code = OfferPolicy.CodePolicy.SHARED, "COFFEE10"
    policy.save()
    Coupon.objects.create(campaign=original, code="COFFEE10")
    by = make.user()
    copy = Campaign.objects.get(pk=launching.clone(original, by).pk)
    assert copy.name == "Copy of Coffee"
    for field in launching.CLONED:
        assert getattr(copy, field) == getattr(original, field), field
    assert list(copy.products.all()) == list(original.products.all())
    assert (copy.offer_policy.value, copy.offer_policy.shared_code) == (policy.value, "COFFEE10-2")
    assert (copy.status, copy.created_by, copy.segment_size) == (Status.DRAFT, by, None)
    assert copy.salt != original.salt
    assert not any(rows.exists() for rows in (copy.assignments, copy.spends, copy.coupons))
    assert OfferPolicy.objects.get(pk=original.pk).shared_code == "COFFEE10"


def test_only_a_draft_may_be_edited() -> None:
    draft = make.campaign()
    assert launching.editable(draft).pk == draft.pk
    with pytest.raises(Refused, match="locked"):
        launching.editable(make.approved_campaign())
    with pytest.raises(Refused, match="take it back"):
        launching.editable(in_review()[0])


@pytest.mark.django_db(transaction=True)
def test_of_approvals_in_the_same_moment_exactly_one_wins() -> None:
    campaign, _author = in_review(size=50)
    people = [make.user("approver") for _ in range(4)]
    together, outcomes = threading.Barrier(len(people)), []

    def approve(by: User) -> None:
        mine = Campaign.objects.get(pk=campaign.pk)
        together.wait()
        try:
            launching.approve(mine, by)
            outcomes.append("won")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=[by]) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "refused", "won"]
    assert campaign.assignments.count() == 50
    assert campaign.assignments.filter(arm=Assignment.Arm.HELD_OUT).count() == 5
    assert campaign.decisions.filter(action=Decision.Action.APPROVE).count() == 1
