"""Writers of facts, workers and people who save rules, all at once: it ends in what the rules say."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from campaigns import segmenting
from campaigns.models import ChangedCustomer, Segment, SegmentMembership
from campaigns.segmenting import membership
from shop.models import Consent, Customer, Event
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
RULES = [
    {"field": "event", "kind": "view", "operator": "at_least", "count": 2},
    {"field": "event", "kind": "view", "operator": "none"},
    {"field": "consent", "purpose": "marketing", "channel": "email", "operator": "granted"},
    {"field": "language", "operator": "is", "values": ["de"]},
]


def rule(clause: object) -> dict[str, object]:
    return {"match": "all", "rules": [clause]}


def view(customer: Customer) -> None:
    key = f"{random.random()}"
    Event.objects.create(source="t", external_id=key, customer=customer, kind="view", occurred_at=now())


def write(customers: list[Customer], seed: int) -> None:
    """Change facts of random customers, several kinds in one transaction."""
    draw = random.Random(seed)
    for _ in range(40):
        customer = draw.choice(customers)
        with transaction.atomic():
            view(customer)
            Consent.objects.update_or_create(
                customer=customer, purpose="marketing", channel="email",
                defaults={"state": draw.choice(["granted", "withdrawn"])},
            )  # fmt: skip
            Customer.objects.filter(pk=customer.pk).update(locale=draw.choice(["de", "en"]))


def all_are_where_the_rules_say() -> None:
    for segment in Segment.objects.all():
        stays = SegmentMembership.objects.filter(segment=segment, left_at=None)
        fresh = segmenting.customers(segment).values_list("pk", flat=True)
        assert sorted(stays.values_list("customer_id", flat=True)) == sorted(fresh)


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_writers_workers_and_a_changing_rule_end_in_what_the_rules_say() -> None:
    customers = [make.customer() for _ in range(12)]
    segments = [make.segment(rule=rule(clause)) for clause in RULES]
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            membership.keep_up()

    def save() -> None:
        for number in range(10):
            changed = Segment.objects.filter(pk=segments[number % 2].pk)
            with transaction.atomic():
                changed.update(rule=rule(RULES[number % 4]))
                membership.make_due(segments[number % 2])

    workers = [in_thread(work) for _ in range(2)]
    writers = [in_thread(partial(write, customers, seed)) for seed in (1, 2)] + [in_thread(save)]
    for thread in writers:
        thread.join(60)
    over.set()
    for thread in workers:
        thread.join(60)
    membership.keep_up()
    assert not ChangedCustomer.objects.exists()
    all_are_where_the_rules_say()


def test_who_writes_a_fact_does_not_wait_while_members_are_judged() -> None:
    customer, segment = make.customer(), make.segment(rule=rule(RULES[1]))
    membership.keep_up()
    view(customer)
    with transaction.atomic():
        membership._judge_changed(now().date())
        written = in_thread(lambda: view(customer))
        written.join(10)
        assert not written.is_alive()
    membership.keep_up()
    assert not SegmentMembership.objects.filter(segment=segment, left_at=None).exists()


def test_a_fact_that_is_not_committed_yet_is_judged_by_the_next_round() -> None:
    customer, segment = make.customer(), make.segment(rule=rule(RULES[1]))
    membership.keep_up()
    with transaction.atomic():
        view(customer)
        in_thread(membership.keep_up).join(10)
        assert SegmentMembership.objects.filter(segment=segment, left_at=None).exists()
    membership.keep_up()
    assert not SegmentMembership.objects.filter(segment=segment, left_at=None).exists()


def test_a_second_worker_leaves_the_work_to_the_first() -> None:
    make.segment(rule=rule(RULES[1]))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(membership.WAIT_FOR_TURN)
        other = in_thread(membership.keep_up)
        other.join(10)
        assert not other.is_alive()
    assert Segment.objects.filter(evaluated_on=None).count() == 1
    membership.keep_up(now().date() + timedelta(days=1))
    assert not Segment.objects.filter(evaluated_on=None).exists()
