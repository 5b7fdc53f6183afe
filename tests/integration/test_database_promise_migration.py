"""Rows from before promises were moments: what each was promised, and what stayed with us."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from coursebook.persistence.engine.databases import open_database
from coursebook.persistence.maintenance import migrate
from coursebook.persistence.maintenance.migrate import (
    downgrade_to,
    migration_engine,
    upgrade_to_head,
)
from coursebook.persistence.schema.columns import UtcDateTime
from coursebook.persistence.schema.tables import Booking

START = datetime(2027, 3, 20, 10, 0, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
TERMS = [{"hours_before": 336, "percent": 100}, {"hours_before": 48, "percent": 50}]
JSON = {"terms", "params", "data"}
TIMES = {
    *("starts_at", "ends_at", "created_at", "updated_at", "seen_at", "at", "asked_at"),
    *("confirmed_at", "cancelled_at"),
}


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request, tmp_path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/one.db"
        return
    cluster = request.getfixturevalue("postgres")
    url = cluster.empty_database()
    yield url
    cluster.drop(url)


async def insert(url: str, rows: list[tuple[str, dict[str, Any]]]) -> None:
    engine = migration_engine(url)
    async with engine.begin() as connection:
        for name, values in rows:
            kinds = {c: sa.JSON() for c in JSON} | {c: UtcDateTime() for c in TIMES}
            table = sa.table(name, *(sa.column(c, kinds.get(c)) for c in values))
            await connection.execute(sa.insert(table).values(values))
    await engine.dispose()


def the_course() -> list[tuple[str, dict[str, Any]]]:
    texts = ("slug", "title", "summary", "description", "category", "level", "instructor")
    return [
        (
            "user_account",
            {
                "id": "usr_1",
                "subject": "u1",
                "email": "",
                "name": "",
                "created_at": NOW,
                "seen_at": NOW,
            },
        ),
        (
            "course",
            {
                "id": "crs_1",
                **dict.fromkeys(texts, "x"),
                "is_online": False,
                "place_name": "x",
                "place_address": "x",
                "image": "",
                "timezone": "Europe/Lisbon",
                "starts_at": START,
                "ends_at": START + timedelta(hours=3),
                "price": 4500,
                "currency": "eur",
                "terms": [],
                "capacity": 10,
                "held": 0,
                "confirmed": 0,
                "status": "published",
                "created_at": NOW,
                "updated_at": NOW,
            },
        ),
    ]


def a_story(
    name: str, *, days_left: float | None, actor: str = "student u1", refunds: tuple = ()
) -> list[tuple[str, dict[str, Any]]]:
    """A booking that was paid, and cancelled that many days before the start (None: it was not)."""
    ended = None if days_left is None else START - timedelta(days=days_left)
    place = "confirmed" if ended is None else "cancelled"
    at = {"created_at": NOW, "updated_at": NOW}
    rows = [
        (
            "booking",
            {
                "id": name,
                "user_id": "usr_1",
                "course_id": "crs_1",
                "place": place,
                "price": 4500,
                "currency": "eur",
                "terms": TERMS,
                "confirmed_at": NOW,
                "cancelled_at": ended,
                "calendar_sequence": 0,
                **at,
            },
        ),
        (
            "payment_attempt",
            {
                "id": f"pay_{name}",
                "booking_id": name,
                "number": 1,
                "state": "succeeded",
                "amount": 4500,
                "currency": "eur",
                "idempotency_key": name,
                "params": {},
                "is_disputed": False,
                "asked_at": NOW,
                **at,
            },
        ),
    ]
    if ended is not None:
        entry = {"booking_id": name, "subject": "booking", "actor": actor, "event": "cancel"}
        entry |= {"at": ended, "cause": "", "request_id": "", "data": {}}
        rows.append(("audit_entry", entry))
    for number, (amount, state, cause, made) in enumerate(refunds):
        rows.append(
            (
                "refund",
                {
                    "id": f"rfd_{name}_{number}",
                    "booking_id": name,
                    "currency": "eur",
                    "attempt_id": f"pay_{name}",
                    "state": state,
                    "amount": amount,
                    "cause": cause,
                    "created_at": made or ended,
                    "updated_at": NOW,
                },
            )
        )
    return rows


def paid_again(name: str, *, days_left: float, **values: Any) -> list[tuple[str, dict[str, Any]]]:
    """Half came back of it; a second payment, that many days before the start, is not its price."""
    rows = a_story(name, days_left=5, refunds=((2250, "succeeded", "cancelled", None),))
    _, first = next(row for row in rows if row[0] == "payment_attempt")
    came_at = START - timedelta(days=days_left)
    second = first | {"id": f"pay_{name}_2", "number": 2, "idempotency_key": f"{name}_2"}
    rows.append(("payment_attempt", second | {"updated_at": came_at} | values))
    if not values:
        _, refund = next(row for row in rows if row[0] == "refund")
        back = {"id": f"rfd_{name}_2", "attempt_id": second["id"], "amount": 4500}
        back |= {"cause": "cancelled_payment", "created_at": came_at}
        rows.append(("refund", refund | back))
    return rows


STORIES = {
    "lives": (a_story("lives", days_left=None), None),
    "in_time": (
        a_story("in_time", days_left=20, refunds=((4500, "succeeded", "cancelled", None),)),
        0,
    ),
    "half": (a_story("half", days_left=5, refunds=((2250, "succeeded", "cancelled", None),)), 2250),
    "late": (a_story("late", days_left=1), 4500),
    "by_school": (
        a_story(
            "by_school",
            days_left=1,
            actor="operator o1",
            refunds=((4500, "pending", "cancelled", None),),
        ),
        0,
    ),
    "goodwill": (
        a_story(
            "goodwill",
            days_left=5,
            refunds=(
                (1000, "succeeded", "stripe_dashboard", NOW),
                (2250, "succeeded", "cancelled", None),
            ),
        ),
        1250,
    ),
    "paid_later": (paid_again("paid_later", days_left=4), 2250),
    "paid_twice": (paid_again("paid_twice", days_left=6), 2250),
    "other_sum": (
        paid_again("other_sum", days_left=6, received_amount=4400, received_currency="eur"),
        2250,
    ),
    "lost": (a_story("lost", days_left=5, refunds=((2250, "failed", "cancelled", None),)), 2250),
}


async def test_bookings_that_are_there_keep_their_promise_as_moments(empty_url: str):
    await migrate._run(empty_url, command.upgrade, "0007")
    await insert(empty_url, [*the_course(), *(row for rows, _ in STORIES.values() for row in rows)])
    await upgrade_to_head(empty_url)
    database = open_database(empty_url)
    async with database.read_session() as session:
        found = {b.id: b for b in (await session.scalars(sa.select(Booking))).all()}
    await database.close()
    assert {name: b.kept_amount for name, b in found.items()} == {
        name: kept for name, (_, kept) in STORIES.items()
    }
    assert {b.kept_why for b in found.values() if b.kept_amount} == {"terms"}
    assert {b.kept_why for b in found.values() if not b.kept_amount} == {""}
    promised = [
        {"until": "2027-03-06T10:00:00Z", "percent": 100},
        {"until": "2027-03-18T10:00:00Z", "percent": 50},
    ]
    assert all(b.promise == promised for b in found.values())


async def test_the_way_back_makes_terms_of_them_again(empty_url: str):
    await migrate._run(empty_url, command.upgrade, "0007")
    await insert(empty_url, [*the_course(), *STORIES["half"][0]])
    await upgrade_to_head(empty_url)
    await downgrade_to(empty_url, "0007")
    engine = migration_engine(empty_url)
    async with engine.connect() as connection:
        query = sa.select(sa.column("terms", sa.JSON())).select_from(sa.table("booking"))
        assert (await connection.execute(query)).scalar() == TERMS
    await engine.dispose()
