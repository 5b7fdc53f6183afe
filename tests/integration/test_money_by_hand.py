"""Money by hand: each sentence of the rules, over the API, with the worker and the sandbox."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from coursebook.persistence.schema.tables import Booking, Course, OfflinePayment
from coursebook.persistence.unit_of_work import reading
from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Started, eur

HELD = {"how": "hold", "method": "transfer"}


async def add(harness: Harness, course: Course, pay: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Add a booking as the school and return the operators' view of it."""
    body = {"name": "Gerda Gast", "email": "", "pay": pay} | more
    answer = await harness.post(f"/api/manage/courses/{course.id}/bookings", OPERATOR, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def hold(harness: Harness, course: Course, days: int = 7, **more: Any) -> dict[str, Any]:
    due_on = (harness.clock() + timedelta(days=days)).date().isoformat()
    return await add(harness, course, HELD | {"due_on": due_on}, **more)


async def look(harness: Harness, booking_id: str) -> dict[str, Any]:
    answer = await harness.get(f"/api/manage/bookings/{booking_id}", OPERATOR)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def record(
    harness: Harness, booking: dict[str, Any], amount: int, **more: Any
) -> httpx.Response:
    body = {"amount": amount, "method": "cash", "expect": booking["expect"]} | more
    return await harness.post(f"/api/manage/bookings/{booking['id']}/payments", OPERATOR, json=body)


async def recorded(harness: Harness, booking: dict[str, Any], amount: int) -> dict[str, Any]:
    answer = await record(harness, booking, amount)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def void(harness: Harness, booking_id: str, line: dict[str, Any]) -> httpx.Response:
    path = f"/api/manage/bookings/{booking_id}/payments/{line['id']}/void"
    return await harness.post(path, OPERATOR, json={"reason": "typed twice"})


def hand(booking: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Return the lines by hand: direction, state, amount; sorted, as some are of one moment."""
    lines = [line for line in booking["money"]["lines"] if line["kind"] == "by_hand"]
    return sorted((one["direction"], one["state"], one["amount"]["amount"]) for one in lines)


def line_of(booking: dict[str, Any], state: str, direction: str = "in") -> dict[str, Any]:
    return next(
        line
        for line in booking["money"]["lines"]
        if (line["kind"], line["state"], line["direction"]) == ("by_hand", state, direction)
    )


async def inbox(harness: Harness) -> list[dict[str, Any]]:
    answer = await harness.get("/api/manage/inbox", OPERATOR)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def row_of(harness: Harness, booking_id: str) -> Booking:
    async with reading(harness.services.context.database) as work:
        booking = await work.bookings.find(booking_id)
    assert booking is not None
    return booking


async def page_of_student(harness: Harness, course: Course, name: str) -> Started:
    """Return a place held by a student with an open payment page."""
    return await harness.checkout(harness.student(name), course)


async def test_amounts_are_never_edited_and_states_move_one_way(harness: Harness):
    booking = await hold(harness, await harness.course())
    line = line_of(booking, "expected")
    path = f"/api/manage/bookings/{booking['id']}/payments/{line['id']}"
    body = {"method": "transfer", "reference": "A-7", "expect": booking["expect"]}
    answer = await harness.post(f"{path}/received", OPERATOR, json=body)
    assert answer.status_code == 200, answer.text
    assert hand(answer.json()) == [("in", "received", 4500)]
    again = body | {"expect": answer.json()["expect"]}
    answer = await harness.post(f"{path}/received", OPERATOR, json=again)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_actionable")
    answer = await void(harness, booking["id"], line)
    assert hand(answer.json()) == [("in", "expected", 4500), ("in", "void", 4500)]
    answer = await void(harness, booking["id"], line)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_actionable")
    rows = await harness.rows_of(OfflinePayment)
    assert {row.amount for row in rows} == {4500}


async def test_recording_the_price_confirms_a_held_place_and_closes_its_open_page(
    harness: Harness,
):
    started = await page_of_student(harness, await harness.course(capacity=1), "sam")
    booking = await look(harness, started.booking_id)
    booking = await recorded(harness, booking, 4500)
    await harness.quiet()
    assert (booking["place"], booking["money"]["payment_status"]) == ("confirmed", "paid")
    late = await harness.control(f"sessions/{started.session_id}/pay", card=cards.VISA)
    assert "expired" in str(late)
    await harness.worker_round()
    mails = [m["subject"].partition(":")[0] for m in await harness.mails(started.student)]
    assert mails == ["Booked"]
    await check_books(harness)


async def test_a_page_that_was_paid_a_moment_before_wins_and_nothing_is_recorded(harness: Harness):
    await harness.control("deliveries/mode", mode="drop")
    started = await page_of_student(harness, await harness.course(), "sam")
    booking = await look(harness, started.booking_id)
    await harness.pay(started)
    answer = await record(harness, booking, 4500)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    after = await look(harness, started.booking_id)
    assert (after["place"], hand(after)) == ("confirmed", [])
    assert after["money"]["kept"]["amount"] == 4500


async def test_a_part_leaves_the_place_as_it_is_and_a_new_row_carries_the_rest(harness: Harness):
    booking = await hold(harness, await harness.course())
    booking = await recorded(harness, booking, 2000)
    assert booking["place"] == "held"
    assert hand(booking) == [
        ("in", "expected", 2500),
        ("in", "received", 2000),
        ("in", "void", 4500),
    ]
    booking = await recorded(harness, booking, 2500)
    assert (booking["place"], booking["money"]["payment_status"]) == ("confirmed", "paid")
    assert ("in", "expected", 2500) not in hand(booking)
    await check_books(harness)


async def test_what_is_above_the_price_has_to_be_given_back_by_hand(harness: Harness):
    booking = await hold(harness, await harness.course())
    booking = await recorded(harness, booking, 5000)
    assert booking["place"] == "confirmed"
    assert ("out", "expected", 500) in hand(booking)
    (entry,) = await inbox(harness)
    assert (entry["kind"], entry["action"]) == ("refund_by_hand", "given_back")
    assert entry["amount"]["amount"] == 500
    act = {"action": "given_back", "expect": {"amount": 500, "currency": "eur"}}
    answer = await harness.post(f"/api/manage/inbox/{entry['id']}/act", OPERATOR, json=act)
    assert answer.status_code == 200, answer.text
    assert await inbox(harness) == []
    assert ("out", "received", 500) in hand(await look(harness, booking["id"]))
    again = await harness.post(f"/api/manage/inbox/{entry['id']}/act", OPERATOR, json=act)
    assert again.status_code == 409, "acting twice is refused once"


async def test_money_for_a_place_that_is_over_has_to_be_given_back(harness: Harness):
    started = await page_of_student(harness, await harness.course(), "sam")
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    booking = await recorded(harness, await look(harness, started.booking_id), 4500)
    assert booking["place"] == "cancelled"
    assert hand(booking) == [("in", "received", 4500), ("out", "expected", 4500)]
    assert [entry["kind"] for entry in await inbox(harness)] == ["refund_by_hand"]
    await check_books(harness)


async def test_when_a_place_ends_its_expected_money_is_void_with_the_cause(harness: Harness):
    booking = await hold(harness, await harness.course())
    await harness.later(days=8)
    await harness.worker_round()
    booking = await look(harness, booking["id"])
    assert (booking["place"], hand(booking)) == ("expired", [("in", "void", 4500)])
    assert "page expired" in line_of(booking, "void")["reason"]


async def test_a_hold_lasts_seven_days_less_a_minute_over_worker_rounds(harness: Harness):
    booking = await hold(harness, await harness.course(), days=7)
    row = await row_of(harness, booking["id"])
    harness.clock.advance(row.reserved_until - harness.clock() - timedelta(minutes=1))
    await harness.worker_round()
    assert (await look(harness, booking["id"]))["place"] == "held"
    harness.clock.advance(timedelta(minutes=1))
    await harness.worker_round()
    assert (await look(harness, booking["id"]))["place"] == "expired"


async def test_a_hold_with_a_part_paid_does_not_end_by_itself(harness: Harness):
    course = await harness.course(capacity=1)
    booking = await recorded(harness, await hold(harness, course), 2000)
    await harness.later(days=8)
    for _ in range(2):
        await harness.worker_round()
    assert (await look(harness, booking["id"]))["place"] == "held"
    (entry,) = await inbox(harness)
    assert (entry["kind"], entry["action"], entry["other_action"]) == (
        "part_paid",
        "give_place",
        "give_back",
    )
    await check_books(harness)


async def part_paid(harness: Harness) -> tuple[dict[str, Any], dict[str, Any]]:
    booking = await recorded(harness, await hold(harness, await harness.course()), 2000)
    await harness.later(days=8)
    await harness.worker_round()
    (entry,) = await inbox(harness)
    return booking, entry


async def act(harness: Harness, entry: dict[str, Any], action: str, amount: int = 2000):
    body = {"action": action, "expect": {"amount": amount, "currency": "eur"}}
    return await harness.post(f"/api/manage/inbox/{entry['id']}/act", OPERATOR, json=body)


async def test_part_paid_and_the_place_is_given(harness: Harness):
    booking, entry = await part_paid(harness)
    answer = await act(harness, entry, "give_place", 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert (await act(harness, entry, "give_place")).status_code == 200
    booking = await look(harness, booking["id"])
    assert booking["place"] == "confirmed"
    assert ("in", "expected", 2500) in hand(booking)
    assert await inbox(harness) == []
    await check_books(harness)


async def test_part_paid_and_the_money_is_given_back(harness: Harness):
    booking, entry = await part_paid(harness)
    assert (await act(harness, entry, "give_back")).status_code == 200
    booking = await look(harness, booking["id"])
    assert booking["place"] == "cancelled"
    assert ("out", "expected", 2000) in hand(booking)
    assert [e["kind"] for e in await inbox(harness)] == ["refund_by_hand"]
    await check_books(harness)


async def test_the_rest_of_a_part_paid_hold_comes_late_and_confirms_it(harness: Harness):
    booking, _ = await part_paid(harness)
    booking = await recorded(harness, await look(harness, booking["id"]), 2500)
    assert booking["place"] == "confirmed"
    assert await inbox(harness) == []


async def test_a_place_on_trust_takes_no_card_payment_and_is_paid_by_hand(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    other = await harness.checkout(sam, await harness.course())
    user_id = (await row_of(harness, other.booking_id)).user_id
    booking = await add(harness, course, {"how": "expected"}, name="", user_id=user_id)
    assert (booking["place"], booking["money"]["payment_status"]) == ("confirmed", "unpaid")
    own = await harness.get(f"/api/bookings/{booking['id']}", sam)
    assert (own.json()["status"], own.json()["can_retry"]) == ("confirmed", False)
    answer = await harness.post(f"/api/bookings/{booking['id']}/retry", sam)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_retryable")
    booking = await recorded(harness, booking, 4500)
    assert booking["money"]["payment_status"] == "paid"
    await harness.worker_round()
    mails = [m["subject"].partition(":")[0] for m in await harness.mails(sam)]
    assert mails == ["Booked", "Payment received"]


async def test_on_a_confirmed_place_a_new_expected_row_takes_the_stead_of_a_void_one(
    harness: Harness,
):
    booking = await add(harness, await harness.course(), {"how": "expected"})
    answer = await void(harness, booking["id"], line_of(booking, "expected"))
    assert hand(answer.json()) == [("in", "expected", 4500), ("in", "void", 4500)]


async def test_received_money_is_not_voided_below_what_went_out(harness: Harness):
    booking = await recorded(harness, await hold(harness, await harness.course()), 5000)
    answer = await void(harness, booking["id"], line_of(booking, "received"))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_actionable")
    assert hand(await look(harness, booking["id"])) == hand(booking)


async def test_a_student_pays_a_hold_by_card_and_the_expected_money_is_void(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    other = await harness.checkout(sam, await harness.course())
    user_id = (await row_of(harness, other.booking_id)).user_id
    booking = await hold(harness, course, name="", user_id=user_id)
    page = await harness.post(f"/api/bookings/{booking['id']}/retry", sam)
    assert page.status_code == 201, page.text
    await harness.later(minutes=36)
    await harness.quiet()
    await harness.worker_round()
    assert (await look(harness, booking["id"]))["place"] == "held", "the page expired"
    page = await harness.post(f"/api/bookings/{booking['id']}/retry", sam)
    await harness.control(f"sessions/{page.json()['session_id']}/pay", card=cards.VISA)
    await harness.quiet()
    booking = await look(harness, booking["id"])
    assert (booking["place"], booking["money"]["payment_status"]) == ("confirmed", "paid")
    assert hand(booking) == [("in", "void", 4500)]
    await check_books(harness)


async def test_a_part_received_by_hand_blocks_the_card(harness: Harness):
    started = await page_of_student(harness, await harness.course(), "sam")
    await recorded(harness, await look(harness, started.booking_id), 2000)
    answer = await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_retryable")
    assert (await harness.booking(started))["can_retry"] is False


async def test_a_debit_on_its_way_is_given_back_when_the_price_came_by_hand(harness: Harness):
    started = await page_of_student(harness, await harness.course(), "sam")
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await recorded(harness, await look(harness, started.booking_id), 4500)
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    await harness.worker_round()
    booking = await look(harness, started.booking_id)
    assert (booking["place"], booking["money"]["kept"]["amount"]) == ("confirmed", 4500)
    books = await check_books(harness)
    assert [refund.cause for refund in books.refunds] == ["second_payment"]


async def test_cancelling_gives_back_by_card_first_and_then_by_hand(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    booking = await look(harness, started.booking_id)
    booking = await recorded(harness, booking, 1000)
    assert hand(booking) == [("in", "received", 1000), ("out", "expected", 1000)], "above the price"
    answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    assert answer.status_code == 200, answer.text
    booking = await look(harness, started.booking_id)
    assert booking["money"]["kept"]["amount"] == 0
    books = await check_books(harness)
    assert [(r.amount, r.cause) for r in books.refunds] == [(4500, "cancelled")]


async def test_the_price_in_cash_goes_back_by_hand_by_the_terms(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(starts_in=timedelta(days=5))
    other = await harness.checkout(sam, await harness.course())
    user_id = (await row_of(harness, other.booking_id)).user_id
    booking = await add(harness, course, {"how": "received"}, name="", user_id=user_id)
    promised = booking["money"]["promised_now"]["amount"]
    assert 0 < promised < 4500
    answer = await harness.post(f"/api/bookings/{booking['id']}/cancel", sam)
    assert answer.status_code == 200, answer.text
    booking = await look(harness, booking["id"])
    assert hand(booking) == [("in", "received", 4500), ("out", "expected", promised)]
    assert booking["money"]["stays"]["amount"] == 4500 - promised
    await check_books(harness)


@pytest.mark.parametrize("amount", [0, -1, 10**9])
async def test_an_impossible_amount_is_refused(harness: Harness, amount: int):
    booking = await hold(harness, await harness.course())
    answer = await record(harness, booking, amount)
    assert answer.status_code == 422


async def test_a_stale_sum_is_refused_and_two_at_once_record_once(harness: Harness):
    booking = await add(harness, await harness.course(), {"how": "expected"})
    await recorded(harness, booking, 1000)
    answer = await record(harness, booking, 1000)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert answer.json()["expect"]["amount"] == 1000


async def move(
    harness: Harness, booking: dict[str, Any], to: Course, **more: Any
) -> dict[str, Any]:
    body = {"course_id": to.id, "expect": booking["expect"]} | more
    path = f"/api/manage/bookings/{booking['id']}/move"
    answer = await harness.post(path, OPERATOR, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_move_to_a_cheaper_course_gives_the_difference_back_by_hand(harness: Harness):
    cheap = await harness.course(price=eur(35))
    booking = await add(harness, await harness.course(), {"how": "received"})
    booking = await move(harness, booking, cheap, difference="give_back")
    assert hand(booking) == [("in", "received", 4500), ("out", "expected", 1000)]
    assert [entry["kind"] for entry in await inbox(harness)] == ["refund_by_hand"]
    await check_books(harness)


async def test_a_move_voids_expected_money_and_expects_it_anew(harness: Harness):
    cheap = await harness.course(price=eur(35))
    booking = await add(harness, await harness.course(), {"how": "expected", "reference": "R-1"})
    booking = await move(harness, booking, cheap)
    assert hand(booking) == [("in", "expected", 3500), ("in", "void", 4500)]
    assert line_of(booking, "expected")["reference"] == "R-1"
    await check_books(harness)


async def test_a_move_to_a_dearer_course_records_the_difference(harness: Harness):
    dear, sam = await harness.course(price=eur(55), capacity=1), harness.student("sam")
    started = await harness.confirmed(sam, await harness.course())
    booking, path = (
        await look(harness, started.booking_id),
        f"/api/manage/bookings/{started.booking_id}/move",
    )
    body = {"course_id": dear.id, "difference": "recorded"}
    shown = await harness.post(path, OPERATOR, json=body | {"dry_run": True})
    assert shown.json()["expect"] == {"amount": 4500, "currency": "eur", "price": 5500}
    assert shown.json()["to_record"]["amount"] == 1000
    tomorrow = (harness.clock() + timedelta(days=2)).date().isoformat()
    payment = {"method": "transfer", "received_on": tomorrow, "reference": "R-7"}
    body |= {"expect": shown.json()["expect"], "payment": payment}
    refused = await harness.post(path, OPERATOR, json=body)
    assert refused.json()["errors"][0]["pointer"] == "/payment/received_on"
    assert hand(await look(harness, started.booking_id)) == []
    del payment["received_on"]
    booking = (await harness.post(path, OPERATOR, json=body)).json()
    assert hand(booking) == [("in", "received", 1000)]
    assert line_of(booking, "received")["reference"] == "R-7"
    assert (booking["money"]["price"]["amount"], booking["money"]["kept"]["amount"]) == (5500, 5500)
    assert booking["money"]["payment_status"] == "paid"
    await harness.worker_round()
    assert "the difference of €10.00" in (await harness.mails(sam))[-1]["text"]
    await check_books(harness)
    back = {"give_back": "all", "reason": "ill", "expect": booking["expect"]}
    answer = await harness.post(f"/api/manage/bookings/{booking['id']}/cancel", OPERATOR, json=back)
    assert answer.status_code == 200, answer.text
    assert hand(answer.json()) == [("in", "received", 1000), ("out", "expected", 1000)]
    await check_books(harness)


async def test_the_story_of_a_booking_by_the_school_tells_what_was_done(harness: Harness):
    """The school booked it; and nobody without an address was written to."""
    booking = await add(harness, await harness.course(), {"how": "received"})
    await harness.post(
        f"/api/manage/bookings/{booking['id']}/cancel",
        OPERATOR,
        json={"give_back": "all", "reason": "ill", "tell": True, "expect": booking["expect"]},
    )
    await harness.worker_round()
    facts = [step["fact"] for step in (await look(harness, booking["id"]))["story"]]
    assert facts[0] == "booked_by_school"
    assert not [fact for fact in facts if fact.startswith("mail_")]
    assert [entry["kind"] for entry in await inbox(harness)] == ["refund_by_hand"]
