"""Refunds and cancellations by operators: sums, refusals, mails, and Stripe's side of them."""

import asyncio
import email
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from coursebook.domain.terms import Terms, TermStep
from tests.contract.test_api_managed_bookings import money, path_of, problem, seen
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Started
from tests.support.stripe_objects import charge_of, refunds_at_stripe

HALF = Terms((TermStep(40 * 24, 100), TermStep(24, 50)))
"""Half of the price comes back until the day before the start; the first step is over."""


async def paid(harness: Harness, **course: Any) -> Started:
    return await harness.confirmed(harness.student("sam"), await harness.course(**course))


async def refund(
    harness: Harness, started: Started, amount: int, kept: int = 4500, **more: Any
) -> httpx.Response:
    body = {"amount": amount, "reason": "Half of it took place.", "expect": money(kept)} | more
    return await harness.post(path_of(started, "/refund"), OPERATOR, json=body)


async def cancel(
    harness: Harness, started: Started, give_back: Any, kept: int = 4500, **more: Any
) -> httpx.Response:
    body = {"give_back": give_back, "expect": money(kept)} | more
    return await harness.post(path_of(started, "/cancel"), OPERATOR, json=body)


async def mail_about(harness: Harness, started: Started, subject: str) -> str:
    await harness.worker_round()
    (mail,) = [m for m in await harness.mails(started.student) if subject in m["subject"]]
    return str(mail["text"])


async def back_at_stripe(harness: Harness, started: Started) -> list[int]:
    return [one["amount"] for one in await refunds_at_stripe(harness, started)]


def calendar_methods(mail: dict[str, Any]) -> list[str]:
    parts = email.message_from_string(mail["raw"]).walk()
    files = [part for part in parts if part.get_content_type() == "text/calendar"]
    methods = (re.search(rb"METHOD:(\w+)", part.get_payload(decode=True)) for part in files)
    return [found[1].decode() for found in methods if found]


def pointer(answer: httpx.Response) -> str:
    assert answer.status_code == 422, answer.text
    return str(answer.json()["errors"][0]["pointer"])


async def test_a_part_goes_back_and_the_place_stays(harness: Harness):
    started = await paid(harness)
    answer = await refund(harness, started, 1500, note="Sorry about the kiln.\nSee you!")
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert (view["place"], view["money"]["payment_status"]) == ("confirmed", "partially_refunded")
    assert (view["expect"], view["money"]["given_back"]) == (money(3000), money(1500))
    (line,) = [line for line in view["money"]["lines"] if line["kind"] == "refund"]
    assert (line["reason"], line["by"]) == ("Half of it took place.", "Olga Operator")
    text = await mail_about(harness, started, "Refund of €15.00")
    for words in ("€15.00", "Half of it took place.", "Sorry about the kiln.", "See you!"):
        assert words in text
    assert await back_at_stripe(harness, started) == [1500]
    own = await harness.booking(started)
    assert (own["status"], own["payment_status"]) == ("confirmed", "partially_refunded")
    assert own["refund_if_cancelled"] == money(3000)
    assert "kiln" not in str((await check_books(harness)).audit)


async def test_a_refund_needs_what_the_operator_saw(harness: Harness):
    started = await paid(harness)
    blind = {"amount": 1500, "reason": "x"}
    unseen = await harness.post(path_of(started, "/refund"), OPERATOR, json=blind)
    assert pointer(unseen) == "/expect"
    assert pointer(await refund(harness, started, 0)) == "/amount"
    assert pointer(await refund(harness, started, 1500, reason="  ")) == "/reason"
    assert (await refund(harness, started, 1500)).status_code == 200
    stale = await refund(harness, started, 1500)
    assert problem(stale) == (409, "changed_meanwhile")
    assert stale.json()["expect"] == money(3000)
    assert pointer(await refund(harness, started, 3001, kept=3000)) == "/amount"
    assert (await refund(harness, started, 3000, kept=3000)).status_code == 200
    assert problem(await refund(harness, started, 1, kept=0)) == (409, "nothing_to_refund")
    await harness.worker_round()
    assert await back_at_stripe(harness, started) == [3000, 1500]
    await check_books(harness)


@pytest.mark.both_databases
async def test_of_two_operators_at_the_same_instant_one_gives_back(harness: Harness):
    started = await paid(harness)
    answers = await asyncio.gather(*(refund(harness, started, 1500) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    await harness.worker_round()
    assert await back_at_stripe(harness, started) == [1500]


async def test_the_same_key_gives_back_once(harness: Harness):
    started = await paid(harness)
    body = {"amount": 1500, "reason": "x", "expect": money(4500)}
    for _ in range(2):
        answer = await harness.post(
            path_of(started, "/refund"), OPERATOR, json=body, headers={"Idempotency-Key": "one"}
        )
        assert answer.status_code == 200
    assert answer.headers["Idempotent-Replayed"] == "true"
    await harness.worker_round()
    assert await back_at_stripe(harness, started) == [1500]


async def test_disputed_and_unpaid_money_is_not_given_back(harness: Harness):
    started = await paid(harness)
    await harness.control(f"charges/{await charge_of(harness, started)}/dispute")
    await harness.quiet()
    assert problem(await refund(harness, started, 1500)) == (409, "disputed")
    assert problem(await refund(harness, started, 1500, cancel_place=True)) == (409, "disputed")
    held = await harness.checkout(harness.student("paul"), await harness.course())
    assert problem(await refund(harness, held, 1, kept=0)) == (409, "nothing_to_refund")


async def test_after_the_course_money_can_still_go_back(harness: Harness):
    started = await paid(harness, starts_in=timedelta(days=2))
    harness.clock.advance(timedelta(days=9))
    assert (await refund(harness, started, 1500)).json()["place"] == "confirmed"
    await harness.worker_round()
    assert await back_at_stripe(harness, started) == [1500]


async def test_a_refund_can_end_the_place_too(harness: Harness):
    started = await paid(harness)
    refused = await refund(harness, started, 1500, cancel_place=True)
    assert pointer(refused) == "/agreed"
    done = await refund(harness, started, 1500, cancel_place=True, agreed=True, note="Bye")
    view = done.json()
    assert (view["place"], view["end_cause"]) == ("cancelled", "operator")
    assert (view["money"]["stays"], view["money"]["stays_why"]) == (
        money(3000),
        "Half of it took place.",
    )
    assert "Bye" in await mail_about(harness, started, "Refund of")
    await check_books(harness)


async def test_what_was_kept_of_an_ended_booking_can_go_back_later(harness: Harness):
    started = await paid(harness, terms=HALF)
    assert (await cancel(harness, started, "terms")).status_code == 200
    view = (await refund(harness, started, 1000, kept=2250)).json()
    assert (view["money"]["kept"], view["money"]["stays"]) == (money(1250), money(1250))
    await harness.worker_round()
    assert sorted(await back_at_stripe(harness, started)) == [1000, 2250]
    await check_books(harness)


@pytest.mark.parametrize(
    ("give_back", "back", "why"),
    [
        ("none", 0, "Never came."),
        ("terms", 2250, "terms"),
        ("all", 4500, ""),
        ({"amount": 3000}, 3000, "Never came."),
    ],
)
async def test_every_choice_of_cancelling_has_its_sums(
    harness: Harness, give_back: Any, back: int, why: str
):
    started = await paid(harness, terms=HALF)
    sums = (await seen(harness, started))["money"]
    assert sums["promised_now"] == money(2250)
    answer = await cancel(harness, started, give_back, reason="Never came.", agreed=True)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert view["place"] == "cancelled"
    assert (view["money"]["kept"], view["money"]["stays"]) == (
        money(4500 - back),
        money(4500 - back),
    )
    assert view["money"]["stays_why"] == why
    await harness.worker_round()
    assert await back_at_stripe(harness, started) == ([back] if back else [])
    (mail,) = [m for m in await harness.mails(started.student) if "Cancelled" in m["subject"]]
    assert set(calendar_methods(mail)) == {"CANCEL"}
    assert mail["text"].count("Never came.") == 1
    books = await check_books(harness)
    assert [course.confirmed for course in books.courses] == [0]
    assert problem(await cancel(harness, started, "all", kept=4500 - back)) == (
        409,
        "not_cancellable",
    )


async def test_less_than_promised_must_be_agreed_and_explained(harness: Harness):
    started = await paid(harness, terms=HALF)
    assert pointer(await cancel(harness, started, "none", reason="x")) == "/agreed"
    assert pointer(await cancel(harness, started, "none", agreed=True)) == "/reason"
    assert pointer(await cancel(harness, started, {"amount": 2249}, reason="x")) == "/agreed"
    assert pointer(await cancel(harness, started, {"amount": 3000})) == "/reason"
    too_much = await cancel(harness, started, {"amount": 4501}, reason="x")
    assert pointer(too_much) == "/give_back/amount"
    assert (await seen(harness, started))["place"] == "confirmed"
    assert await back_at_stripe(harness, started) == []


async def test_cancelling_is_bound_to_what_was_kept_and_promised(harness: Harness):
    started = await paid(harness, terms=HALF)
    stale = await cancel(harness, started, "all", kept=4400)
    assert problem(stale) == (409, "changed_meanwhile")
    seen_before = money(4500) | {"promised": 4500}
    over = await cancel(harness, started, "terms", expect=seen_before)
    assert problem(over) == (409, "changed_meanwhile")
    assert "€22.50" in over.json()["detail"]
    now = await cancel(harness, started, "terms", expect=money(4500) | {"promised": 2250})
    assert now.json()["place"] == "cancelled"


async def test_whoever_is_not_told_gets_no_mail_about_it(harness: Harness):
    started = await paid(harness)
    assert (await cancel(harness, started, "all", tell=False)).status_code == 200
    await harness.worker_round()
    subjects = [m["subject"].partition(":")[0] for m in await harness.mails(started.student)]
    assert sorted(subjects) == ["Booked", "Refund of €45.00"]


async def test_a_place_without_money_is_cancelled_and_its_page_closed(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course(capacity=1))
    answer = await cancel(harness, started, "none", kept=0)
    assert (answer.status_code, answer.json()["place"]) == (200, "cancelled")
    assert (await check_books(harness)).courses[-1].held == 0


async def test_money_by_hand_is_given_back_by_hand(harness: Harness):
    course = await harness.course(terms=HALF)
    pay = {"how": "received", "method": "cash"}
    body = {"name": "Gerda Gast", "pay": pay}
    path = f"/api/manage/courses/{course.id}/bookings"
    made = (await harness.post(path, OPERATOR, json=body)).json()
    expect, path = {"expect": money(4500)}, f"/api/manage/bookings/{made['id']}"
    part = {"amount": 1000, "reason": "Late."} | expect
    answer = await harness.post(f"{path}/refund", OPERATOR, json=part)
    assert answer.json()["expect"] == money(3500), answer.text
    rest = {"give_back": "terms", "expect": money(3500)}
    view = (await harness.post(f"{path}/cancel", OPERATOR, json=rest)).json()
    assert (view["money"]["stays"], view["money"]["stays_why"]) == (money(2250), "terms")
    assert view["expect"] == money(2250)
    books = await check_books(harness)
    assert sorted(row.amount for row in books.by_hand) == [1000, 1250, 4500]
    assert [entry.kind for entry in books.inbox].count("refund_by_hand") == 2
    resent = await harness.post(f"{path}/resend", OPERATOR)
    assert problem(resent) == (409, "not_actionable")
