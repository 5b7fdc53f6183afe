"""Ticket codes for a database that has bookings already: each gets one, and keeps it."""

import re
from typing import Any

from alembic.script import ScriptDirectory

from coursebook.persistence.maintenance.migrate import (
    config,
    downgrade_to,
    migration_engine,
    upgrade_to_head,
)
from tests.integration.test_database_promise_migration import (
    NOW,
    empty_url,
    insert,
    the_course,
)
from tests.integration.test_person_search_migration import _all

__all__ = ["empty_url"]
NUMBER = 40


def _bookings() -> list[dict[str, Any]]:
    return [
        {
            "id": f"bkg_{n}",
            "user_id": "usr_1",
            "course_id": "crs_1",
            "place": "cancelled",
            "price": 4500,
            "currency": "eur",
            "calendar_sequence": 0,
            "created_at": NOW,
            "updated_at": NOW,
        }
        for n in range(NUMBER)
    ]


async def test_every_booking_gets_a_code_of_its_own_once(empty_url: str):
    await upgrade_to_head(empty_url)
    await downgrade_to(empty_url, "0020")
    await insert(empty_url, the_course())
    await insert(empty_url, [("booking", row) for row in _bookings()])
    await upgrade_to_head(empty_url)
    codes = await _all(empty_url, "SELECT ticket_code FROM booking ORDER BY id")
    assert len(set(codes)) == NUMBER
    assert all(re.fullmatch("[A-Z]{20}", code) for (code,) in codes)
    engine = migration_engine(empty_url)
    script = ScriptDirectory.from_config(config()).get_revision("0021")
    async with engine.begin() as connection:
        await connection.run_sync(script.module.fill)
    await engine.dispose()
    assert await _all(empty_url, "SELECT ticket_code FROM booking ORDER BY id") == codes
