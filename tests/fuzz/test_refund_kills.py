"""kill -9 at random moments while an operator gives money back; Stripe's sum is always ours."""

import asyncio
import random
import shutil
import time

import pytest

from tests.fuzz.money_oracle import check_against_stripe, wait_until_idle
from tests.fuzz.processes import ProcessHarness, ProductProcess, product_processes
from tests.fuzz.test_process_kills import AHEAD, IDLE_TIMEOUT, beside, book_and_pay
from tests.support.harness import OPERATOR, Harness

KILLS = 3
MAX_KILL_SECONDS = 0.5
PRICE, PART = 4500, 1500


async def confirmed_booking(harness: Harness, name: str, course_id: str) -> str:
    """Book and pay; return the booking's id."""
    student = harness.student(name)
    async with asyncio.timeout(IDLE_TIMEOUT):
        while True:
            await book_and_pay(harness, name, course_id)
            items = (await harness.get("/api/bookings", student)).json()["items"]
            if [item["status"] for item in items] == ["confirmed"]:
                return str(items[0]["id"])
            await asyncio.sleep(0.05)


async def give_back(harness: Harness, booking_id: str) -> int:
    """Ask for a refund, bound to what was kept before the first try; return the status."""
    body = {"amount": PART, "reason": "x", "expect": {"amount": PRICE, "currency": "eur"}}
    path = f"/api/manage/bookings/{booking_id}/refund"
    return (await harness.post(path, OPERATOR, json=body)).status_code


async def kill_during(harness: Harness, program: ProductProcess, booking_id: str) -> None:
    """Kill the program at a random moment after the click."""
    moment = random.Random().uniform(0, MAX_KILL_SECONDS)
    call = asyncio.create_task(give_back(harness, booking_id))
    began = time.monotonic()
    while time.monotonic() - began < moment:  # noqa: ASYNC110 - it is another process
        await asyncio.sleep(0.005)
    program.kill()
    await asyncio.gather(call, return_exceptions=True)


async def test_a_kill_while_money_goes_back_loses_and_doubles_nothing(
    process_harness: ProcessHarness, request: pytest.FixtureRequest, scale: float
):
    kills, path = int(KILLS * scale), process_harness.folder / "refunds.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    with product_processes(process_harness, f"sqlite:///{path}", [process_harness.port]) as made:
        (program,) = made
        async with beside(process_harness.sandbox, f"sqlite:///{path}", program) as harness:
            since = int((await harness.control("clock/advance", seconds=0))["now"])
            course = await harness.course(capacity=kills)
            await asyncio.to_thread(program.start)
            for number in range(kills):
                booking_id = await confirmed_booking(harness, f"sam{number}", course.id)
                await kill_during(harness, program, booking_id)
                await harness.control("clock/advance", seconds=AHEAD)
                ahead = str(AHEAD * (number + 1))
                await asyncio.to_thread(program.start, FUZZ_AHEAD=ahead)
                assert await give_back(harness, booking_id) in (200, 409)
            await wait_until_idle(harness, seconds=IDLE_TIMEOUT)
            result = await check_against_stripe(harness, since=since)
            program.kill()
    assert [refund.amount for refund in result.books.refunds] == [PART] * kills
    assert {booking.place for booking in result.books.bookings} == {"confirmed"}
    assert (result.paid, result.refunds) == (kills, kills)
    process_harness.figures.append(f"kill -9 during refunds: {kills} kills, {kills} refunds")
