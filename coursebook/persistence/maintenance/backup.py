"""A consistent copy of everything that is stored, also while the product runs, and the way back.

SQLite: its online backup (sqlite.org/backup.html). PostgreSQL: pg_dump, and one transaction that
empties the schema and fills it again. A copy holds names and addresses of people, so it is made for
its owner's eyes only.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from coursebook.persistence.engine.databases import async_url
from coursebook.persistence.engine.file_lock import alone, share
from coursebook.persistence.maintenance import postgres_programs as postgres
from coursebook.persistence.maintenance.migrate import ADVISORY_LOCK, knows_revision
from coursebook.persistence.maintenance.postgres_programs import ProgramFailed

SQLITE_MARK, POSTGRES_MARK = b"SQLite format 3\x00", b"PGDMP"
STORED = "SELECT (SELECT count(*) FROM course) + (SELECT count(*) FROM user_account)"
EXISTS = "SELECT to_regclass('course') IS NOT NULL AND to_regclass('user_account') IS NOT NULL"
USED = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'coursebook%' "
    "AND datname = current_database() AND pid <> pg_backend_pid()"
)
EMPTY = f"""
SET LOCAL lock_timeout = '10s';
SET client_min_messages = warning;
SELECT pg_advisory_xact_lock({ADVISORY_LOCK});
DO $empty$
DECLARE one record;
BEGIN
  IF ({USED}) > 0 THEN
    RAISE EXCEPTION 'coursebook is connected to this database: stop it first.';
  END IF;
  FOR one IN
    SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind,
           c.oid::regclass::text AS name
    FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r','p','v','m','S','f')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                      AND d.objid = c.oid AND d.deptype IN ('e', 'i', 'a'))
  LOOP
    IF to_regclass(one.name) IS NOT NULL THEN
      EXECUTE format('DROP %s IF EXISTS %s CASCADE', one.kind, one.name);
    END IF;
  END LOOP;
  FOR one IN
    SELECT t.oid::regtype::text AS name FROM pg_type t
    WHERE t.typnamespace = current_schema()::regnamespace AND t.typtype IN ('e', 'd')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass
                      AND d.objid = t.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', one.name);
  END LOOP;
  FOR one IN
    SELECT p.oid::regprocedure::text AS name FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                      AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', one.name);
  END LOOP;
END $empty$;
"""  # noqa: S608 - our own words
"""Drop all that is in our schema, also tables that a newer version made; extensions stay.

Not the schema itself: before PostgreSQL 15 it does not belong to the owner of the database.
"""


class BackupProblem(Exception):
    """The copy could not be made or put back; the message is one sentence."""


def back_up(url: str, target: Path, *, may_replace: bool = False) -> None:
    """Write a copy of the database at `url`, check it, and only then give it its name.

    An older copy of that name stays as it is when anything fails. Raises BackupProblem.
    """
    if target.is_dir():
        raise BackupProblem(f"{target} is a folder: give a file name.")
    if target.exists() and not may_replace:
        raise BackupProblem(f"{target} already exists. Use --replace to overwrite it.")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    address = async_url(url)
    half = target.with_name(f".{target.name}.{os.getpid()}.half")
    os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        if address.get_backend_name() == "sqlite":
            _copy_sqlite(Path(str(address.database)), half)
        else:
            _dump_postgres(url, half)
        _keep(half)
        half.replace(target)
        _keep(target.parent)
    except ProgramFailed as problem:
        raise BackupProblem(str(problem)) from None
    finally:
        half.unlink(missing_ok=True)


def restore(url: str, source: Path, now: datetime, *, may_replace: bool) -> Path | None:
    """Put a copy in the place of the database at `url`, which nothing may be using.

    Returns where the replaced SQLite file lies now. Raises BackupProblem: also when the database
    holds anything and `may_replace` was not said. Nothing has changed then.
    """
    address = async_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    _check_kind(source, SQLITE_MARK if is_sqlite else POSTGRES_MARK)
    try:
        if is_sqlite:
            path = Path(str(address.database))
            return _restore_sqlite(source, path, now, may_replace=may_replace)
        _restore_postgres(url, source, may_replace=may_replace)
    except ProgramFailed as problem:
        raise BackupProblem(str(problem)) from None
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


def _check_revision(source: Path, revision: str) -> None:
    if not revision:
        raise BackupProblem(f"{source} is not a backup of a database of coursebook.")
    if not knows_revision(revision):
        raise BackupProblem(
            f"{source} was made by a newer coursebook ({revision}): install that version first."
        )


def _check_replacing(stored: int, *, may_replace: bool) -> None:
    if stored and not may_replace:
        raise BackupProblem(
            "The database is not empty, and a restore replaces everything in it: use --yes to "
            "confirm."
        )


def _dump_postgres(url: str, target: Path) -> None:
    postgres.dump(url, target)
    postgres.check_archive(target)
    if not postgres.revision_in(target):
        raise BackupProblem("The database has no tables of coursebook yet.")


def _restore_postgres(url: str, source: Path, *, may_replace: bool) -> None:
    try:
        postgres.check_archive(source)
    except ProgramFailed as problem:
        if "missing" in str(problem):
            raise
        raise BackupProblem(f"{source} is damaged: {problem}.") from None
    _check_revision(source, postgres.revision_in(source))
    has_tables = postgres.ask(url, EXISTS) == "t"
    _check_replacing(int(postgres.ask(url, STORED)) if has_tables else 0, may_replace=may_replace)
    if int(postgres.ask(url, USED)):
        raise BackupProblem("coursebook is connected to this database: stop it first.")
    server = int(postgres.ask(url, "SHOW server_version_num")) // 10000
    postgres.replay(url, source, first=EMPTY, server=server)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupProblem(f"There is no database at {source} yet.")
    with (
        share(source),
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
    _read_revision(target)


def _read_revision(path: Path) -> str:
    """Return an SQLite file's revision. Raises BackupProblem when it is damaged or not ours."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            (health,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.DatabaseError, TypeError):
        raise BackupProblem(f"{path} is damaged, or not a database of coursebook.") from None
    if health != "ok":
        raise BackupProblem(f"{path} is damaged: {health}.")
    return str(revision)


def _restore_sqlite(source: Path, target: Path, now: datetime, *, may_replace: bool) -> Path | None:
    _check_revision(source, _read_revision(source))
    target = target.resolve()
    with alone(target):
        _check_replacing(_count_in_sqlite(target), may_replace=may_replace)
        half = target.with_name(f"{target.name}.half")
        half.unlink(missing_ok=True)
        os.close(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        shutil.copyfile(source, half)
        _keep(half)
        kept = _set_aside(target, now)
        half.replace(target)
        _keep(target.parent)
    return kept


def _set_aside(target: Path, now: datetime) -> Path | None:
    """Give the file that is there another name, with all that its companions hold."""
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.name}.before-{now:%Y%m%d-%H%M%S}")
        with closing(sqlite3.connect(target)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        target.rename(kept)
    for companion in ("-wal", "-shm"):
        target.with_name(f"{target.name}{companion}").unlink(missing_ok=True)
    return kept


def _count_in_sqlite(path: Path) -> int:
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            return int(database.execute(STORED).fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # no tables yet


def _keep(path: Path) -> None:
    """Bring a file or a folder's names to the disk, so that a power cut does not undo them."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
