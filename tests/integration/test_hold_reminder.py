"""«Your place is held a little longer»: once, only when unpaid, and with time enough to act."""

from datetime import timedelta
from email import message_from_string
from email.policy import default

from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.booking_states import in_a_hurry
from tests.support.harness import Started, World, eur


async def rounds_until(world: World, **left: float) -> None:
    """Let the clock come to so much before the end of the hold, the worker coming round twice."""
    world.clock.advance(world.services.context.hold - timedelta(**left))
    for _ in range(2):
        await world.worker_round()


async def subjects(world: World, started: Started) -> list[str]:
    return [m["subject"].partition(":")[0] for m in await world.mails(started.student)]


async def test_who_has_not_paid_is_reminded_once_with_the_time_in_the_courses_zone(world: World):
    started = await world.checkout(world.student("sam"), await world.course(timezone="Asia/Tokyo"))
    await rounds_until(world, minutes=10)
    world.clock.advance(timedelta(minutes=3))
    await world.worker_round()
    (mail,) = await world.mails(started.student)
    assert mail["subject"].startswith("Your place is held a little longer: ")
    body = message_from_string(mail["raw"], policy=default).get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    assert "Tokyo time. We have not received your payment of €45.00 yet." in text
    assert await world.status_of(started) == "pending"


async def test_nobody_is_reminded_early_or_when_it_is_too_late_to_act(world: World):
    early = await world.checkout(world.student("sam"), await world.course())
    await rounds_until(world, minutes=14)
    assert await subjects(world, early) == []
    world.clock.advance(timedelta(minutes=11))
    await world.worker_round()
    assert await subjects(world, early) == []


async def test_who_has_paid_unheard_is_confirmed_instead(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started)
    await rounds_until(world, minutes=10)
    assert await subjects(world, started) == ["Booked"]


async def test_a_payment_on_its_way_and_a_free_place_are_not_reminded(world: World):
    slow = await world.checkout(world.student("sam"), await world.course())
    await world.pay(slow, cards.DEBIT_SUCCEEDS_LATER)
    free = await world.checkout(world.student("sue"), await world.course(price=eur(0)))
    await rounds_until(world, minutes=10)
    assert await subjects(world, slow) == ["Payment on its way"]
    assert await subjects(world, free) == ["Booked"]


async def test_a_declined_card_is_reminded_and_a_new_try_anew(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started, cards.DECLINED)
    await rounds_until(world, minutes=10)
    await world.later(minutes=40)
    await world.worker_round()
    again = await world.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert again.status_code == 201
    await rounds_until(world, minutes=10)
    said = await subjects(world, started)
    assert said.count("Your place is held a little longer") == 2


async def test_while_stripe_is_silent_nothing_is_said(world: World, monkeypatch):
    in_a_hurry(world, monkeypatch)
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("faults", count=60, kind="500", method="GET")
    await rounds_until(world, minutes=10)
    assert await subjects(world, started) == []
    assert [m.kind for m in (await read_books(world)).outbox] == []
    await world.control("faults", count=0)
    await world.worker_round()
    assert await subjects(world, started) == ["Your place is held a little longer"]


async def test_a_mail_that_comes_out_too_late_is_not_sent(world: World, monkeypatch):
    started = await world.checkout(world.student("sam"), await world.course())
    with monkeypatch.context() as patch:
        patch.setattr(world.services.outbox, "run", _nothing)
        await rounds_until(world, minutes=10)
    world.clock.advance(timedelta(minutes=8))
    await world.worker_round()
    assert await subjects(world, started) == []
    (message,) = (await read_books(world)).outbox
    assert message.done_at is not None


async def _nothing() -> int:
    return 0
