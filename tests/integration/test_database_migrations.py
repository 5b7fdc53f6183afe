"""Migrations: the upgraded schema equals the table definitions on both engines."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import DBAPIError

from coursebook.persistence.engine.databases import open_database
from coursebook.persistence.maintenance import migrate
from coursebook.persistence.maintenance.migrate import (
    METADATA,
    current_and_head,
    downgrade_to,
    head_revision,
    is_ours,
    migration_engine,
    upgrade_to_head,
)
from coursebook.persistence.schema.tables import AuditEntry
from tests.support.rows import NOW, a_booking, a_course, a_user

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgres"])
def empty_urls(request, tmp_path) -> Iterator[tuple[str, str]]:
    """Two databases of the same kind without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/two.db"
        return
    cluster = request.getfixturevalue("postgres")
    urls = cluster.empty_database(), cluster.empty_database()
    yield urls
    for url in urls:
        cluster.drop(url)


@pytest.fixture
def empty_url(empty_urls) -> str:
    return empty_urls[0]


async def ask(url: str, question: Any) -> Any:
    """Run a function with a connection and return its answer."""
    engine = migration_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(question)
    finally:
        await engine.dispose()


def plain(words: object) -> str:
    """Return SQL without formatting differences."""
    return re.sub(r"\s+", " ", str(words)).strip()


def everything(connection: sa.Connection) -> dict[str, Any]:
    """Describe every table: columns, keys, checks and indexes, with names and conditions."""
    look = sa.inspect(connection)
    found = {}
    names = {name for name in look.get_table_names() if is_ours(name, "table")}
    for table in sorted(names - {"alembic_version"}):
        found[table] = {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"], str(c["default"]))
                for c in look.get_columns(table)
            ),
            "primary": look.get_pk_constraint(table)["name"],
            "foreign": sorted(
                (k["name"], k["constrained_columns"], k["referred_table"], str(k["options"]))
                for k in look.get_foreign_keys(table)
            ),
            "unique": sorted(
                (u["name"], u["column_names"]) for u in look.get_unique_constraints(table)
            ),
            "checks": sorted(
                (c["name"], plain(c["sqltext"])) for c in look.get_check_constraints(table)
            ),
            "indexes": sorted(
                (i["name"], i["column_names"], i["unique"], plain(_where(i)))
                for i in look.get_indexes(table)
            ),
        }
    return found


def _where(index: Any) -> str:
    options = index.get("dialect_options", {})
    return next((str(v) for k, v in options.items() if k.endswith("_where")), "")


async def test_the_upgraded_database_is_exactly_what_the_tables_say(empty_urls):
    upgraded, made = empty_urls
    await upgrade_to_head(upgraded)
    await ask(made, METADATA.create_all)
    first, other = await ask(upgraded, everything), await ask(made, everything)
    assert first == other
    assert set(first) == set(METADATA.tables)
    checks = {name for table in first.values() for name, _ in table["checks"]}
    assert {"ck_course_seats_within", "ck_course_price_legal", "ck_booking_place_known"} <= checks
    live = next(i for i in first["booking"]["indexes"] if i[0] == "uq_booking_live")
    assert live[2]
    assert "held" in live[3], "a partial index"


async def test_alembic_itself_finds_nothing_left_to_do(empty_url):
    await upgrade_to_head(empty_url)

    def compare(connection: sa.Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_ours}
        )
        return compare_metadata(context, METADATA)

    assert await ask(empty_url, compare) == []


async def test_a_full_downgrade_leaves_no_table_and_can_be_upgraded_again(empty_url):
    await upgrade_to_head(empty_url)
    await downgrade_to(empty_url, "base")
    tables_left = await ask(empty_url, lambda connection: sa.inspect(connection).get_table_names())
    assert tables_left == ["alembic_version"]
    assert await current_and_head(empty_url) == (None, head_revision())
    await upgrade_to_head(empty_url)
    assert await current_and_head(empty_url) == (head_revision(), head_revision())


async def test_upgrading_again_changes_nothing_and_keeps_the_rows(empty_url):
    await upgrade_to_head(empty_url)
    database = open_database(empty_url)
    sam, course = a_user(), a_course()
    async with database.write_session() as session, session.begin():
        session.add_all([sam, course])
        await session.flush()
        session.add(a_booking(sam, course))
    before = await ask(empty_url, everything)
    await upgrade_to_head(empty_url)
    assert await ask(empty_url, everything) == before
    async with database.read_session() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM booking"))).scalar() == 1
    await database.close()


async def test_old_rows_get_their_end_from_the_audit_trail(empty_url):
    """Revision 0004 copies the cause from the audit trail; without an entry it stays empty."""
    trail = {
        "student": ("cancelled", ["Cancelled by the student."]),
        "operator": ("cancelled", ["Stripe made no payment page.", "Cancelled by the operator."]),
        "page_expired": ("expired", ["The time to pay ran out; no session can be paid."]),
        "payment_failed": ("expired", ["Stripe says: the bank did not carry out the payment."]),
        None: ("expired", ["Somebody's own words."]),
    }
    await upgrade_to_head(empty_url)
    database, course = open_database(empty_url), a_course()
    rows = {why: (a_user(), *what) for why, what in trail.items()} | {
        "held": (a_user(), "held", [])
    }
    async with database.write_session() as session, session.begin():
        session.add_all([course, *(row[0] for row in rows.values())])
        await session.flush()
        for why, (person, place, causes) in rows.items():
            session.add(a_booking(person, course, id=f"bkg_{why}", place=place))
            await session.flush()
            for at, cause in enumerate(causes):
                is_last = at == len(causes) - 1
                entry = AuditEntry(
                    at=NOW,
                    booking_id=f"bkg_{why}",
                    subject="booking",
                    actor="test",
                    event="end",
                    to_state=place if is_last else "expired",
                    cause=cause,
                    data={},
                )
                session.add(entry)
                await session.flush()
    await downgrade_to(empty_url, "0003")
    await upgrade_to_head(empty_url)
    async with database.read_session() as session:
        found = dict((await session.execute(sa.text("SELECT id, end_cause FROM booking"))).all())
    assert found == {f"bkg_{why}": why for why in trail} | {"bkg_held": None}
    await database.close()


async def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_url, monkeypatch):
    await ask(empty_url, lambda c: c.execute(sa.text("CREATE TABLE refund (mine INTEGER)")))
    before = await ask(empty_url, lambda c: sorted(sa.inspect(c).get_table_names()))
    with pytest.raises(DBAPIError):
        await upgrade_to_head(empty_url)
    assert await ask(empty_url, lambda c: sorted(sa.inspect(c).get_table_names())) == before


async def test_the_migrations_are_found_from_any_folder(empty_url, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    await upgrade_to_head(empty_url)
    assert await current_and_head(empty_url) == (head_revision(), head_revision())


def test_missing_migrations_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(migrate, "MIGRATION_FOLDERS", (tmp_path / "a", tmp_path / "b"))
    with pytest.raises(FileNotFoundError, match="migrations are missing"):
        migrate.migrations_folder()


def test_the_plain_alembic_command_works_beside_our_own(tmp_path):
    url = f"sqlite:///{tmp_path}/coursebook.db"
    alembic = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "-x", f"url={url}"]
    for words in (["upgrade", "head"], ["check"]):
        done = subprocess.run(
            [*alembic, *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
