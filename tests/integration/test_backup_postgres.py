"""Backup and restore of PostgreSQL: passwords, sockets, options and downgrades."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from coursebook.persistence.engine.databases import open_database
from coursebook.persistence.maintenance.backup import BackupProblem, back_up, restore
from coursebook.persistence.maintenance.migrate import NewerTables, upgrade_to_head
from coursebook.persistence.maintenance.postgres_programs import connection_string
from coursebook.persistence.unit_of_work import reading
from coursebook.run.commands.prepare_database import main as prepare
from coursebook.run.doctor import report
from coursebook.settings import Settings
from tests.support.postgres import PostgresCluster, run_apart

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SSL = "sslmode=disable&application_name=x&connect_timeout=5&channel_binding=disable"


def tables_of(url: str) -> set[str]:
    async def ask() -> set[str]:
        connection = await asyncpg.connect(url)
        try:
            rows = await connection.fetch(ASK)
            return {row["tablename"] for row in rows}
        finally:
            await connection.close()

    return set(run_apart(ask()))


def do(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    run_apart(run())


ASK = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
NEWER = (
    "UPDATE alembic_version SET version_num = '9999'",
    "CREATE TYPE newer_kind AS ENUM ('a', 'b')",
    """CREATE TABLE newer (id serial PRIMARY KEY, kind newer_kind,
       course_id varchar REFERENCES course, user_id varchar REFERENCES user_account)""",
    "CREATE TABLE newer_alone (id integer)",
    "CREATE VIEW newer_view AS SELECT title FROM course",
)


@pytest.mark.parametrize("way", ["password", "socket", "options"])
def test_a_server_that_asks_for_a_password_is_backed_up_and_restored(
    postgres: PostgresCluster, postgres_url: str, tmp_path: Path, way: str
):
    name = postgres_url.rpartition("/")[2]
    url = {
        "password": postgres_url,
        "socket": postgres.socket_url(name),
        "options": f"{postgres_url}?{SSL}",
    }[way]
    do(postgres_url, "INSERT INTO pulse (name, at) VALUES ('kept', now())")
    back_up(url, tmp_path / "copy")
    do(postgres_url, "DELETE FROM pulse")
    restore(url, tmp_path / "copy", NOW, may_replace=True)

    async def pulse() -> datetime | None:  # the product itself takes the same address
        database = open_database(Settings(_env_file=None, database_url=url).async_database_url)
        try:
            async with reading(database) as work:
                return await work.heartbeats.last("kept")
        finally:
            await database.close()

    assert run_apart(pulse()) is not None


def test_a_wrong_password_is_refused_and_not_shown(
    postgres: PostgresCluster, postgres_url: str, tmp_path: Path
):
    url = f"postgresql://coursebook:wrong-one@127.0.0.1:{postgres.port}/test"
    with pytest.raises(BackupProblem, match="password authentication failed") as problem:
        back_up(url, tmp_path / "copy")
    assert "wrong-one" not in str(problem.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "words", "password"),
    [
        ("postgresql://u:p%40%2F@h:1/d", "host='h' port='1' user='u' dbname='d'", "p@/"),
        ("postgres://u@/d?host=/run/my%20sql", "host='/run/my sql' user='u' dbname='d'", None),
        ("postgresql://u@/d?host=a:1&host=b:2", "host='a,b' port='1,2' user='u' dbname='d'", None),
        ("postgresql://o'x@h/d", "host='h' user='o\\'x' dbname='d'", None),
        ("postgresql://h/d?ssl=require&timeout=3", "host='h' dbname='d' sslmode='require'", None),
        (
            "postgresql://h/d?sslmode=verify-full&sslrootcert=/a/b&password=x",
            "host='h' dbname='d' sslmode='verify-full' sslrootcert='/a/b'",
            "x",
        ),
    ],
)
def test_the_url_is_passed_to_libpq_unchanged(
    monkeypatch, url: str, words: str, password: str | None
):
    monkeypatch.delenv("PGPASSWORD", raising=False)
    connection_words, environment = connection_string(url)
    assert connection_words == words
    assert environment.get("PGPASSWORD") == password


def test_a_restore_over_a_newer_version_is_complete(postgres_url: str, tmp_path: Path):
    before = tables_of(postgres_url)
    do(postgres_url, "INSERT INTO pulse (name, at) VALUES ('kept', now())")
    back_up(postgres_url, tmp_path / "copy")
    do(postgres_url, *NEWER)
    restore(postgres_url, tmp_path / "copy", NOW, may_replace=True)
    assert tables_of(postgres_url) == before
    asyncio.run(upgrade_to_head(postgres_url))
    do(postgres_url, *NEWER)  # nothing of the newer version is left in its way


def test_a_restore_over_our_own_migration(postgres: PostgresCluster, tmp_path: Path):
    from alembic import command  # noqa: PLC0415

    from coursebook.persistence.maintenance.migrate import _run  # noqa: PLC0415

    url = postgres.empty_database()
    try:
        run_apart(_run(url, command.upgrade, "0002"))
        before = tables_of(url)
        back_up(url, tmp_path / "copy")
        run_apart(upgrade_to_head(url))
        restore(url, tmp_path / "copy", NOW, may_replace=True)
        assert tables_of(url) == before
        run_apart(upgrade_to_head(url))
    finally:
        postgres.drop(url)


def test_a_restore_that_fails_changes_nothing(postgres_url: str, tmp_path: Path):
    good = tmp_path / "good"
    back_up(postgres_url, good)
    do(postgres_url, "INSERT INTO pulse (name, at) VALUES ('mine', now())")
    before = tables_of(postgres_url)
    cut = tmp_path / "cut"
    cut.write_bytes(good.read_bytes()[: good.stat().st_size * 2 // 3])
    with pytest.raises(BackupProblem, match="damaged"):
        restore(postgres_url, cut, NOW, may_replace=True)
    do(postgres_url, "CREATE SCHEMA other", "CREATE TABLE other.thing (id integer)")
    both = tmp_path / "both"
    back_up(postgres_url, both)
    with pytest.raises(BackupProblem, match='schema "other" already exists'):
        restore(postgres_url, both, NOW, may_replace=True)  # it breaks in the middle
    assert tables_of(postgres_url) == before


def test_a_copy_of_a_newer_coursebook_is_refused(database_url: str, tmp_path: Path):
    copy = tmp_path / "copy"
    if database_url.startswith("sqlite"):
        back_up(database_url, copy)
        with sqlite3.connect(copy) as newer:
            newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.close()
    else:
        do(database_url, *NEWER)
        back_up(database_url, copy)
    with pytest.raises(BackupProblem, match=r"newer coursebook \(9999\)"):
        restore(database_url, copy, NOW, may_replace=True)


def make_newer(url: str) -> None:
    if not url.startswith("sqlite"):
        do(url, *NEWER)
        return
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()


def test_an_old_program_on_newer_tables_says_one_sentence(
    database_url: str, monkeypatch, capsys, tmp_path: Path
):
    make_newer(database_url)
    with pytest.raises(NewerTables):
        asyncio.run(upgrade_to_head(database_url))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("COURSEBOOK_DATA", str(tmp_path))
    for arguments in ([], ["--start", "--seed-if-empty"]):  # `migrate`, `run`
        assert prepare(arguments) == 1
        output = capsys.readouterr().err.strip()
        assert len(output.splitlines()) == 1
        assert "newer coursebook (9999" in output
        assert "coursebook restore FILE --yes" in output
    for name, value in (
        ("COURSEBOOK_SANDBOX_URL", "http://localhost:1"),
        ("STRIPE_SECRET_KEY", "sk_test_x"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_x"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(report, "set_up_logging", lambda **_said: None)
    assert report.examine() == 1
    wrong = [line for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG")]
    assert len(wrong) == 1
    assert "newer coursebook (9999" in wrong[0]
