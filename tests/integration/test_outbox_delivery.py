"""Outbox messages: handled at least once, on time, and moved to the inbox if they keep failing."""

from datetime import timedelta

import pytest

from coursebook.mail.smtp import MailNotSent
from coursebook.persistence.repositories.outbox import MAX_ATTEMPTS
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import locked_booking_of
from tests.support.harness import OPERATOR, Harness, eur


async def promises(harness: Harness, kind: str = "mail:booked"):
    return [m for m in (await read_books(harness)).outbox if m.kind == kind]


def break_mail(
    harness: Harness, monkeypatch, *, permanent: bool = False, times: int = 10**6
) -> list:
    """Make the next mails fail; return the list of attempts."""
    tries: list[str] = []
    sender = harness.services.outbox._sender
    send = sender.send

    async def fails(mail, *, key):
        tries.append(key)
        if len(tries) <= times:
            raise MailNotSent("the server is away", permanent=permanent)
        await send(mail, key=key)

    monkeypatch.setattr(sender, "send", fails)
    return tries


async def test_a_mail_is_sent_once_over_many_worker_rounds(harness: Harness):
    sam = harness.student("sam")
    await harness.confirmed(sam, await harness.course(price=eur(0)))
    for _ in range(3):
        await harness.worker_round()
        harness.clock.advance(timedelta(hours=1))
    assert len(await harness.mails(sam)) == 1
    (message,) = await promises(harness)
    assert message.done_at is not None


async def test_a_mail_that_cannot_be_sent_is_tried_again_with_growing_pauses(
    harness: Harness, monkeypatch
):
    sam = harness.student("sam")
    tries = break_mail(harness, monkeypatch, times=3)
    await harness.confirmed(sam, await harness.course(price=eur(0)))
    pauses = []
    for _ in range(4):
        await harness.worker_round()
        (message,) = await promises(harness)
        if message.done_at is None:
            pauses.append(round((message.next_try_at - harness.clock()).total_seconds()))
            await harness.worker_round()
            harness.clock.advance(message.next_try_at - harness.clock())
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[1] < pauses[2]
    assert len(tries) == 4, "not before its time"
    assert len(set(tries)) == 1, "the same key each time"
    assert len(await harness.mails(sam)) == 1


async def test_after_many_tries_an_inbox_entry_is_opened(sqlite_harness: Harness, monkeypatch):
    harness = sqlite_harness
    tries = break_mail(harness, monkeypatch)
    await harness.confirmed(harness.student("sam"), await harness.course(price=eur(0)))
    for _ in range(MAX_ATTEMPTS + 3):
        await harness.worker_round()
        harness.clock.advance(timedelta(hours=2))
    assert len(tries) == MAX_ATTEMPTS
    (message,) = await promises(harness)
    assert message.is_dead
    books = await check_books(harness)
    assert [e.kind for e in books.inbox] == ["promise_not_kept"]
    assert "the server is away" in books.inbox[0].detail


async def test_an_address_that_the_server_refuses_for_good_is_not_tried_again(
    harness: Harness, monkeypatch
):
    tries = break_mail(harness, monkeypatch, permanent=True, times=1)
    course = await harness.course(price=eur(0))
    started = await harness.confirmed(harness.student("sam"), course)
    for _ in range(3):
        await harness.worker_round()
        harness.clock.advance(timedelta(hours=2))
    assert len(tries) == 1
    assert [e.kind for e in (await check_books(harness)).inbox] == ["promise_not_kept"]
    assert await failed_mails(harness, course) == [True]
    path = f"/api/manage/bookings/{started.booking_id}/resend"
    assert (await harness.post(path, OPERATOR)).status_code < 300
    await harness.worker_round()
    assert await failed_mails(harness, course) == [False], "a later one arrived"


async def failed_mails(harness: Harness, course: Course) -> list[bool]:
    """Return for each person of the roster whether their last mail failed."""
    answer = await harness.get(f"/api/manage/courses/{course.id}/people", OPERATOR)
    return [person["has_failed_mail"] for person in answer.json()["items"]]


@pytest.mark.parametrize("kind", ["mail:never_heard_of", "dance"])
async def test_an_unknown_message_goes_to_the_inbox_and_blocks_nothing(
    sqlite_harness: Harness, kind: str
):
    harness, sam = sqlite_harness, sqlite_harness.student("sam")
    started = await harness.confirmed(sam, await harness.course(price=eur(0)))
    async with writing(harness.services.context.database) as work:
        early = harness.clock() - timedelta(days=1)
        await work.outbox.enqueue(kind, "k", {}, early, booking_id=started.booking_id)
    await harness.worker_round()
    assert len(await harness.mails(sam)) == 1
    assert [e.kind for e in (await check_books(harness)).inbox] == ["promise_not_kept"]


async def test_a_bug_in_one_message_does_not_block_the_others(
    sqlite_harness: Harness,
):
    harness, sam = sqlite_harness, sqlite_harness.student("sam")
    await harness.confirmed(sam, await harness.course(price=eur(0)))
    async with writing(harness.services.context.database) as work:
        early = harness.clock() - timedelta(days=1)
        await work.outbox.enqueue("refund", "k", {"not": "what it should be"}, early)
    await harness.worker_round()
    assert len(await harness.mails(sam)) == 1
    (broken,) = await promises(harness, "refund")
    assert (broken.done_at, broken.tries) == (None, 1)
    assert "KeyError" in (broken.last_error or "")


async def test_message_and_change_are_committed_together(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())

    async def dies() -> None:
        async with locked_booking_of(harness, started) as locked:
            await locked.enqueue_mail("booked")
            raise RuntimeError("the process dies here")

    with pytest.raises(RuntimeError):
        await dies()
    assert await promises(harness) == []


async def test_a_repeated_message_is_stored_once(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    for _ in range(2):
        async with locked_booking_of(harness, started) as locked:
            await locked.enqueue_mail("hold_expired", occasion=1)
    async with locked_booking_of(harness, started) as locked:
        await locked.enqueue_mail("hold_expired", occasion=2)
    assert len(await promises(harness, "mail:hold_expired")) == 2


async def test_a_message_of_a_dead_process_is_taken_over(harness: Harness, monkeypatch):
    sam = harness.student("sam")
    await harness.confirmed(sam, await harness.course(price=eur(0)))
    async with writing(harness.services.context.database) as work:
        taken = await work.outbox.claim(harness.clock(), 1)
    assert len(taken) == 1
    await harness.worker_round()
    assert await harness.mails(sam) == [], "it is claimed by another process"
    harness.clock.advance(timedelta(minutes=4))
    await harness.worker_round()
    assert len(await harness.mails(sam)) == 1


async def test_a_slow_mail_server_never_lets_claims_run_out(sqlite_harness: Harness, monkeypatch):
    """Messages are claimed one by one, so the claims of later ones cannot expire."""
    harness = sqlite_harness
    for name in ("sam", "sue", "ann"):
        await harness.confirmed(harness.student(name), await harness.course(price=eur(0)))
    sender = harness.services.outbox._sender
    sent: list[str] = []

    async def slow(_mail, *, key):
        sent.append(key)
        harness.clock.advance(timedelta(seconds=50))
        if len(sent) == 1:
            await harness.services.outbox.run()  # a round of the other process

    monkeypatch.setattr(sender, "send", slow)
    await harness.services.outbox.run()
    assert sorted(sent) == sorted(set(sent))
    assert len(sent) == 3
