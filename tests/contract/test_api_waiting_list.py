"""The waiting list over the API: join and leave, offers in order, and the operator's side."""

import asyncio
from datetime import datetime, timedelta

import pytest

from coursebook.persistence.schema.tables import Course
from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Started, Student, eur

DAY = timedelta(days=1)
POLLS = 200
"""Reads of a course while one of its places becomes free."""


async def full(harness: Harness, *, places: int = 1, **course) -> tuple[Course, list[Started]]:
    """Return a course whose places are all confirmed."""
    made = await harness.course(capacity=places, **course)
    names = [harness.student(f"booked{n}") for n in range(places)]
    return made, [await harness.confirmed(student, made) for student in names]


async def waits(harness: Harness, course: Course, name: str) -> Student:
    student = harness.student(name)
    answer = await harness.post(f"/api/courses/{course.id}/waiting", student)
    assert answer.status_code == 201, answer.text
    return student


async def entry_of(harness: Harness, student: Student) -> dict:
    items = (await harness.get("/api/waiting", student)).json()["items"]
    return items[0] if items else {}


async def states(harness: Harness, *students: Student) -> list[object]:
    """Return the position, or the state, of each."""
    entries = [await entry_of(harness, student) for student in students]
    return [e.get("position") or e.get("state") for e in entries]


async def subjects(harness: Harness, student: Student) -> list[str]:
    await harness.worker_round()
    return [m["subject"].partition(":")[0] for m in await harness.mails(student)]


async def test_a_full_course_is_waited_for_once_by_number_and_left(harness: Harness):
    course, _ = await full(harness)
    ann = await waits(harness, course, "ann")
    bob = await waits(harness, course, "bob")
    path = f"/api/courses/{course.slug}/waiting"
    again = await harness.post(path, ann)
    assert (again.status_code, again.json()["code"]) == (409, "already_waiting")
    assert await states(harness, ann, bob) == [1, 2]
    assert await subjects(harness, bob) == ["You are on the waiting list"]
    text = (await harness.mails(bob))[0]["text"]
    assert f"You are number 2 on the waiting list of {course.title}." in text
    assert (await harness.call("DELETE", path, ann)).status_code == 204
    assert (await harness.call("DELETE", path, ann)).status_code == 204
    assert await states(harness, ann, bob) == [None, 1]
    rejoined = await harness.post(path, ann)
    assert rejoined.json()["position"] == 2
    await check_books(harness)


async def test_who_cannot_wait_is_told_why(harness: Harness):
    sam = harness.student("sam")
    free = await harness.course()
    cases = [
        (free.id, "not_full"),
        ((await full(harness, starts_in=timedelta(hours=5)))[0].id, "booking_closed"),
        ("crs_none", "course_not_found"),
    ]
    course, booked = await full(harness)
    answer = await harness.post(f"/api/courses/{course.id}/waiting", booked[0].student)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_booked")
    for course_id, code in cases:
        answer = await harness.post(f"/api/courses/{course_id}/waiting", sam)
        assert answer.json()["code"] == code
    assert (await harness.post(f"/api/courses/{course.id}/waiting")).status_code == 401


async def test_a_full_course_stays_full_for_others_while_somebody_waits(harness: Harness):
    course, _ = await full(harness)
    await waits(harness, course, "ann")
    shown = (await harness.get(f"/api/courses/{course.id}")).json()
    assert (shown["status"], shown["seats_left"]) == ("full", 0)
    sam = harness.student("sam")
    answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert (answer.status_code, answer.json()["code"]) == (409, "course_full")


@pytest.mark.parametrize("way", ["student", "operator", "hold", "moved", "more_places"])
async def test_a_place_that_becomes_free_is_offered_at_once(harness: Harness, way: str):
    course, (booked,) = await full(harness)
    if way == "hold":
        course = await harness.course(capacity=1)
        booked = await harness.checkout(harness.student("slow"), course)
    ann = await waits(harness, course, "ann")
    bob = await waits(harness, course, "bob")
    done = asyncio.Event()
    polling = asyncio.create_task(_poll(harness, course, done))
    await _free(harness, way, course, booked)
    done.set()
    assert await polling == {("full", 0)}
    entry = await entry_of(harness, ann)
    booking = (await harness.get(f"/api/bookings/{entry['booking_id']}", ann)).json()
    assert (entry["state"], booking["status"], booking["can_retry"]) == ("offered", "pending", True)
    assert booking["hold_expires_at"] == entry["offer_until"]
    assert await states(harness, ann, bob) == ["offered", 1]
    assert "A place is free for you" in await subjects(harness, ann)
    text = next(m["text"] for m in await harness.mails(ann) if "is kept for you until" in m["text"])
    assert "Lisbon time" in text
    await check_books(harness)


async def _poll(harness: Harness, course: Course, done: asyncio.Event) -> set[tuple[str, int]]:
    """Read the course again and again until it is done; return every answer that came.

    The database is read too: the API may answer from its cache of a second.
    """
    answers, reads = set(), 0
    while reads < POLLS or not done.is_set():
        shown = (await harness.get(f"/api/courses/{course.id}")).json()
        row = await harness.course_now(course)
        answers |= {(shown["status"], shown["seats_left"])}
        answers |= {("full", row.capacity - row.held - row.confirmed)}
        reads += 1
        await asyncio.sleep(0)
    return answers


async def _free(harness: Harness, way: str, course: Course, booked: Started) -> None:
    match way:
        case "student":
            await harness.post(f"/api/bookings/{booked.booking_id}/cancel", booked.student)
        case "operator":
            await harness.post(f"/api/bookings/{booked.booking_id}/cancel", OPERATOR)
        case "hold":
            await harness.later(minutes=36)
            await harness.quiet()
            await harness.worker_round()
        case "moved":
            target = await harness.course()
            path, body = f"/api/manage/bookings/{booked.booking_id}/move", {"course_id": target.id}
            plan = await harness.post(path, OPERATOR, json=body | {"dry_run": True})
            body["expect"] = plan.json()["expect"]
            assert (await harness.post(path, OPERATOR, json=body)).status_code == 200
        case "more_places":
            now = (await harness.get(f"/api/manage/courses/{course.id}", OPERATOR)).json()
            values = {"capacity": 2, "version": now["version"]}
            path = f"/api/manage/courses/{course.id}"
            answer = await harness.call("PATCH", path, OPERATOR, json=values)
            assert answer.status_code == 200, answer.text


async def offered(harness: Harness, *names: str, **course) -> tuple[Course, list[Student], dict]:
    """Return a course, people who wait for it, and the entry of the first, who has an offer."""
    made, (booked,) = await full(harness, **course)
    students = [await waits(harness, made, name) for name in names]
    await harness.post(f"/api/bookings/{booked.booking_id}/cancel", booked.student)
    return made, students, await entry_of(harness, students[0])


@pytest.mark.parametrize(("school", "own", "hours"), [(180, None, 3), (180, 360, 6)])
async def test_the_length_of_a_turn_is_that_of_the_course_else_that_of_the_school(
    harness: Harness, school: int, own: int | None, hours: int
):
    settings = {"offer_minutes": school}
    answer = await harness.call("PATCH", "/api/manage/settings", OPERATOR, json=settings)
    assert answer.json()["offer_minutes"] == school
    course, (booked,) = await full(harness)
    path = f"/api/manage/courses/{course.id}"
    values = {"offer_minutes": own, "version": course.version}
    edited = await harness.call("PATCH", path, OPERATOR, json=values)
    assert edited.json()["offer_minutes"] == own, edited.text
    ann = await waits(harness, course, "ann")
    noon = harness.clock().replace(hour=11, minute=0, second=0, microsecond=0) + DAY
    harness.clock.advance(noon - harness.clock())
    await harness.post(f"/api/bookings/{booked.booking_id}/cancel", OPERATOR)
    until = datetime.fromisoformat((await entry_of(harness, ann))["offer_until"])
    assert until == noon + timedelta(hours=hours)


@pytest.mark.parametrize("wrong", [0, 59, 10081])
async def test_a_turn_that_is_too_short_or_too_long_is_refused(harness: Harness, wrong: int):
    course = await harness.course()
    body = {"offer_minutes": wrong}
    for path, values in (
        ("/api/manage/settings", body),
        (f"/api/manage/courses/{course.id}", body | {"version": course.version}),
    ):
        answer = await harness.call("PATCH", path, OPERATOR, json=values)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == "/offer_minutes"


async def test_an_offer_is_paid_and_taken(harness: Harness):
    _, (ann, bob), entry = await offered(harness, "ann", "bob")
    answer = await harness.post(f"/api/bookings/{entry['booking_id']}/retry", ann)
    await harness.control(f"sessions/{answer.json()['session_id']}/pay", card=cards.VISA)
    await harness.quiet()
    booking = (await harness.get(f"/api/bookings/{entry['booking_id']}", ann)).json()
    assert booking["status"] == "confirmed"
    assert await states(harness, ann, bob) == [None, 1]
    await check_books(harness)


async def test_a_free_place_is_taken_without_paying(harness: Harness):
    _, (ann,), entry = await offered(harness, "ann", price=eur(0))
    answer = await harness.post(f"/api/bookings/{entry['booking_id']}/retry", ann)
    assert answer.status_code in (200, 201), answer.text
    booking = (await harness.get(f"/api/bookings/{entry['booking_id']}", ann)).json()
    assert booking["status"] == "confirmed"


@pytest.mark.parametrize("way", ["waiting", "cancel"])
async def test_a_declined_place_goes_to_the_next_at_once(harness: Harness, way: str):
    course, (ann, bob), entry = await offered(harness, "ann", "bob")
    await harness.post(f"/api/bookings/{entry['booking_id']}/retry", ann)  # with an open page
    if way == "waiting":
        answer = await harness.call("DELETE", f"/api/courses/{course.id}/waiting", ann)
        assert answer.status_code == 204, answer.text
    else:
        await harness.post(f"/api/bookings/{entry['booking_id']}/cancel", ann)
    assert await states(harness, ann, bob) == [None, "offered"]
    await check_books(harness)


async def test_an_offer_outlives_its_page_twice_and_ends_with_its_turn(harness: Harness):
    _, (ann, bob), entry = await offered(harness, "ann", "bob")
    for _ in range(2):
        await harness.post(f"/api/bookings/{entry['booking_id']}/retry", ann)
        await harness.later(minutes=36)
        await harness.quiet()
        await harness.worker_round()
        assert await states(harness, ann, bob) == ["offered", 1]
    harness.clock.advance(DAY)
    await harness.worker_round()
    assert await states(harness, ann, bob) == [None, "offered"]
    assert (await subjects(harness, ann))[-1] == "You are no longer on the waiting list"
    answer = await harness.post(f"/api/bookings/{entry['booking_id']}/retry", ann)
    assert (answer.status_code, answer.json()["code"]) == (409, "course_full")
    again = await harness.post(f"/api/courses/{entry['course']['id']}/waiting", ann)
    assert again.json()["position"] == 1
    await check_books(harness)


async def test_a_debit_on_its_way_keeps_the_offer_past_its_turn(harness: Harness):
    course, (ann, bob), entry = await offered(harness, "ann", "bob")
    answer = await harness.post(f"/api/bookings/{entry['booking_id']}/retry", ann)
    session = answer.json()["session_id"]
    await harness.control(f"sessions/{session}/pay", card=cards.DEBIT_SUCCEEDS_LATER)
    await harness.quiet()
    left = await harness.call("DELETE", f"/api/courses/{course.id}/waiting", ann)
    assert (left.status_code, left.json()["code"]) == (409, "payment_processing")
    harness.clock.advance(DAY * 2)
    await harness.worker_round()
    assert await states(harness, ann, bob) == ["offered", 1]


async def test_near_the_start_the_list_is_closed_and_a_free_place_is_public(harness: Harness):
    starts_at = (harness.clock() + DAY * 3).replace(hour=17, minute=0, second=0, microsecond=0)
    course, (booked,) = await full(harness, starts_at=starts_at, price=eur(0))
    ann = await waits(harness, course, "ann")
    harness.clock.advance(starts_at - timedelta(hours=6) - harness.clock())
    bob = harness.student("bob")
    late = await harness.post(f"/api/courses/{course.id}/waiting", bob)
    assert (late.status_code, late.json()["code"]) == (409, "booking_closed")
    assert await states(harness, ann) == [1]
    await harness.post(f"/api/bookings/{booked.booking_id}/cancel", OPERATOR)
    shown = (await harness.get(f"/api/courses/{course.id}")).json()
    assert (shown["status"], shown["seats_left"]) == ("open", 1)
    assert await states(harness, ann) == [None]
    assert (await subjects(harness, ann))[-1] == "You are no longer on the waiting list"
    await harness.checkout(bob, course)


@pytest.mark.parametrize("way", ["begun", "closed", "switched_off", "cancelled"])
async def test_whoever_waits_is_told_once_when_nobody_can_wait_any_more(harness: Harness, way: str):
    course, _ = await full(harness)
    ann = await waits(harness, course, "ann")
    path = f"/api/manage/courses/{course.id}"
    if way == "begun":
        harness.clock.advance(course.starts_at - harness.clock())
    elif way == "closed":
        assert (await harness.post(f"{path}/close", OPERATOR)).status_code == 200
    elif way == "switched_off":
        now = (await harness.get(path, OPERATOR)).json()
        values = {"has_waiting_list": False, "version": now["version"]}
        answer = await harness.call("PATCH", path, OPERATOR, json=values)
        assert answer.status_code == 200, answer.text
        assert answer.json()["has_waiting_list"] is False
    else:
        sums = [{"amount": 4500, "currency": "eur"}]
        body = {"reason": "Ill", "expect": {"people": 1, "give_back": sums}}
        assert (await harness.post(f"{path}/cancel", OPERATOR, json=body)).status_code < 300
    for _ in range(2):
        await harness.worker_round()
    assert await states(harness, ann) == [None]
    told = [s for s in await subjects(harness, ann) if "no longer" in s]
    assert len(told) == 1
    assert (await harness.course_now(course)).waiting == 0


async def managed(harness: Harness, course: Course, who: Student = OPERATOR) -> dict:
    answer = await harness.get(f"/api/manage/courses/{course.id}/waiting", who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def act(harness: Harness, course: Course, student: Student, name: str, **body):
    entry = await entry_of(harness, student)
    path = f"/api/manage/courses/{course.id}/waiting/{entry['id']}/{name}"
    return (
        await harness.post(path, OPERATOR, json=body)
        if body
        else await harness.post(path, OPERATOR)
    )


async def test_the_school_offers_out_of_order_with_one_place_more(harness: Harness):
    course, _ = await full(harness)
    ann = await waits(harness, course, "ann")
    bob = await waits(harness, course, "bob")
    refused = await act(harness, course, bob, "offer")
    assert (refused.status_code, refused.json()["code"]) == (409, "course_full")
    assert await states(harness, ann, bob) == [1, 2]
    answer = await act(harness, course, bob, "offer", one_more=True)
    assert answer.status_code == 200, answer.text
    assert [item["state"] for item in answer.json()["items"]] == ["offered", "waiting"]
    assert await states(harness, ann, bob) == [1, "offered"]
    assert (await harness.course_now(course)).capacity == 2
    again = await act(harness, course, bob, "offer", one_more=True)
    assert (again.status_code, again.json()["code"]) == (409, "not_actionable")
    await check_books(harness)


async def test_the_school_moves_to_the_front_removes_and_adds(harness: Harness):
    course, _ = await full(harness)
    ann = await waits(harness, course, "ann")
    bob = await waits(harness, course, "bob")
    silent = await act(harness, course, bob, "first", reason=" ")
    assert (silent.status_code, silent.json()["code"]) == (422, "invalid")
    moved = await act(harness, course, bob, "first", reason="She teaches here")
    assert [item["position"] for item in moved.json()["items"]] == [1, 2]
    assert await states(harness, ann, bob) == [2, 1]
    removed = await act(harness, course, bob, "remove")
    assert [item["email"] for item in removed.json()["items"]] == [ann.email]
    assert await states(harness, ann, bob) == [1, None]
    assert (await subjects(harness, bob))[-1] == "You are no longer on the waiting list"
    path = f"/api/manage/courses/{course.id}/waiting"
    added = await harness.post(path, OPERATOR, json={"email": bob.email})
    assert (added.status_code, len(added.json()["items"])) == (201, 2)
    assert (await harness.get(path, ann)).status_code in (403, 404)


async def test_three_places_more_are_three_offers(harness: Harness):
    course, _ = await full(harness)
    students = [await waits(harness, course, f"w{n}") for n in range(5)]
    now = (await harness.get(f"/api/manage/courses/{course.id}", OPERATOR)).json()
    values = {"capacity": 4, "version": now["version"]}
    await harness.call("PATCH", f"/api/manage/courses/{course.id}", OPERATOR, json=values)
    assert await states(harness, *students) == ["offered", "offered", "offered", 1, 2]
    listed = await managed(harness, course)
    assert (listed["waiting"], listed["seats_left"]) == (2, 0)
    await check_books(harness)


async def test_the_roster_lists_who_waits_in_their_order(harness: Harness):
    course, _ = await full(harness)
    names = ["ann", "bob", "cem"]
    students = [await waits(harness, course, name) for name in names]
    path = f"/api/manage/courses/{course.id}/people"
    page = (await harness.get(f"{path}?state=waiting&limit=2", OPERATOR)).json()
    assert page["counts"]["waiting"] == 3
    shown = (await harness.get(f"/api/manage/courses/{course.id}", OPERATOR)).json()
    assert shown["counts"]["waiting"] == 3
    assert [(p["email"], p["position"]) for p in page["items"]] == [
        (students[0].email, 1),
        (students[1].email, 2),
    ]
    first = page["items"][0]
    assert (first["booking_id"], first["place"], first["price"]) == (None, None, None)
    cursor = page["next_cursor"]
    rest = (await harness.get(f"{path}?state=waiting&limit=2&cursor={cursor}", OPERATOR)).json()
    assert [p["position"] for p in rest["items"]] == [3]
    found = (await harness.get(f"{path}?state=waiting&q={students[1].email}", OPERATOR)).json()
    assert [p["position"] for p in found["items"]] == [2]
    assert (await harness.get(f"{path}?state=coming", OPERATOR)).json()["items"][0]["booking_id"]
    lines = (await harness.get(f"{path}.csv?state=waiting", OPERATOR)).text.splitlines()[1:]
    assert [line.split(",")[3] for line in lines] == ["waiting"] * 3


async def test_a_message_reaches_who_waits_and_nobody_else(harness: Harness):
    course, (booked,) = await full(harness)
    ann, bob = [await waits(harness, course, name) for name in ("ann", "bob")]
    await harness.worker_round()
    words = {"subject": "Two more of {course}", "body": "Hello {name}, look at {link}."}
    body = {"course_id": course.id, "audience": {"kind": "waiting"}, **words}
    preview = await harness.post("/api/manage/messages/preview", OPERATOR, json=body)
    assert preview.json()["counts"]["waiting"] == 2
    message = (await harness.post("/api/manage/messages", OPERATOR, json=body)).json()
    path = f"/api/manage/messages/{message['id']}"
    await harness.call("DELETE", f"/api/courses/{course.id}/waiting", bob)
    harness.services.outbox._bulk_pause = 0.0
    sent = await harness.post(f"{path}/send", OPERATOR, json={"revision": message["revision"]})
    assert sent.status_code == 200, sent.text
    for _ in range(2):
        await harness.worker_round()
    lines = (await harness.get(f"{path}/recipients", OPERATOR)).json()["items"]
    assert [(line["email"], line["state"]) for line in lines] == [(ann.email, "sent")]
    mail = (await harness.mails(ann))[-1]
    assert mail["subject"] == f"Two more of {course.title}"
    assert f"/courses/{course.slug}" in mail["text"]
    assert "/bookings/" not in mail["text"]
    for other in (bob, booked.student):
        assert not [m for m in await harness.mails(other) if "Two more" in m["subject"]]
    assert (await harness.get(path, OPERATOR)).json()["state"] == "sent"
