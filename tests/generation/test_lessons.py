"""What tuning may learn from: judged texts, with their lineage, and nothing that somebody took out."""

import pytest
from django.contrib.auth.models import User

from generation import lessons, review
from generation.lessons import Lesson
from generation.models import Job, Variant
from shop import erasing
from shop.models import Product
from tests import make
from tests.generation.test_review import written

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return make.user()


@pytest.fixture
def approved(author: User) -> Variant:
    variant = written(author)
    review.approve(variant, make.user("approver"), 1)
    return variant


def learnt() -> list[Lesson]:
    return list(lessons.lessons())


def test_an_approved_text_is_a_lesson_with_its_brief_and_lineage(approved: Variant) -> None:
    [lesson] = learnt()
    assert (lesson.verdict, lesson.text, lesson.edited_from) == ("approved", approved.fields, None)
    assert lesson.brief.sheet.facts
    assert (lesson.brief.kind, lesson.brief.language) == ("sms", "en")
    lineage = lesson.lineage
    assert (lineage.variant, lineage.run) == (approved.pk, str(approved.job.run_id))
    assert (lineage.product, lineage.customer) == (approved.product_id, None)
    assert lineage.decided_by == approved.decisions.get().by_id


def test_a_correction_knows_what_it_corrects(author: User) -> None:
    variant = written(author)
    before = variant.fields
    review.edit(variant, {"text": "{name}, for slow mornings."}, author, 1)
    [lesson] = learnt()
    assert (lesson.verdict, lesson.edited_from) == ("edited", before)
    review.approve(variant, make.user("approver"), 2)
    [lesson] = learnt()
    assert (lesson.verdict, lesson.edited_from) == ("approved", before)


def test_a_rejected_text_is_a_lesson_in_what_to_avoid(author: User) -> None:
    review.reject(written(author), make.user("approver"), "Too loud", 1, "voice")
    [lesson] = learnt()
    assert (lesson.verdict, lesson.reasons) == ("rejected", ("voice", "Too loud"))


def test_what_nobody_has_judged_teaches_nothing(author: User) -> None:
    written(author)
    assert learnt() == []


def test_a_text_that_somebody_switched_off_is_left_out(approved: Variant, author: User) -> None:
    review.teach(approved, author, learn=False)
    assert learnt() == []
    assert "switched off" in str(lessons.why_not(approved))


def test_a_product_that_is_no_longer_sold_is_left_out(approved: Variant) -> None:
    assert approved.product
    Product.objects.filter(pk=approved.product.pk).update(active=False)
    assert learnt() == []
    assert "no longer sold" in str(lessons.why_not(approved))


def test_an_erased_person_takes_the_lesson_along(approved: Variant) -> None:
    customer = make.customer()
    Job.objects.filter(pk=approved.job_id).update(customer=customer)
    assert [lesson.lineage.customer for lesson in learnt()] == [customer.pk]
    erasing.erase(customer, make.user("administrator"))
    assert learnt() == []
    assert "erased" in str(lessons.why_not(approved))


def test_lessons_are_narrowed_by_kind_and_language(approved: Variant) -> None:
    assert list(lessons.lessons(kinds=("email",))) == []
    assert list(lessons.lessons(languages=("zh-hans",))) == []
    assert len(list(lessons.lessons(kinds=("sms",), languages=("en",), since=approved.created_at))) == 1
