"""Starting and retrying a payment over HTTP: answers and refusals."""

from datetime import timedelta

from tests.support import cards
from tests.support.harness import Harness, Started, Student, a_harness, eur
from tests.support.sandbox import SandboxProcess

PATH = "/api/stripe/checkout"


async def refusal(harness: Harness, who: Student, path: str, **more: object) -> tuple[int, str]:
    answer = await harness.post(path, who, **more)
    return answer.status_code, answer.json().get("code", "")


async def refusal_to_book(harness: Harness, who: Student, course_id: object) -> tuple[int, str]:
    return await refusal(harness, who, PATH, json={"course_id": course_id})


def of(started: Started, what: str) -> str:
    return f"/api/bookings/{started.booking_id}/{what}"


async def test_a_new_session_is_a_201_and_asking_again_gives_the_same_one_with_200(
    harness: Harness,
):
    course, sam = await harness.course(), harness.student("sam")
    first = await harness.post(PATH, sam, json={"course_id": course.id})
    assert first.status_code == 201
    assert set(first.json()) == {"booking_id", "session_id", "checkout_url", "expires_at"}
    assert first.headers["location"] == f"/api/bookings/{first.json()['booking_id']}"
    again = await harness.post(PATH, sam, json={"course_id": course.id})
    assert (again.status_code, again.json()) == (200, first.json())
    retried = await harness.post(f"{first.headers['location']}/retry", sam)
    assert (retried.status_code, retried.json()) == (200, first.json())


async def test_a_course_can_be_named_by_its_slug(sqlite_harness: Harness):
    course, sam = await sqlite_harness.course(), sqlite_harness.student("sam")
    answer = await sqlite_harness.post(PATH, sam, json={"course_id": course.slug})
    assert answer.status_code == 201


async def test_an_unknown_course_cannot_be_booked(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    draft = await sqlite_harness.course(status="draft")
    for course_id in ("crs_unknown", draft.id, "\x00", "🌵", "a b", "../x"):
        found = await refusal_to_book(sqlite_harness, sam, course_id)
        assert found == (404, "course_not_found"), course_id


async def test_a_body_that_makes_no_sense_is_refused_by_field(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    senseless: list[tuple[dict[str, object], str]] = [
        ({"json": {}}, "/course_id"),
        ({"json": {"course_id": None}}, "/course_id"),
        ({"json": {"course_id": 7}}, "/course_id"),
        ({"json": {"course_id": ""}}, "/course_id"),
        ({"json": {"course_id": ["a"]}}, "/course_id"),
        ({"json": {"course_id": "x" * 121}}, "/course_id"),
        ({"json": {"course_id": "a", "price": 1}}, "/price"),
        ({"json": {"course_id": "a", "a/b~c": 1}}, "/a~1b~0c"),
        ({"json": []}, ""),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, ""),
        ({"content": b'{"course_id": "a"}', "headers": {"Content-Type": "text/plain"}}, ""),
        ({"content": b"\xff\xfe", "headers": {"Content-Type": "application/json"}}, ""),
        ({"content": b"\xfa", "headers": {"Content-Type": "application/json"}}, ""),
        ({"content": b"[" * 9000, "headers": {"Content-Type": "application/json"}}, ""),
        (
            {
                "content": b'{"course_id": "\\ud800"}',
                "headers": {"Content-Type": "application/json"},
            },
            "/course_id",
        ),
        ({}, ""),
    ]
    for more, pointer in senseless:
        answer = await sqlite_harness.post(PATH, sam, **more)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), (more, answer.text)
        assert [e["pointer"] for e in answer.json()["errors"]] == [pointer], more
        assert all(e["detail"].endswith(".") for e in answer.json()["errors"])


async def test_a_full_course_is_refused_and_opens_again_when_a_place_is_given_back(
    harness: Harness,
):
    course, sam, sally = (
        await harness.course(capacity=1),
        harness.student("sam"),
        harness.student("sal"),
    )
    started = await harness.checkout(sam, course)
    assert await refusal_to_book(harness, sally, course.id) == (409, "course_full")
    await harness.post(of(started, "cancel"), sam)
    assert (await harness.checkout(sally, course)).status_code == 201


async def test_a_place_cannot_be_booked_twice_by_the_same_student(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    started = await harness.confirmed(sam, course)
    assert await refusal_to_book(harness, sam, course.id) == (409, "already_booked")
    assert await refusal(harness, sam, of(started, "retry")) == (409, "not_retryable")


async def test_after_cancelling_the_same_course_can_be_booked_anew(harness: Harness):
    course, sam = await harness.course(price=eur(0)), harness.student("sam")
    first = await harness.checkout(sam, course)
    await harness.post(of(first, "cancel"), sam)
    second = await harness.checkout(sam, course)
    assert second.booking_id != first.booking_id


async def test_a_course_that_started_or_was_cancelled_is_closed(sqlite_harness: Harness):
    harness = sqlite_harness
    sam = harness.student("sam")
    soon, off = await harness.course(starts_in=timedelta(hours=2)), await harness.course()
    started = await harness.checkout(sam, soon)
    cancelled = await harness.course(status="cancelled")
    await harness.later(hours=3)
    await harness.worker_round()
    assert await refusal_to_book(harness, harness.student("sal"), soon.id) == (
        409,
        "booking_closed",
    )
    assert await refusal_to_book(harness, sam, cancelled.id) == (409, "booking_closed")
    assert await refusal(harness, sam, of(started, "retry")) == (409, "booking_closed")
    assert (await harness.checkout(sam, off)).status_code == 201


async def test_while_the_bank_works_nothing_can_be_paid_again_or_cancelled(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    started = await harness.checkout(sam, course)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("pending", "processing")
    assert (booking["can_retry"], booking["can_cancel"]) == (False, False)
    assert await refusal_to_book(harness, sam, course.id) == (409, "payment_processing")
    for what in ("retry", "cancel"):
        assert await refusal(harness, sam, of(started, what)) == (409, "payment_processing")
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    assert (await harness.booking(started))["payment_status"] == "paid"


async def test_when_stripe_does_not_answer_the_booking_is_kept_for_another_try(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    await harness.control("faults", count=20, kind="reset")
    assert await refusal_to_book(harness, sam, course.id) == (502, "payment_provider_error")
    [booking] = (await harness.get("/api/bookings", sam)).json()["items"]
    assert (booking["status"], booking["can_retry"]) == ("pending", True)
    path = f"/api/bookings/{booking['id']}/retry"
    assert await refusal(harness, sam, path) == (502, "payment_provider_error")
    await harness.control("faults", count=0)
    answer = await harness.post(path, sam)
    assert answer.status_code in (200, 201)
    assert answer.json()["booking_id"] == booking["id"]


async def test_too_many_tries_are_answered_with_the_seconds_to_wait(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_harness(sandbox_of_the_run, sqlite_url, checkout_limit="3/minute") as harness:
        course, sam = await harness.course(price=eur(0)), harness.student("sam")
        for _ in range(3):
            await harness.post(PATH, sam, json={"course_id": course.id})
        answer = await harness.post(PATH, sam, json={"course_id": course.id})
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert 1 <= int(answer.headers["retry-after"]) <= 61
        assert await refusal(harness, sam, "/api/bookings/bkg_x/cancel") == (429, "rate_limited")
        other = await harness.post(PATH, harness.student("sal"), json={"course_id": course.id})
        assert other.status_code == 201


async def test_one_address_is_limited_by_what_our_proxy_says_not_by_what_the_caller_says(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    limits = {"address_limit": "2/minute", "trusted_proxies": 1}
    async with a_harness(sandbox_of_the_run, sqlite_url, **limits) as harness:

        async def search_from(address: str, number: int) -> int:
            told = {"X-Forwarded-For": f"198.51.100.{number}, {address}"}
            answer = await harness.get("/api/courses", params={"q": "clay"}, headers=told)
            return answer.status_code

        assert [await search_from("203.0.113.7", n) for n in range(3)] == [200, 200, 429]
        assert await search_from("203.0.113.8", 9) == 200
