"""The search over all bookings: by name, address and number, for whom, and page by page."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from coursebook.domain.booking import SeatState, number_of
from coursebook.persistence.people_search import bookings
from coursebook.persistence.schema.tables import Booking, PaymentAttempt, Refund, User
from coursebook.persistence.unit_of_work import writing
from tests.contract.test_api_people import NAMES, add_people
from tests.contract.test_api_public_route_cost import counting
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness, Student

PATH = "/api/manage/bookings"


async def found(harness: Harness, who: Student = OPERATOR, **parameters: Any) -> list[str]:
    answer = await harness.get(PATH, who, params=parameters)
    assert answer.status_code == 200, answer.text
    return [item["person"]["name"] for item in answer.json()["items"]]


async def booking_of(harness: Harness, name: str) -> Booking:
    async with writing(harness.services.context.database) as work:
        query = sa.select(Booking).join(User, col(User.id) == col(Booking.user_id))
        booking = (await work.session.scalars(query.where(col(User.name) == name))).one()
        work.session.expunge(booking)
        return booking


async def test_people_are_found_by_parts_of_name_address_and_number(harness: Harness):
    course = await harness.course()
    await add_people(harness, course, *NAMES)
    zoe = await booking_of(harness, "Zoë Lindqvist")
    number = number_of(zoe.id)
    tail = number.removeprefix("CB-")
    for q in ("lindq", "zoe", "ZOË lind", number, tail, f"{tail[:3]} {tail[3:]}".lower(), zoe.id):
        assert await found(harness, q=q) == ["Zoë Lindqvist"], q
    for q in ("lindqvist bruno", "zzz", "@", "CB-000000", "%", "100%x"):
        assert await found(harness, q=q) == [], q
    assert await found(harness, q="bruno 100") == ["Bruno 100%"]


async def test_a_booking_is_found_by_its_payment_at_stripe(harness: Harness):
    course = await harness.course()
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.confirmed(harness.student("ben"), course)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.worker_round()
    attempts = await harness.rows_of(PaymentAttempt)
    (attempt,) = [a for a in attempts if a.booking_id == started.booking_id]
    (refund,) = [r for r in await harness.rows_of(Refund) if r.booking_id == started.booking_id]
    thea, _ = await join(harness, "thea", "teacher", course.id)
    for q in (attempt.session_id, f" {attempt.payment_intent_id} ", refund.stripe_refund_id):
        answer = await harness.get(PATH, OPERATOR, params={"q": q})
        assert [i["person"]["booking_id"] for i in answer.json()["items"]] == [
            started.booking_id
        ], q
        assert await found(harness, thea, q=q) == []
    assert await found(harness, q="pi_nobody_paid_this") == []


async def test_a_booking_is_found_by_the_number_of_its_receipt(harness: Harness):
    course = await harness.course()
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.confirmed(harness.student("ben"), course)
    attempts = await harness.rows_of(PaymentAttempt)
    (attempt,) = [a for a in attempts if a.booking_id == started.booking_id]
    number = attempt.receipt_number
    assert number
    thea, _ = await join(harness, "thea", "teacher", course.id)
    for q in (number, f" #{number} "):
        answer = await harness.get(PATH, OPERATOR, params={"q": q})
        assert [i["person"]["booking_id"] for i in answer.json()["items"]] == [started.booking_id]
        assert await found(harness, thea, q=q) == [], "whose payment that is shall not leak"
    assert await found(harness, q="9999-99999") == []


@pytest.mark.both_databases
async def test_a_word_that_fills_a_page_is_found_among_the_newest_bookings(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    """So is the new booking of somebody whom the newest people would hide."""
    course = await harness.course()
    await add_people(harness, course, *(f"Zoë {number}" for number in range(6)))
    oldest = await booking_of(harness, "Zoë 0")
    async with writing(harness.services.context.database) as work:
        booking = await work.bookings.lock(oldest.id)
        assert booking is not None
        booking.created_at = harness.clock() + timedelta(hours=1)
    monkeypatch.setattr(bookings, "MAX_PEOPLE", 1)
    for recent, page in ((1000, 6), (6, 6), (3, 2)):
        monkeypatch.setattr(bookings, "RECENT", recent)
        names = await found(harness, q="zoe", limit=page - 1)
        assert (names[0], len(names)) == ("Zoë 0", page - 1), recent
        assert await found(harness, q="zoe 3") == ["Zoë 3"]
        assert await found(harness, q="zoe bruno", limit=1) == []
    first = await harness.get(PATH, OPERATOR, params={"q": "zoe", "limit": 2})
    cursor = first.json()["next_cursor"]
    rest = await found(harness, q="zoe", limit=2, cursor=cursor)
    assert len({*rest, *(item["person"]["name"] for item in first.json()["items"])}) == 4


@pytest.mark.both_databases
async def test_a_word_that_many_people_have_finds_the_newest_of_them(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    course = await harness.course()
    await add_people(harness, course, *(f"Zoë {number}" for number in range(6)))
    newest = []
    monkeypatch.setattr(bookings, "RECENT", 1)
    monkeypatch.setattr(bookings, "MAX_PEOPLE", 4)
    for most in (6, 2):  # sorted all at once, then read in order of time
        monkeypatch.setattr(bookings, "MAX_SORTED", most)
        newest.append(await found(harness, q="zoe"))
    assert newest[0] == newest[1]
    assert len(newest[0]) == 4


async def test_a_receipt_that_stripe_mails_later_is_found_too(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    (attempt,) = await harness.rows_of(PaymentAttempt)
    number = str(attempt.receipt_number)
    async with writing(harness.services.context.database) as work:
        await work.session.execute(sa.update(PaymentAttempt).values(receipt_number=None))
    assert await found(harness, q=number) == []
    await harness.worker_round()  # reads the fee of the payment, and what is known of its receipt
    answer = await harness.get(PATH, OPERATOR, params={"q": number})
    assert [i["person"]["booking_id"] for i in answer.json()["items"]] == [started.booking_id]


async def test_addresses_are_found_only_by_who_may_see_them(harness: Harness):
    course = await harness.course()
    sam = harness.student("sam")
    await harness.confirmed(sam, course)
    local, _, domain = sam.email.partition("@")
    thea, _ = await join(harness, "thea", "teacher", course.id)
    for q in (sam.email, local, f"{local}@", local[:2]):
        assert len(await found(harness, q=q)) == 1, q
    for q in (sam.email, domain, f"{local}@"):
        assert await found(harness, thea, q=q) == [], "whose address that is shall not leak"


async def test_a_new_name_is_found_and_the_old_one_is_not(harness: Harness):
    course = await harness.course()
    await add_people(harness, course, "Zoë Lindqvist")
    booking = await booking_of(harness, "Zoë Lindqvist")
    async with writing(harness.services.context.database) as work:
        user = await work.users.by_id(booking.user_id)
        assert user is not None
        user.name = "Zoë Holm"
        row = await work.bookings.find(booking.id)
        assert row is not None
        row.participant_name, row.participant_email = "Ada Byron", "ada@byron.test"
    assert await found(harness, q="lindq") == []
    assert await found(harness, q="holm") == ["Ada Byron"]
    assert await found(harness, q="byron.test") == ["Ada Byron"]
    async with writing(harness.services.context.database) as work:
        row = await work.bookings.find(booking.id)
        assert row is not None
        row.participant_name, row.participant_email = "", ""
    assert await found(harness, q="byron") == []


async def test_without_words_all_come_newest_first_page_by_page(harness: Harness):
    course, other = await harness.course(), await harness.course()
    await add_people(harness, course, "A", "B")
    await add_people(harness, other, "C", place=SeatState.EXPIRED)
    await add_people(harness, other, "D")
    names: list[str] = []
    cursor = None
    for _ in range(4):
        parameters = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        response = await harness.get(PATH, OPERATOR, params=parameters)
        assert response.status_code == 200, response.text
        answer = response.json()
        names += [item["person"]["name"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert sorted(names) == ["A", "B", "C", "D"]
    assert cursor is None
    assert await found(harness, place="expired") == ["C"]
    wrong = await harness.get(PATH, OPERATOR, params={"cursor": "x"})
    assert wrong.status_code == 422


async def test_a_teacher_finds_people_of_her_courses_only(harness: Harness):
    course, other = await harness.course(), await harness.course()
    await add_people(harness, course, "Zoë Lindqvist")
    await add_people(harness, other, "Zoë Other")
    thea, _ = await join(harness, "thea", "teacher", course.id)
    assert await found(harness, thea) == ["Zoë Lindqvist"]
    assert await found(harness, thea, q="zoe") == ["Zoë Lindqvist"]
    theirs = number_of((await booking_of(harness, "Zoë Other")).id)
    assert await found(harness, thea, q=theirs) == []
    (item,) = (await harness.get(PATH, thea)).json()["items"]
    assert (item["person"]["email"], item["person"]["price"]) == (None, None)
    assert (item["course_id"], item["course_title"]) == (course.id, course.title)
    ari, _ = await join(harness, "ari", "accountant")
    for who, status in ((ari, 403), (harness.student("sam"), 403), (None, 401)):
        assert (await harness.get(PATH, who)).status_code == status


async def test_any_number_of_bookings_takes_as_many_queries(harness: Harness):
    course = await harness.course()
    await add_people(harness, course, "Zoë One")
    with counting(harness) as few:
        assert len(await found(harness, q="zoe")) == 1
    await add_people(harness, course, *(f"Zoë {n}" for n in range(9)))
    with counting(harness) as many:
        assert len(await found(harness, q="zoe")) == 10
    assert sum(many.values()) <= sum(few.values())
