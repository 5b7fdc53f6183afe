"""An answer never says that something failed although it was stored.

Each act is sent again and again, each time to new rows: first the database is away from the first
commit on, then from the second, and so on, until the act succeeds.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from coursebook.domain.inbox import InboxKind
from coursebook.persistence import unit_of_work
from coursebook.persistence.engine.transaction import transaction
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.schema.tables import AuditEntry, OutboxMessage
from coursebook.persistence.unit_of_work import writing
from tests.support.harness import OPERATOR, Harness, Student

Send = Callable[[], Awaitable[httpx.Response]]
Act = Callable[[Harness], Awaitable[Send]]
EUR_45 = {"amount": 4500, "currency": "eur"}
MOST_COMMITS = 6
ACTS: dict[str, Act] = {}


def act(made: Act) -> Act:
    """Add an act: it makes rows and returns how to send the call about them."""
    ACTS[made.__name__.strip("_").replace("_", " ")] = made
    return made


@contextmanager
def away_after(commits: int) -> Iterator[None]:
    """Let no transaction begin after so many that wrote something."""
    left = commits

    @asynccontextmanager
    async def counted(sessions: Any, *on_commit: Any) -> AsyncIterator[Any]:
        nonlocal left
        if left <= 0:
            raise PoolTimeout("no connection is free")
        async with transaction(sessions, *on_commit) as session:
            yield session
        left -= bool(on_commit)  # only writing transactions have it

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unit_of_work, "transaction", counted)
        yield


def sender(harness: Harness, path: str, who: Student = OPERATOR, **more: Any) -> Send:
    method = more.pop("method", "POST")
    return lambda: harness.call(method, path, who, **more)


async def _booking(harness: Harness, **course: Any) -> str:
    started = await harness.confirmed(harness.student("sam"), await harness.course(**course))
    return f"/api/manage/bookings/{started.booking_id}"


@act
async def _a_student_cancels(harness: Harness) -> Send:
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    return sender(harness, f"/api/bookings/{started.booking_id}/cancel", started.student)


@act
async def _an_operator_cancels_with_a_key(harness: Harness) -> Send:
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    once = {"Idempotency-Key": started.booking_id}
    return sender(harness, f"/api/bookings/{started.booking_id}/cancel", headers=once)


@act
async def _an_operator_cancels_by_choice(harness: Harness) -> Send:
    body = {"give_back": "all", "expect": EUR_45}
    return sender(harness, f"{await _booking(harness)}/cancel", json=body)


@act
async def _a_part_is_given_back(harness: Harness) -> Send:
    body = {"amount": 100, "reason": "A part.", "expect": EUR_45}
    return sender(harness, f"{await _booking(harness)}/refund", json=body)


@act
async def _the_confirmation_is_sent_again(harness: Harness) -> Send:
    return sender(harness, f"{await _booking(harness)}/resend")


@act
async def _a_note_is_written(harness: Harness) -> Send:
    path = f"{await _booking(harness)}/note"
    return sender(harness, path, json={"note": "Mine."}, method="PUT")


@act
async def _tags_are_set(harness: Harness) -> Send:
    path = f"{await _booking(harness)}/tags"
    return sender(harness, path, json={"tags": ["vip"]}, method="PUT")


@act
async def _somebody_else_comes(harness: Harness) -> Send:
    person = {"name": "Eva", "email": "eva@example.test"}
    return sender(harness, f"{await _booking(harness)}/participant", json=person)


@act
async def _a_booking_is_moved(harness: Harness) -> Send:
    path, target = f"{await _booking(harness)}/move", await harness.course()
    plan = await harness.post(path, OPERATOR, json={"course_id": target.id, "dry_run": True})
    body = {"course_id": target.id, "expect": plan.json()["expect"]}
    return sender(harness, path, json=body)


async def _owing(harness: Harness) -> tuple[str, str]:
    """Return the path of a booking that is to be paid by transfer, and that of its payment."""
    course = await harness.course()
    body = {"name": "Gerda", "pay": {"how": "expected"}}
    added = await harness.post(f"/api/manage/courses/{course.id}/bookings", OPERATOR, json=body)
    assert added.status_code == 201, added.text
    path = f"/api/manage/bookings/{added.json()['id']}"
    (line,) = added.json()["money"]["lines"]
    return path, f"{path}/payments/{line['id']}"


PAID = {"amount": 4500, "method": "cash", "expect": {"amount": 0, "currency": "eur"}}


@act
async def _money_is_recorded(harness: Harness) -> Send:
    path, _ = await _owing(harness)
    return sender(harness, f"{path}/payments", json=PAID | {"amount": 100})


@act
async def _expected_money_has_come(harness: Harness) -> Send:
    _, payment = await _owing(harness)
    return sender(harness, f"{payment}/received", json={"method": "cash", "expect": PAID["expect"]})


@act
async def _a_payment_is_void(harness: Harness) -> Send:
    _, payment = await _owing(harness)
    return sender(harness, f"{payment}/void", json={"reason": "Ours."})


@act
async def _somebody_is_added(harness: Harness) -> Send:
    course = await harness.course()
    body = {"name": "Gerda", "pay": {"how": "complimentary"}}
    return sender(harness, f"/api/manage/courses/{course.id}/bookings", json=body)


@act
async def _a_guest_gets_a_new_link(harness: Harness) -> Send:
    course = await harness.course()
    body = {"name": "Gerda", "email": "g@example.test", "pay": {"how": "complimentary"}}
    added = await harness.post(f"/api/manage/courses/{course.id}/bookings", OPERATOR, json=body)
    return sender(harness, f"/api/manage/bookings/{added.json()['id']}/claim-link")


@act
async def _a_course_is_cancelled(harness: Harness) -> Send:
    course = await harness.course()
    await harness.confirmed(harness.student("sam"), course)
    body = {"reason": "Ill.", "expect": {"people": 1, "give_back": [EUR_45]}}
    return sender(harness, f"/api/manage/courses/{course.id}/cancel", json=body)


@act
async def _an_entry_of_the_inbox_is_closed(harness: Harness) -> Send:
    async with writing(harness.services.context.database) as work:
        key, kind = secrets.token_hex(4), InboxKind.PROMISE_NOT_KEPT
        await work.inbox.put(InboxEntryDraft(key, kind, "Look."), harness.clock())
    (entry, *_) = (await harness.get("/api/manage/inbox", OPERATOR)).json()["items"]
    return sender(harness, f"/api/manage/inbox/{entry['id']}/resolve", json={"note": "By hand."})


@act
async def _somebody_joins_a_list(harness: Harness) -> Send:
    course = await harness.course(capacity=1)
    await harness.confirmed(harness.student("sam"), course)
    return sender(harness, f"/api/courses/{course.id}/waiting", harness.student("ann"))


async def _waiting(harness: Harness) -> tuple[str, list[str]]:
    """Return the path of the list of a full course, and the paths of both who wait."""
    course = await harness.course(capacity=1)
    await harness.confirmed(harness.student("sam"), course)
    for name in ("ann", "bob"):
        await harness.post(f"/api/courses/{course.id}/waiting", harness.student(name))
    path = f"/api/manage/courses/{course.id}/waiting"
    items = (await harness.get(path, OPERATOR)).json()["items"]
    return path, [f"{path}/{item['id']}" for item in items]


@act
async def _somebody_is_put_on_a_list(harness: Harness) -> Send:
    path, _ = await _waiting(harness)
    cem = harness.student("cem")
    await harness.checkout(cem, await harness.course())
    return sender(harness, path, json={"email": cem.email})


@act
async def _a_place_is_offered(harness: Harness) -> Send:
    _, (_, bob) = await _waiting(harness)
    return sender(harness, f"{bob}/offer", json={"one_more": True})


@act
async def _somebody_is_moved_to_the_front(harness: Harness) -> Send:
    _, (_, bob) = await _waiting(harness)
    return sender(harness, f"{bob}/first", json={"reason": "Ours."})


@act
async def _somebody_is_taken_off_a_list(harness: Harness) -> Send:
    _, (ann, _) = await _waiting(harness)
    return sender(harness, f"{ann}/remove")


@act
async def _an_offer_is_ended(harness: Harness) -> Send:
    _, (ann, _) = await _waiting(harness)
    await harness.post(f"{ann}/offer", OPERATOR, json={"one_more": True})
    return sender(harness, f"{ann}/remove")


@pytest.mark.parametrize("name", ACTS)
async def test_what_is_said_to_have_failed_was_not_stored(sqlite_harness: Harness, name: str):
    harness = sqlite_harness
    first = await (await ACTS[name](harness))()  # stores the people, and shows that it works
    assert first.is_success, first.text
    for commits in range(MOST_COMMITS):
        send = await ACTS[name](harness)
        before = await _stored(harness)
        with away_after(commits):
            answer = await send()
        was_done = await _stored(harness) > before
        assert was_done == answer.is_success, (commits, answer.status_code, answer.text)
        if answer.is_success:
            return
        assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
    raise AssertionError("it never succeeds")


async def _stored(harness: Harness) -> int:
    """Return how much was done: every act writes into the audit trail, or a mail."""
    tables: list[type[Any]] = [AuditEntry, OutboxMessage]
    return sum([len(await harness.rows_of(table)) for table in tables])
