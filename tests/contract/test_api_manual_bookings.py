"""Bookings that the school makes, and links by which guests claim them."""

import re
from datetime import timedelta
from typing import Any

import httpx

from coursebook.persistence.schema.tables import AuditEntry, Claim, Course, OutboxMessage, User
from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Student

FREE = {"how": "complimentary"}


async def add(harness: Harness, course: Course, **body: Any) -> httpx.Response:
    body = {"name": "Gerda Gast", "pay": FREE} | body
    return await harness.post(f"/api/manage/courses/{course.id}/bookings", OPERATOR, json=body)


def day(harness: Harness, days: int) -> str:
    return (harness.clock() + timedelta(days=days)).date().isoformat()


def errors(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


async def link_in_mail(harness: Harness, email: str) -> str:
    await harness.worker_round()
    mail = (await harness.mails(Student(email)))[-1]
    found = re.search(r"/claim/([\w-]+)", mail["text"])
    assert found, mail["text"]
    return found[1]


async def test_only_a_name_and_complimentary_is_confirmed_counted_and_without_mail(
    harness: Harness,
):
    course = await harness.course(capacity=1)
    answer = await add(harness, course)
    booking = answer.json()
    assert (answer.status_code, booking["place"]) == (201, "confirmed")
    assert (booking["source"], booking["payer"]["is_guest"]) == ("operator", True)
    assert booking["money"]["price"]["amount"] == 0
    assert booking["money"]["list_price"]["amount"] == 4500
    assert answer.headers["location"] == f"/api/manage/bookings/{booking['id']}"
    assert (await harness.course_now(course)).confirmed == 1
    people = await harness.get(f"/api/manage/courses/{course.id}/people", OPERATOR)
    assert [person["name"] for person in people.json()["items"]] == ["Gerda Gast"]
    await harness.worker_round()
    assert await harness.rows_of(OutboxMessage) == []
    (guest,) = [user for user in await harness.rows_of(User) if user.is_guest]
    assert guest.subject == f"guest:{guest.id}"
    assert [step["fact"] for step in booking["story"]] == ["booked_by_school", "confirmed"]
    await check_books(harness)


async def test_money_that_is_there_confirms_and_the_mail_has_the_calendar(harness: Harness):
    sam = harness.student("gerda")
    answer = await add(
        harness,
        await harness.course(),
        email=sam.email,
        pay={"how": "received", "method": "terminal", "reference": "T-1"},
    )
    booking = answer.json()
    assert (booking["place"], booking["money"]["payment_status"]) == ("confirmed", "paid")
    (line,) = [one for one in booking["money"]["lines"] if one["kind"] == "by_hand"]
    assert (line["method"], line["state"], line["reference"]) == ("terminal", "received", "T-1")
    await harness.worker_round()
    (mail,) = await harness.mails(sam)
    assert mail["subject"].startswith("Booked")
    assert "/claim/" in mail["text"]


async def test_the_mail_of_a_hold_says_how_to_pay_what_for_and_until_when(harness: Harness):
    settings = {"payment_details": "Escola Azul, IBAN PT50 0002 0123"}
    assert (await harness.call("PATCH", "/api/manage/settings", OPERATOR, json=settings)).is_success
    sam, due_on = harness.student("gerda"), day(harness, 7)
    pay = {"how": "hold", "due_on": due_on, "reference": "AUTUMN-7"}
    answer = await add(harness, await harness.course(), email=sam.email, pay=pay)
    booking = answer.json()
    assert booking["place"] == "held"
    assert booking["reserved_until"] == booking["hold_expires_at"]
    await harness.worker_round()
    (mail,) = await harness.mails(sam)
    assert mail["subject"].startswith("Please pay for your place")
    for part in ("€45.00", "IBAN PT50 0002 0123", "AUTUMN-7", "/claim/"):
        assert part in mail["text"]


async def test_a_guest_claims_the_booking_once_and_pays_by_card(harness: Harness):
    guest, sam = harness.student("guest"), harness.student("sam")
    pay = {"how": "hold", "due_on": day(harness, 7)}
    booking = (await add(harness, await harness.course(), email=guest.email, pay=pay)).json()
    code = await link_in_mail(harness, guest.email)
    assert code not in str([row.code_hash for row in await harness.rows_of(Claim)])
    answer = await harness.post("/api/claims/accept", sam, json={"code": code})
    assert answer.json() == {"bookings": 1, "booking_id": booking["id"]}
    own = await harness.get(f"/api/bookings/{booking['id']}", sam)
    assert own.json()["can_retry"] is True
    page = await harness.post(f"/api/bookings/{booking['id']}/retry", sam)
    await harness.control(f"sessions/{page.json()['session_id']}/pay", card=cards.VISA)
    await harness.quiet()
    own = await harness.get(f"/api/bookings/{booking['id']}", sam)
    assert (own.json()["status"], own.json()["payment_status"]) == ("confirmed", "paid")
    view = (await harness.get(f"/api/manage/bookings/{booking['id']}", OPERATOR)).json()
    assert (view["name"], view["payer"]["is_guest"]) == ("Gerda Gast", False)
    again = await harness.post("/api/claims/accept", sam, json={"code": code})
    assert (again.status_code, again.json()["code"]) == (404, "claim_not_found")
    await check_books(harness)


async def test_a_forged_and_an_old_link_are_refused_and_equal_mail_joins_nobody(harness: Harness):
    sam = harness.student("sam")
    booking = (await add(harness, await harness.course(), email=sam.email)).json()
    code = await link_in_mail(harness, sam.email)
    assert (await harness.get(f"/api/bookings/{booking['id']}", sam)).status_code == 404
    for wrong in ("x" * 43, code[:-1], f"{code}a"):
        answer = await harness.post("/api/claims/accept", sam, json={"code": wrong})
        assert (answer.status_code, answer.json()["code"]) == (404, "claim_not_found")
    assert (await harness.post("/api/claims/accept", json={"code": code})).status_code == 401
    harness.clock.advance(timedelta(days=30))
    answer = await harness.post("/api/claims/accept", sam, json={"code": code})
    assert answer.status_code == 404
    path = f"/api/manage/bookings/{booking['id']}/claim-link"
    assert (await harness.post(path, OPERATOR)).status_code == 200
    fresh = await link_in_mail(harness, sam.email)
    answer = await harness.post("/api/claims/accept", sam, json={"code": fresh})
    assert answer.status_code == 200, answer.text
    answer = await harness.post(path, OPERATOR)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_actionable")


async def test_a_claim_gives_no_second_place_on_one_course(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    await harness.confirmed(sam, course)
    await add(harness, course, email=sam.email, name="Another")
    code = await link_in_mail(harness, sam.email)
    answer = await harness.post("/api/claims/accept", sam, json={"code": code})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_booked")


async def test_a_full_course_is_refused_or_gets_one_place_more_with_an_audit_row(
    harness: Harness,
):
    course = await harness.course(capacity=1)
    await harness.confirmed(harness.student("sam"), course)
    answer = await add(harness, course)
    assert (answer.status_code, answer.json()["code"]) == (409, "course_full")
    answer = await add(harness, course, one_more=True)
    assert answer.status_code == 201, answer.text
    now = await harness.course_now(course)
    assert (now.capacity, now.confirmed, now.version) == (2, 2, course.version + 1)
    (row,) = [r for r in await harness.rows_of(AuditEntry) if r.about == "course"]
    assert (row.course_id, row.event, row.data["capacity"]) == (course.id, "edited", [1, 2])


async def test_a_person_with_a_place_is_refused(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    started = await harness.confirmed(sam, course)
    view = (await harness.get(f"/api/manage/bookings/{started.booking_id}", OPERATOR)).json()
    people = [user for user in await harness.rows_of(User) if user.email == sam.email]
    answer = await add(harness, course, name="", user_id=people[0].id)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_booked")
    twin = {"name": view["payer"]["name"], "email": sam.email.upper()}
    answer = await add(harness, course, **twin)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_booked")


async def test_wrong_values_name_their_fields_and_nothing_is_written(harness: Harness):
    course = await harness.course()
    answer = await add(harness, course, name=" ", email="nonsense")
    assert set(errors(answer)) == {"/name", "/email"}
    for pay, pointer in (
        ({"how": "hold"}, "/pay/due_on"),
        ({"how": "hold", "due_on": day(harness, -1)}, "/pay/due_on"),
        ({"how": "hold", "due_on": day(harness, 31)}, "/pay/due_on"),
        ({"how": "expected", "due_on": day(harness, 31)}, "/pay/due_on"),
        ({"how": "received", "amount": 0}, "/pay/amount"),
        ({"how": "received", "received_on": day(harness, 2)}, "/pay/received_on"),
    ):
        assert set(errors(await add(harness, course, pay=pay))) == {pointer}, pay
    assert set(errors(await add(harness, course, name="", user_id="usr_nobody"))) == {"/user_id"}
    assert [user for user in await harness.rows_of(User) if user.is_guest] == []


async def test_ways_in_by_hand(harness: Harness):
    begun = await harness.course(starts_in=timedelta(minutes=-30))
    assert (await add(harness, begun)).status_code == 201, "until the end of the last meeting"
    held = await add(harness, begun, pay={"how": "hold", "due_on": day(harness, 0)}, name="Late")
    assert set(errors(held)) == {"/pay/due_on"}
    over = await harness.course(starts_in=timedelta(hours=-4))
    draft = await harness.course(status="draft")
    for course in (over, draft):
        answer = await add(harness, course)
        assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")


async def test_without_tell_no_mail_goes_out(harness: Harness):
    sam = harness.student("gerda")
    await add(harness, await harness.course(), email=sam.email, tell=False)
    await harness.worker_round()
    assert await harness.mails(sam) == []


async def test_expected_money_is_listed_the_most_overdue_first(harness: Harness):
    course = await harness.course()
    for name, due_on in (("Undue", None), ("Later", day(harness, 9)), ("Soon", day(harness, 2))):
        pay = {"how": "expected", "due_on": due_on}
        assert (await add(harness, course, name=name, pay=pay)).status_code == 201
    harness.clock.advance(timedelta(days=4))
    names, cursor = [], ""
    for _ in range(2):
        path = f"/api/manage/payments/expected?limit=2{cursor}"
        page = (await harness.get(path, OPERATOR)).json()
        names += [(item["name"], item["is_overdue"]) for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert names == [("Soon", True), ("Later", False), ("Undue", False)]
