"""What was promised is done at least once, in its time, and given to a person when it cannot be."""

from datetime import timedelta

import pytest

from coursebook.mail.smtp import MailNotSent
from coursebook.persistence.repositories.outbox import MAX_ATTEMPTS
from coursebook.persistence.unit_of_work import writing
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import ledger_of
from tests.support.harness import World, eur


async def promises(world: World, kind: str = "mail:booked"):
    return [m for m in (await read_books(world)).outbox if m.kind == kind]


def break_mail(world: World, monkeypatch, *, permanent: bool = False, times: int = 10**6) -> list:
    """Let the next mails fail; returns the list of tries."""
    tries: list[str] = []
    sender = world.services.outbox._sender
    send = sender.send

    async def fails(mail, *, key):
        tries.append(key)
        if len(tries) <= times:
            raise MailNotSent("the server is away", permanent=permanent)
        await send(mail, key=key)

    monkeypatch.setattr(sender, "send", fails)
    return tries


async def test_a_mail_is_sent_once_however_often_the_worker_comes_round(world: World):
    sam = world.student("sam")
    await world.confirmed(sam, await world.course(price=eur(0)))
    for _ in range(3):
        await world.worker_round()
        world.clock.advance(timedelta(hours=1))
    assert len(await world.mails(sam)) == 1
    (message,) = await promises(world)
    assert message.done_at is not None


async def test_a_mail_that_cannot_be_sent_is_tried_again_with_growing_pauses(
    world: World, monkeypatch
):
    sam = world.student("sam")
    tries = break_mail(world, monkeypatch, times=3)
    await world.confirmed(sam, await world.course(price=eur(0)))
    pauses = []
    for _ in range(4):
        await world.worker_round()
        (message,) = await promises(world)
        if message.done_at is None:
            pauses.append(round((message.next_try_at - world.clock()).total_seconds()))
            await world.worker_round()
            world.clock.advance(message.next_try_at - world.clock())
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[1] < pauses[2]
    assert len(tries) == 4, "not before its time"
    assert len(set(tries)) == 1, "the same key each time"
    assert len(await world.mails(sam)) == 1


async def test_after_many_tries_a_person_is_asked(sqlite_world: World, monkeypatch):
    world = sqlite_world
    tries = break_mail(world, monkeypatch)
    await world.confirmed(world.student("sam"), await world.course(price=eur(0)))
    for _ in range(MAX_ATTEMPTS + 3):
        await world.worker_round()
        world.clock.advance(timedelta(hours=2))
    assert len(tries) == MAX_ATTEMPTS
    (message,) = await promises(world)
    assert message.is_dead
    books = await check_books(world)
    assert [e.kind for e in books.inbox] == ["promise_not_kept"]
    assert "the server is away" in books.inbox[0].detail


async def test_an_address_that_the_server_refuses_for_good_is_not_tried_again(
    world: World, monkeypatch
):
    tries = break_mail(world, monkeypatch, permanent=True)
    await world.confirmed(world.student("sam"), await world.course(price=eur(0)))
    for _ in range(3):
        await world.worker_round()
        world.clock.advance(timedelta(hours=2))
    assert len(tries) == 1
    assert [e.kind for e in (await check_books(world)).inbox] == ["promise_not_kept"]


@pytest.mark.parametrize("kind", ["mail:never_heard_of", "dance"])
async def test_a_promise_that_nobody_knows_goes_to_a_person_and_stops_nothing(
    sqlite_world: World, kind: str
):
    world, sam = sqlite_world, sqlite_world.student("sam")
    started = await world.confirmed(sam, await world.course(price=eur(0)))
    async with writing(world.services.context.database) as work:
        early = world.clock() - timedelta(days=1)
        await work.outbox.promise(kind, "k", {}, early, booking_id=started.booking_id)
    await world.worker_round()
    assert len(await world.mails(sam)) == 1
    assert [e.kind for e in (await check_books(world)).inbox] == ["promise_not_kept"]


async def test_a_mistake_of_ours_in_one_promise_does_not_stop_the_others(
    sqlite_world: World,
):
    world, sam = sqlite_world, sqlite_world.student("sam")
    await world.confirmed(sam, await world.course(price=eur(0)))
    async with writing(world.services.context.database) as work:
        early = world.clock() - timedelta(days=1)
        await work.outbox.promise("refund", "k", {"not": "what it should be"}, early)
    await world.worker_round()
    assert len(await world.mails(sam)) == 1
    (broken,) = await promises(world, "refund")
    assert (broken.done_at, broken.tries) == (None, 1)
    assert "KeyError" in (broken.last_error or "")


async def test_promise_and_change_are_written_together_or_not_at_all(world: World):
    started = await world.checkout(world.student("sam"), await world.course())

    async def dies() -> None:
        async with ledger_of(world, started) as ledger:
            await ledger.promise_mail("booked")
            raise RuntimeError("the process dies here")

    with pytest.raises(RuntimeError):
        await dies()
    assert await promises(world) == []


async def test_the_same_promise_twice_is_one(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    for _ in range(2):
        async with ledger_of(world, started) as ledger:
            await ledger.promise_mail("hold_expired", occasion=1)
    async with ledger_of(world, started) as ledger:
        await ledger.promise_mail("hold_expired", occasion=2)
    assert len(await promises(world, "mail:hold_expired")) == 2


async def test_a_process_that_died_over_a_promise_leaves_it_to_the_next(world: World, monkeypatch):
    sam = world.student("sam")
    await world.confirmed(sam, await world.course(price=eur(0)))
    async with writing(world.services.context.database) as work:
        taken = await work.outbox.claim(world.clock(), 1)
    assert len(taken) == 1
    await world.worker_round()
    assert await world.mails(sam) == [], "somebody else has it"
    world.clock.advance(timedelta(minutes=4))
    await world.worker_round()
    assert len(await world.mails(sam)) == 1


async def test_a_slow_mail_server_never_lets_another_worker_take_what_waits_behind(
    sqlite_world: World, monkeypatch
):
    """Taken one by one: the claims of later messages cannot run out meanwhile."""
    world = sqlite_world
    for name in ("sam", "sue", "ann"):
        await world.confirmed(world.student(name), await world.course(price=eur(0)))
    sender = world.services.outbox._sender
    sent: list[str] = []

    async def slow(_mail, *, key):
        sent.append(key)
        world.clock.advance(timedelta(seconds=50))
        if len(sent) == 1:
            await world.services.outbox.run()  # the other process comes round

    monkeypatch.setattr(sender, "send", slow)
    await world.services.outbox.run()
    assert sorted(sent) == sorted(set(sent))
    assert len(sent) == 3
