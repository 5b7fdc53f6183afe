"""Payloads of the attack run, and the checks that an answer leaks nothing and no row changes."""

from typing import Any

import httpx
import sqlalchemy as sa

from coursebook.persistence.schema.tables import SQLModel
from coursebook.persistence.unit_of_work import reading
from tests.support.harness import Harness

SQL = (
    "' OR '1'='1",
    "'; DROP TABLE booking; --",
    "1) UNION SELECT id, email FROM user_account --",
    "' AND (SELECT count(*) FROM generate_series(1,10000000)) > 0 --",
    '" OR ""="',
    "%' OR 1=1 --",
    "\\'; SELECT pg_sleep(9); --",
)
SCRIPT = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}}${7*7}#{7*7}",
    "</title><svg/onload=alert(1)>",
)
ODD = (
    "../../../../etc/passwd",
    "..%2f..%2f.env",
    "\x00",
    "a\r\nSet-Cookie: taken=1",
    "\u202egnp.exe",
    "💥" * 50,
    "٣",
    "-1",
    "1e309",
    "9" * 400,
    "NaN",
    "null",
    "[]",
    "x" * 5000,
)
PAYLOADS = (*SQL, *SCRIPT, *ODD)
Rows = dict[str, list[Any]]


async def rows(harness: Harness) -> Rows:
    """Return every row of every table, except those that background work writes."""
    own = ("idempotent_reply", "pulse", "installation")
    tables = [t for t in SQLModel.metadata.sorted_tables if t.name not in own]
    async with reading(harness.services.context.database) as work:
        return {
            table.name: sorted(map(repr, (await work.session.execute(sa.select(table))).all()))
            for table in tables
        }


def assert_silent(answer: httpx.Response, payload: str) -> None:
    """Check that an answer exposes no database detail and does not echo markup unescaped."""
    lowered = answer.text.lower()
    for word in ("traceback", "sqlalchemy", "asyncpg", "sqlite3", "syntax error", "root:x:0"):
        assert word not in lowered, (payload, answer.text)
    assert "json" in answer.headers["content-type"]
    assert "taken" not in answer.headers.get("set-cookie", "")
