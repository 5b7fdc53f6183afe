"""Backup and restore on both databases: the whole drill, and the refusals."""

import asyncio
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coursebook.persistence.engine.databases import open_database
from coursebook.persistence.engine.file_lock import DatabaseInUse, lock_exclusive, lock_shared
from coursebook.persistence.maintenance.backup import BackupProblem, back_up, restore
from coursebook.persistence.maintenance.migrate import upgrade_to_head
from tests.support.booking_invariants import check_books
from tests.support.harness import a_harness
from tests.support.postgres import PostgresCluster
from tests.support.sandbox import SandboxProcess
from tests.support.stack import ROOT, clean_environment

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def lose(url: str, request: pytest.FixtureRequest) -> None:
    """Delete the file, or everything in the database."""
    if url.startswith("sqlite"):
        for path in path_of(url).parent.glob("coursebook.db*"):
            path.unlink()
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    cluster.drop(url)
    cluster._command(f'CREATE DATABASE "{url.rpartition("/")[2]}"')


async def test_the_drill_book_back_up_lose_restore(
    sandbox_of_the_run: SandboxProcess,
    database_url: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
):
    copy = tmp_path / "copy"
    async with a_harness(sandbox_of_the_run, database_url) as harness:
        sam = harness.student("sam")
        paid = await harness.confirmed(sam, await harness.course())
        waiting = await harness.checkout(sam, await harness.course())
        await asyncio.to_thread(back_up, database_url, copy)  # while it runs
        assert await harness.status_of(paid) == "confirmed"
    assert copy.stat().st_mode & 0o077 == 0, "the file contains personal data and must be private"
    await asyncio.to_thread(lose, database_url, request)
    await asyncio.to_thread(restore, database_url, copy, NOW, may_replace=False)
    async with a_harness(sandbox_of_the_run, database_url) as again:
        again.clock.advance(harness.clock() - again.clock())
        assert await again.status_of(paid) == "confirmed"
        await again.later(minutes=40)
        await again.worker_round()
        assert await again.status_of(waiting) == "failed", (
            "what went on meanwhile is caught up with"
        )
        await check_books(again)


async def test_restore_replaces_data_only_with_the_option(
    sandbox_of_the_run: SandboxProcess, database_url: str, tmp_path: Path
):
    copy = tmp_path / "copy"
    await asyncio.to_thread(back_up, database_url, copy)
    async with a_harness(sandbox_of_the_run, database_url) as harness:
        await harness.course(title="Newer than the copy")
        with pytest.raises((BackupProblem, DatabaseInUse), match=r"stop (it|coursebook)"):
            await asyncio.to_thread(restore, database_url, copy, NOW, may_replace=True)
    with pytest.raises(BackupProblem, match="--yes"):
        await asyncio.to_thread(restore, database_url, copy, NOW, may_replace=False)
    kept = await asyncio.to_thread(restore, database_url, copy, NOW, may_replace=True)
    async with a_harness(sandbox_of_the_run, database_url) as harness:
        assert (await harness.get("/api/courses")).json()["items"] == []
    if kept is not None:
        with sqlite3.connect(kept) as old:
            assert old.execute("SELECT title FROM course").fetchall() == [("Newer than the copy",)]
        old.close()


HOLDS = """
import sys, time
from coursebook.persistence.engine.databases import open_database
kept = open_database(sys.argv[1])
print("open", flush=True)
time.sleep(60)
"""


def test_restore_is_refused_while_a_process_runs(sqlite_url: str, tmp_path: Path):
    copy = tmp_path / "copy"
    back_up(sqlite_url, copy)
    other_name = tmp_path / "link.db"
    other_name.symlink_to(path_of(sqlite_url))
    before = path_of(sqlite_url).read_bytes()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS, sqlite_url], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        for url in (sqlite_url, f"sqlite:///{other_name}"):
            with pytest.raises(DatabaseInUse, match="is in use: stop coursebook"):
                restore(url, copy, NOW, may_replace=True)
        back_up(sqlite_url, tmp_path / "while-it-runs")
    finally:
        holder.kill()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()
    assert path_of(sqlite_url).read_bytes() == before
    assert restore(sqlite_url, copy, NOW, may_replace=True) is not None


def test_no_process_starts_during_a_restore(sqlite_url: str, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(lock_shared, "__defaults__", (0.0,))
    with lock_exclusive(path_of(sqlite_url)):
        for door in (
            lambda: open_database(sqlite_url),
            lambda: asyncio.run(upgrade_to_head(sqlite_url)),
            lambda: back_up(sqlite_url, tmp_path / "copy"),
            lambda: restore(sqlite_url, tmp_path / "copy", NOW, may_replace=True),
        ):
            with pytest.raises((DatabaseInUse, BackupProblem)):
                door()
    assert not (tmp_path / "copy").exists()


def test_an_older_copy_is_replaced_only_by_a_valid_one(sqlite_url: str, tmp_path: Path):
    copy = tmp_path / "new" / "folder" / "copy"
    back_up(sqlite_url, copy)
    before = copy.read_bytes()
    with pytest.raises(BackupProblem):
        back_up(f"sqlite:///{tmp_path}/missing.db", copy, may_replace=True)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(_corrupted(copy, tmp_path / "worn").read_bytes())
    with pytest.raises(BackupProblem, match="damaged"):
        back_up(f"sqlite:///{damaged}", copy, may_replace=True)
    assert copy.read_bytes() == before
    with sqlite3.connect(path_of(sqlite_url)) as database:
        database.execute("INSERT INTO pulse VALUES ('newer', '2026-11-23 12:00:00')")
    database.close()
    back_up(sqlite_url, copy, may_replace=True)
    assert copy.read_bytes() != before
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_a_backup_is_never_overwritten_and_leaves_no_partial_file(sqlite_url: str, tmp_path: Path):
    copy = tmp_path / "copies" / "copy"
    copy.parent.mkdir()
    back_up(sqlite_url, copy)
    before = copy.read_bytes()
    with pytest.raises(BackupProblem, match="already exists"):
        back_up(sqlite_url, copy)
    assert copy.read_bytes() == before
    with pytest.raises(BackupProblem, match="no database"):
        back_up(f"sqlite:///{tmp_path}/missing.db", copy.with_name("other"))
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def _corrupted(good: Path, worn: Path) -> Path:
    """Return a copy that opens and has a version, but whose index is overwritten."""
    with sqlite3.connect(good) as copy:
        find = "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'course'"
        (page,) = copy.execute(find).fetchone()
        (size,) = copy.execute("PRAGMA page_size").fetchone()
    copy.close()
    data = bytearray(good.read_bytes())
    data[(page - 1) * size : page * size] = bytes(size)
    worn.write_bytes(data)
    return worn


def test_an_invalid_backup_is_refused_and_nothing_changes(sqlite_url: str, tmp_path: Path):
    newer, cut, strange = tmp_path / "newer", tmp_path / "cut", tmp_path / "strange"
    back_up(sqlite_url, newer)
    worn = _corrupted(newer, tmp_path / "worn")
    cut.write_bytes(newer.read_bytes()[:9000])
    strange.write_text("-- a dump of something")
    with sqlite3.connect(newer) as copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
    copy.close()
    before = path_of(sqlite_url).read_bytes()
    for file, said in (
        (newer, "newer coursebook"),
        (cut, "damaged"),
        (worn, "damaged"),
        (strange, "not a backup of a SQLite"),
        (tmp_path / "missing", "cannot be read"),
    ):
        with pytest.raises(BackupProblem, match=said):
            restore(sqlite_url, file, NOW, may_replace=True)
    assert path_of(sqlite_url).read_bytes() == before


def test_a_copy_of_the_other_kind_of_database_is_refused(
    sqlite_url: str, postgres_url: str, tmp_path: Path
):
    back_up(sqlite_url, tmp_path / "light")
    back_up(postgres_url, tmp_path / "heavy")
    with pytest.raises(BackupProblem, match="not a backup of a PostgreSQL"):
        restore(postgres_url, tmp_path / "light", NOW, may_replace=True)
    with pytest.raises(BackupProblem, match="not a backup of a SQLite"):
        restore(sqlite_url, tmp_path / "heavy", NOW, may_replace=True)


def test_an_unreachable_database_is_named_without_its_password(tmp_path: Path):
    url = "postgresql://coursebook:secret-word@127.0.0.1:1/coursebook"
    with pytest.raises(BackupProblem) as problem:
        back_up(url, tmp_path / "copy")
    assert "pg_dump failed" in str(problem.value)
    assert "secret-word" not in str(problem.value)
    assert list(tmp_path.iterdir()) == []


def test_the_documented_cron_line_keeps_the_last_good_copy(sqlite_url: str, tmp_path: Path):
    page = (ROOT / "docs" / "ops" / "deployment.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith("17 3 * * *"))
    typed = line.removeprefix("17 3 * * *").replace("\\%", "%")
    typed = typed.replace("/opt/coursebook", str(tmp_path))
    typed = typed.replace(".venv/bin/coursebook", f"{sys.executable} -m coursebook.cli")
    environment = {**clean_environment(), "PYTHONPATH": str(ROOT), "DATABASE_URL": sqlite_url}

    def night(**changed: str) -> int:
        return subprocess.run(
            typed, shell=True, env=environment | changed, check=False, capture_output=True
        ).returncode

    assert night() == 0
    (copy,) = (tmp_path / "copies").iterdir()
    before = copy.read_bytes()
    assert night(DATABASE_URL="postgresql://coursebook:x@127.0.0.1:1/none") != 0
    assert copy.read_bytes() == before
    assert night() == 0
    assert [*(tmp_path / "copies").iterdir()] == [copy]
    assert copy.read_bytes() != before, "the time of the last good copy is in it"
