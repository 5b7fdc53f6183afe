"""What a course offers, which edits change it, and until when cancelling is then free."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from coursebook.domain.course_edits.offer import (
    USUAL,
    CourseOffer,
    OfferEdit,
    OfferPart,
    changed_parts,
    check_dates,
    free_cancelling,
)
from coursebook.domain.promise import promise_of
from coursebook.domain.terms import STANDARD, Terms, TermStep
from coursebook.errors import Invalid
from coursebook.services.manage.course_changes import offer_of_course
from tests.support.rows import a_course

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
START = NOW + timedelta(days=30)
FIRST = (START, START + timedelta(hours=3))
OFFER = CourseOffer(
    meetings=(FIRST, (START + timedelta(days=7), START + timedelta(days=7, hours=3))),
    timezone="Europe/Lisbon",
    is_online=False,
    place_name="Atelier",
    place_address="Rua 1, Lisbon",
    join_url="",
    price=4500,
    currency="eur",
    terms=STANDARD,
)


def moved(days: float) -> CourseOffer:
    by = timedelta(days=days)
    return replace(OFFER, meetings=tuple((a + by, b + by) for a, b in OFFER.meetings))


@pytest.mark.parametrize(
    ("changes", "part", "is_material"),
    [
        ({"meetings": OFFER.meetings[:1]}, OfferPart.DATES, True),
        ({"timezone": "Europe/Berlin"}, OfferPart.DATES, True),
        ({"place_name": "Mill"}, OfferPart.PLACE, True),
        ({"place_address": "Rua 2, Lisbon"}, OfferPart.PLACE, True),
        ({"is_online": True}, OfferPart.PLACE, True),
        ({"join_url": "https://meet.example/2"}, OfferPart.ROOM, True),
        ({"price": 5200}, OfferPart.PRICE, False),
        ({"currency": "gbp"}, OfferPart.PRICE, False),
        ({"terms": Terms((TermStep(24, 80),))}, OfferPart.TERMS, False),
    ],
)
def test_each_value_belongs_to_a_part(changes, part, is_material) -> None:
    edit = OfferEdit(OFFER, replace(OFFER, **changes))
    assert changed_parts(edit.before, edit.after) == (part,)
    assert edit.is_material is is_material


def test_an_offer_is_read_from_the_rows_of_a_course() -> None:
    course = a_course(terms=STANDARD.to_json(), join_url="https://meet.example/1")
    offer = offer_of_course(course)
    assert offer.meetings == ((course.starts_at, course.ends_at),)
    assert changed_parts(offer, offer_of_course(course)) == ()
    assert offer.terms == STANDARD
    assert "meet.example" not in str(offer.to_json()), "the link is a secret"


def test_only_a_new_start_adds_moments_by_the_terms_until_then() -> None:
    later_end = replace(OFFER, meetings=OFFER.meetings[:1])
    assert OfferEdit(OFFER, later_end).new_moments.shares == ()
    harsher = replace(moved(5), terms=Terms())
    assert OfferEdit(OFFER, harsher).new_moments == promise_of(STANDARD, START + timedelta(days=5))


@pytest.mark.parametrize(
    ("now", "days", "sentence"),
    [
        (NOW, -40, "in the past"),
        (START + timedelta(hours=1), 1, "has begun"),
        (START, 1, "has begun"),
    ],
)
def test_a_start_that_is_over_stays(now, days, sentence) -> None:
    with pytest.raises(Invalid) as error:
        check_dates(OfferEdit(OFFER, moved(days)), now)
    (problem,) = error.value.errors
    assert (problem.pointer, sentence in problem.detail) == ("/meetings/0/starts_at", True)


def test_what_follows_the_start_may_change_while_the_course_runs() -> None:
    check_dates(OfferEdit(OFFER, replace(OFFER, meetings=(FIRST,))), START + timedelta(days=1))


def test_free_cancelling_ends_with_a_day_of_the_course() -> None:
    edit = OfferEdit(OFFER, moved(3))
    midnight = datetime(2027, 3, 10, 23, 59, 59, tzinfo=UTC)  # Lisbon is on UTC in winter
    assert free_cancelling(edit, date(2027, 3, 10), NOW, is_told=False) == midnight
    assert free_cancelling(edit, USUAL, NOW, is_told=True) == midnight + timedelta(days=5)
    assert free_cancelling(edit, USUAL, NOW, is_told=False) is None
    assert free_cancelling(edit, None, NOW, is_told=True) is None
    assert free_cancelling(edit, date(2028, 1, 1), NOW, is_told=True) == edit.after.starts_at
    with pytest.raises(Invalid, match="future"):
        free_cancelling(edit, date(2027, 2, 20), NOW, is_told=True)


def test_nobody_cancels_free_of_charge_once_the_course_has_begun() -> None:
    edit = OfferEdit(OFFER, replace(OFFER, meetings=OFFER.meetings[:1]))
    assert free_cancelling(edit, USUAL, START + timedelta(days=1), is_told=True) is None


@pytest.mark.parametrize("wish", [USUAL, None, date(2027, 3, 3)])
def test_an_earlier_start_lets_people_cancel_until_it(wish) -> None:
    edit = OfferEdit(OFFER, moved(-3))
    assert free_cancelling(edit, wish, NOW, is_told=True) == START - timedelta(days=3)
