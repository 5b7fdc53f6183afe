"""A consistent copy of everything that is stored, also while the product runs, and the way back.

SQLite: its online backup (sqlite.org/backup.html). PostgreSQL: pg_dump and pg_restore. A copy holds
names and addresses of people, so it is made for its owner's eyes only.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL

from coursebook.persistence.engine import async_url
from coursebook.persistence.migrate import knows_revision

SQLITE_MARK, POSTGRES_MARK = b"SQLite format 3\x00", b"PGDMP"
CLIENT_FOLDERS = Path("/usr/lib/postgresql")
STORED = "SELECT (SELECT count(*) FROM course) + (SELECT count(*) FROM user_account)"


class BackupProblem(Exception):
    """The copy could not be made or put back; the message is one sentence."""


def back_up(url: str, target: Path) -> None:
    """Write a copy of the database at `url` into a new file. Raises BackupProblem."""
    if target.exists():
        raise BackupProblem(f"{target} exists already, and a backup is never overwritten.")
    address = async_url(url)
    half = target.with_name(f"{target.name}.half")
    os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        if address.get_backend_name() == "sqlite":
            _copy_sqlite(Path(str(address.database)), half)
        else:
            _run("pg_dump", address, "--format=custom", f"--file={half}")
        half.rename(target)
    finally:
        half.unlink(missing_ok=True)


def restore(url: str, source: Path, now: datetime, *, may_replace: bool) -> Path | None:
    """Put a copy in the place of the database at `url`, which nothing may be using.

    Returns where the replaced SQLite file lies now. Raises BackupProblem: also when the database
    holds anything and `may_replace` was not said.
    """
    address = async_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    _check_kind(source, SQLITE_MARK if is_sqlite else POSTGRES_MARK)
    if is_sqlite:
        return _restore_sqlite(source, Path(str(address.database)), now, may_replace=may_replace)
    _check_replacing(lambda: _ask_postgres(address, STORED), may_replace=may_replace)
    used_by = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'coursebook'"
    if _ask_postgres(address, f"{used_by} AND datname = current_database()"):
        raise BackupProblem("coursebook is connected to this database: stop it first.")
    options = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error")
    _run("pg_restore", address, *options, str(source))
    return None


def _check_kind(source: Path, mark: bytes) -> None:
    try:
        with source.open("rb") as file:
            found = file.read(len(mark))
    except OSError as problem:
        raise BackupProblem(f"{source} cannot be read: {problem.strerror}.") from None
    if found != mark:
        kind = "SQLite" if mark == SQLITE_MARK else "PostgreSQL"
        raise BackupProblem(f"{source} is not a backup of a {kind} database of coursebook.")


def _check_replacing(stored: Callable[[], int], *, may_replace: bool) -> None:
    if not may_replace and stored():
        raise BackupProblem(
            "The database is not empty, and everything in it would be replaced: say --yes for that."
        )


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupProblem(f"There is no database at {source} yet.")
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
    _check_sqlite(target)


def _check_sqlite(path: Path) -> None:
    """Refuse a file that is damaged, not ours, or of a newer version than this program."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
            (health,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.DatabaseError, TypeError):
        raise BackupProblem(f"{path} is damaged, or not a database of coursebook.") from None
    if health != "ok":
        raise BackupProblem(f"{path} is damaged: {health}.")
    if not knows_revision(revision):
        raise BackupProblem(f"{path} was made by a newer coursebook ({revision}).")


def _restore_sqlite(source: Path, target: Path, now: datetime, *, may_replace: bool) -> Path | None:
    _check_sqlite(source)
    _check_replacing(lambda: _count_in_sqlite(target), may_replace=may_replace)
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f"{target.name}.half")
    shutil.copyfile(source, half)
    half.chmod(0o600)
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.name}.before-{now:%Y%m%d-%H%M%S}")
        with closing(sqlite3.connect(target)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        target.rename(kept)
    for companion in ("-wal", "-shm"):
        target.with_name(f"{target.name}{companion}").unlink(missing_ok=True)
    half.rename(target)
    return kept


def _count_in_sqlite(path: Path) -> int:
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return int(database.execute(STORED).fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # no tables yet


def _ask_postgres(address: URL, query: str) -> int:
    """Return the number that a query gives, 0 when the tables do not exist yet."""
    exists = "SELECT count(*) FROM pg_tables WHERE tablename = 'user_account'"
    if query == STORED and not _ask_postgres(address, exists):
        return 0
    said = _run("psql", address, "--tuples-only", "--no-align", f"--command={query}")
    return int(said.strip() or 0)


def _run(name: str, address: URL, *options: str) -> str:
    """Run one of PostgreSQL's own programs; the password travels in the environment, unseen."""
    public = address.set(drivername="postgresql", password=None, query={})
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if address.password:
        environment["PGPASSWORD"] = str(address.password)
    if address.query.get("ssl"):
        environment["PGSSLMODE"] = str(address.query["ssl"])
    whose = [] if name == "psql" else ["--no-owner", "--no-privileges"]
    quiet = ["--no-psqlrc", "--quiet"] if name == "psql" else []
    command = [_program(name), "--no-password", f"--dbname={public}", *whose, *quiet, *options]
    done = subprocess.run(  # noqa: S603 - our own words, never through a shell
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise BackupProblem(f"{name} failed: {lines[0]}")
    return done.stdout


def _program(name: str) -> str:
    """Return where a program of PostgreSQL is, the newest one where several are."""
    newest = sorted(CLIENT_FOLDERS.glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if not found:
        raise BackupProblem(f"{name} is missing: install PostgreSQL's client programs.")
    return found
