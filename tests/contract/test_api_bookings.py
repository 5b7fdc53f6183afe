"""Bookings over HTTP: ownership, lists, filters, pages, cancelling."""

from typing import Any

from coursebook.domain.terms import Terms, TermStep
from tests.support.harness import OPERATOR, Harness, Started, Student, eur

FIELDS = {
    *("id", "course", "status", "payment_status", "amount", "created_at", "hold_expires_at"),
    *(
        "can_retry",
        "can_cancel",
        "receipt_url",
        "attempts",
        "refunds",
        "refund_if_cancelled",
        "room",
    ),
    *("number", "promise", "terms", "to_pay", "stays_if_cancelled"),
    *("free_cancel_until", "attendee_info", "ticket_code"),
}
ON_ONE_BOOKING = (("GET", ""), ("POST", "/cancel"), ("POST", "/retry"))


async def ids(harness: Harness, who: Student, **wanted: Any) -> list[str]:
    answer = await harness.get("/api/bookings", who, params=wanted)
    assert answer.status_code == 200, answer.text
    return [booking["id"] for booking in answer.json()["items"]]


async def code_of(harness: Harness, method: str, path: str, who: Student) -> tuple[int, str]:
    answer = await harness.call(method, path, who)
    return answer.status_code, answer.json().get("code", "")


async def one_of_each(harness: Harness, sam: Student) -> dict[str, Started]:
    """Book four courses, so that each status appears once."""
    made = {
        "failed": await harness.checkout(sam, await harness.course()),
        "cancelled": await harness.checkout(sam, await harness.course()),
    }
    await harness.post(f"/api/bookings/{made['cancelled'].booking_id}/cancel", sam)
    await harness.later(hours=1)
    await harness.worker_round()
    made["confirmed"] = await harness.confirmed(sam, await harness.course())
    made["pending"] = await harness.checkout(sam, await harness.course())
    return made


async def test_a_booking_has_the_fields_of_the_contract(sqlite_harness: Harness):
    course = await sqlite_harness.course(price=eur(45))
    started = await sqlite_harness.checkout(sqlite_harness.student("sam"), course)
    booking = await sqlite_harness.booking(started)
    assert set(booking) == FIELDS
    assert booking["course"]["slug"] == course.slug
    assert (booking["status"], booking["payment_status"]) == ("pending", "unpaid")
    assert booking["hold_expires_at"] == started.expires_at or booking["hold_expires_at"]
    assert (booking["can_retry"], booking["can_cancel"]) == (True, True)
    assert booking["refunds"] == []
    [attempt] = booking["attempts"]
    assert set(attempt) == {"number", "state", "amount", "created_at", "reason"}
    assert (attempt["number"], attempt["state"]) == (1, "open")


async def test_a_student_without_bookings_has_an_empty_list(sqlite_harness: Harness):
    answer = await sqlite_harness.get("/api/bookings", sqlite_harness.student("sam"))
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_own_bookings_come_newest_first_and_only_those(harness: Harness):
    sam, sally = harness.student("sam"), harness.student("sally")
    mine = [await harness.checkout(sam, await harness.course()) for _ in range(3)]
    await harness.checkout(sally, await harness.course())
    assert await ids(harness, sam) == [booking.booking_id for booking in reversed(mine)]
    assert len(await ids(harness, sally)) == 1
    assert await ids(harness, OPERATOR) == []


async def test_each_status_word_filters(harness: Harness):
    sam = harness.student("sam")
    bookings = await one_of_each(harness, sam)
    for status, started in bookings.items():
        assert await ids(harness, sam, status=status) == [started.booking_id], status
    assert len(await ids(harness, sam)) == 4


async def test_a_bad_filter_or_page_is_refused_by_name(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    bad = [("status", word) for word in ("held", "CONFIRMED", "", "paid")]
    for name, value in [*bad, ("limit", "0"), ("limit", "101"), ("cursor", "x")]:
        answer = await sqlite_harness.get("/api/bookings", sam, params={name: value})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert [e["pointer"] for e in answer.json()["errors"]] == [f"/{name}"]


async def test_walking_all_pages_meets_every_booking_once(harness: Harness):
    sam = harness.student("sam")
    for _ in range(5):
        await harness.checkout(sam, await harness.course(price=eur(0)))
    whole, met, cursor = await ids(harness, sam), [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await harness.get("/api/bookings", sam, params=query)).json()
        met += [booking["id"] for booking in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert met == whole
    assert len(set(met)) == 5


async def test_the_filter_holds_on_every_page(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    for _ in range(3):
        await sqlite_harness.checkout(sam, await sqlite_harness.course(price=eur(0)))
        await sqlite_harness.checkout(sam, await sqlite_harness.course())
    query = {"limit": 2, "status": "pending"}
    first = (await sqlite_harness.get("/api/bookings", sam, params=query)).json()
    query["cursor"] = first["next_cursor"]
    second = (await sqlite_harness.get("/api/bookings", sam, params=query)).json()
    items = first["items"] + second["items"]
    assert [b["status"] for b in items] == ["pending"] * 3
    assert second["next_cursor"] is None


async def test_a_cursor_of_the_courses_is_refused_for_bookings(sqlite_harness: Harness):
    for _ in range(2):
        await sqlite_harness.course()
    cursor = (await sqlite_harness.get("/api/courses?limit=1")).json()["next_cursor"]
    sam = sqlite_harness.student("sam")
    answer = await sqlite_harness.get("/api/bookings", sam, params={"cursor": cursor})
    assert answer.status_code == 422


async def test_the_booking_of_somebody_else_is_not_found(harness: Harness):
    started, sally = await harness.checkout(harness.student("sam"), await harness.course()), "sally"
    for method, more in ON_ONE_BOOKING:
        path = f"/api/bookings/{started.booking_id}{more}"
        status_code = await code_of(harness, method, path, harness.student(sally))
        assert status_code == (404, "booking_not_found"), path
    assert await harness.status_of(started) == "pending"


async def test_an_unknown_booking_is_not_found(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    for name in ("bkg_unknown", "%00", "%F0%9F%8C%B5", "x" * 400):
        for method, more in ON_ONE_BOOKING:
            status_code = await code_of(sqlite_harness, method, f"/api/bookings/{name}{more}", sam)
            assert status_code == (404, "booking_not_found"), (name, more)


async def test_an_operator_may_not_pay_for_a_student(sqlite_harness: Harness):
    started = await sqlite_harness.checkout(
        sqlite_harness.student("sam"), await sqlite_harness.course()
    )
    path = f"/api/bookings/{started.booking_id}/retry"
    assert await code_of(sqlite_harness, "POST", path, OPERATOR) == (404, "booking_not_found")


async def test_cancelling_before_paying_closes_the_payment_page(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    started = await harness.checkout(sam, course)
    answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["refunds"] == []
    assert (await harness.course_now(course)).held == 0


async def test_what_comes_back_follows_the_terms_and_is_said_before(harness: Harness):
    terms = Terms((TermStep(24 * 60, 100), TermStep(24, 50)))
    sam, course = harness.student("sam"), await harness.course(price=eur(45), terms=terms)
    started = await harness.confirmed(sam, course)
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 2250
    answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    assert [r["amount"]["amount"] for r in answer.json()["refunds"]] == [2250]
    await harness.worker_round()
    assert (await harness.booking(started))["payment_status"] == "partially_refunded"


async def test_a_cancelled_booking_cannot_be_cancelled_again_nor_paid(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    started = await sqlite_harness.checkout(sam, await sqlite_harness.course())
    path = f"/api/bookings/{started.booking_id}"
    await sqlite_harness.post(f"{path}/cancel", sam)
    again = await code_of(sqlite_harness, "POST", f"{path}/cancel", sam)
    assert again == (409, "not_cancellable")
    assert await code_of(sqlite_harness, "POST", f"{path}/retry", sam) == (409, "not_retryable")
    assert not (await sqlite_harness.booking(started))["can_cancel"]


async def test_a_booking_cannot_be_cancelled_once_the_course_has_started(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    started = await sqlite_harness.confirmed(sam, await sqlite_harness.course())
    await sqlite_harness.later(days=31)
    path = f"/api/bookings/{started.booking_id}/cancel"
    assert await code_of(sqlite_harness, "POST", path, sam) == (409, "not_cancellable")
