"""Bookings over HTTP: whose they are, lists, filters, pages, cancelling."""

from typing import Any

from coursebook.domain.terms import Terms, TermStep
from tests.support.harness import OPERATOR, Started, Student, World, eur

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
}
ON_ONE_BOOKING = (("GET", ""), ("POST", "/cancel"), ("POST", "/retry"))


async def ids(world: World, who: Student, **wanted: Any) -> list[str]:
    answer = await world.get("/api/bookings", who, params=wanted)
    assert answer.status_code == 200, answer.text
    return [booking["id"] for booking in answer.json()["items"]]


async def code_of(world: World, method: str, path: str, who: Student) -> tuple[int, str]:
    answer = await world.call(method, path, who)
    return answer.status_code, answer.json().get("code", "")


async def one_of_each(world: World, sam: Student) -> dict[str, Started]:
    """Book four courses, so that each status word appears once."""
    made = {
        "failed": await world.checkout(sam, await world.course()),
        "cancelled": await world.checkout(sam, await world.course()),
    }
    await world.post(f"/api/bookings/{made['cancelled'].booking_id}/cancel", sam)
    await world.later(hours=1)
    await world.worker_round()
    made["confirmed"] = await world.confirmed(sam, await world.course())
    made["pending"] = await world.checkout(sam, await world.course())
    return made


async def test_a_booking_has_the_fields_of_the_contract(sqlite_world: World):
    course = await sqlite_world.course(price=eur(45))
    started = await sqlite_world.checkout(sqlite_world.student("sam"), course)
    booking = await sqlite_world.booking(started)
    assert set(booking) == FIELDS
    assert booking["course"]["slug"] == course.slug
    assert (booking["status"], booking["payment_status"]) == ("pending", "unpaid")
    assert booking["hold_expires_at"] == started.expires_at or booking["hold_expires_at"]
    assert (booking["can_retry"], booking["can_cancel"]) == (True, True)
    assert booking["refunds"] == []
    [attempt] = booking["attempts"]
    assert set(attempt) == {"number", "state", "amount", "created_at", "reason"}
    assert (attempt["number"], attempt["state"]) == (1, "open")


async def test_a_student_without_bookings_has_an_empty_list(sqlite_world: World):
    answer = await sqlite_world.get("/api/bookings", sqlite_world.student("sam"))
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_own_bookings_come_newest_first_and_only_those(world: World):
    sam, sally = world.student("sam"), world.student("sally")
    mine = [await world.checkout(sam, await world.course()) for _ in range(3)]
    await world.checkout(sally, await world.course())
    assert await ids(world, sam) == [one.booking_id for one in reversed(mine)]
    assert len(await ids(world, sally)) == 1
    assert await ids(world, OPERATOR) == []


async def test_each_status_word_filters(world: World):
    sam = world.student("sam")
    made = await one_of_each(world, sam)
    for status, started in made.items():
        assert await ids(world, sam, status=status) == [started.booking_id], status
    assert len(await ids(world, sam)) == 4


async def test_a_bad_filter_or_page_is_refused_by_name(sqlite_world: World):
    sam = sqlite_world.student("sam")
    bad = [("status", word) for word in ("held", "CONFIRMED", "", "paid")]
    for name, value in [*bad, ("limit", "0"), ("limit", "101"), ("cursor", "x")]:
        answer = await sqlite_world.get("/api/bookings", sam, params={name: value})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert [e["pointer"] for e in answer.json()["errors"]] == [f"/{name}"]


async def test_walking_all_pages_meets_every_booking_once(world: World):
    sam = world.student("sam")
    for _ in range(5):
        await world.checkout(sam, await world.course(price=eur(0)))
    whole, met, cursor = await ids(world, sam), [], None
    while True:
        wanted = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await world.get("/api/bookings", sam, params=wanted)).json()
        met += [booking["id"] for booking in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert met == whole
    assert len(set(met)) == 5


async def test_the_filter_holds_on_every_page(sqlite_world: World):
    sam = sqlite_world.student("sam")
    for _ in range(3):
        await sqlite_world.checkout(sam, await sqlite_world.course(price=eur(0)))
        await sqlite_world.checkout(sam, await sqlite_world.course())
    wanted = {"limit": 2, "status": "pending"}
    first = (await sqlite_world.get("/api/bookings", sam, params=wanted)).json()
    wanted["cursor"] = first["next_cursor"]
    second = (await sqlite_world.get("/api/bookings", sam, params=wanted)).json()
    found = first["items"] + second["items"]
    assert [b["status"] for b in found] == ["pending"] * 3
    assert second["next_cursor"] is None


async def test_a_cursor_of_the_courses_is_refused_for_bookings(sqlite_world: World):
    for _ in range(2):
        await sqlite_world.course()
    cursor = (await sqlite_world.get("/api/courses?limit=1")).json()["next_cursor"]
    sam = sqlite_world.student("sam")
    answer = await sqlite_world.get("/api/bookings", sam, params={"cursor": cursor})
    assert answer.status_code == 422


async def test_the_booking_of_somebody_else_is_not_found(world: World):
    started, sally = await world.checkout(world.student("sam"), await world.course()), "sally"
    for method, more in ON_ONE_BOOKING:
        path = f"/api/bookings/{started.booking_id}{more}"
        found = await code_of(world, method, path, world.student(sally))
        assert found == (404, "booking_not_found"), path
    assert await world.status_of(started) == "pending"


async def test_an_unknown_booking_is_not_found(sqlite_world: World):
    sam = sqlite_world.student("sam")
    for name in ("bkg_unknown", "%00", "%F0%9F%8C%B5", "x" * 400):
        for method, more in ON_ONE_BOOKING:
            found = await code_of(sqlite_world, method, f"/api/bookings/{name}{more}", sam)
            assert found == (404, "booking_not_found"), (name, more)


async def test_an_operator_may_not_pay_for_a_student(sqlite_world: World):
    started = await sqlite_world.checkout(sqlite_world.student("sam"), await sqlite_world.course())
    path = f"/api/bookings/{started.booking_id}/retry"
    assert await code_of(sqlite_world, "POST", path, OPERATOR) == (404, "booking_not_found")


async def test_cancelling_before_paying_closes_the_payment_page(world: World):
    course, sam = await world.course(), world.student("sam")
    started = await world.checkout(sam, course)
    answer = await world.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["refunds"] == []
    assert (await world.course_now(course)).held == 0


async def test_what_comes_back_follows_the_terms_and_is_said_before(world: World):
    terms = Terms((TermStep(24 * 60, 100), TermStep(24, 50)))
    sam, course = world.student("sam"), await world.course(price=eur(45), terms=terms)
    started = await world.confirmed(sam, course)
    assert (await world.booking(started))["refund_if_cancelled"]["amount"] == 2250
    answer = await world.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    assert [r["amount"]["amount"] for r in answer.json()["refunds"]] == [2250]
    await world.worker_round()
    assert (await world.booking(started))["payment_status"] == "partially_refunded"


async def test_a_cancelled_booking_cannot_be_cancelled_again_nor_paid(sqlite_world: World):
    sam = sqlite_world.student("sam")
    started = await sqlite_world.checkout(sam, await sqlite_world.course())
    path = f"/api/bookings/{started.booking_id}"
    await sqlite_world.post(f"{path}/cancel", sam)
    again = await code_of(sqlite_world, "POST", f"{path}/cancel", sam)
    assert again == (409, "not_cancellable")
    assert await code_of(sqlite_world, "POST", f"{path}/retry", sam) == (409, "not_retryable")
    assert not (await sqlite_world.booking(started))["can_cancel"]


async def test_a_booking_cannot_be_cancelled_once_the_course_has_started(sqlite_world: World):
    sam = sqlite_world.student("sam")
    started = await sqlite_world.confirmed(sam, await sqlite_world.course())
    await sqlite_world.later(days=31)
    path = f"/api/bookings/{started.booking_id}/cancel"
    assert await code_of(sqlite_world, "POST", path, sam) == (409, "not_cancellable")
