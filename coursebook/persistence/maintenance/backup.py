"""Back up and restore the whole database. A backup is consistent also while the product runs.

SQLite: the online backup (sqlite.org/backup.html). PostgreSQL: pg_dump, and for a restore one
transaction that empties the schema and fills it again. A backup holds names and addresses of
people, so only its owner can read the file.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from coursebook.persistence.engine.databases import async_url
from coursebook.persistence.engine.file_lock import lock_exclusive, lock_shared
from coursebook.persistence.maintenance import postgres_programs as postgres
from coursebook.persistence.maintenance.migrate import ADVISORY_LOCK, knows_revision
from coursebook.persistence.maintenance.postgres_programs import ProgramFailed

SQLITE_MAGIC, POSTGRES_MAGIC = b"SQLite format 3\x00", b"PGDMP"
COUNT_ROWS = "SELECT (SELECT count(*) FROM course) + (SELECT count(*) FROM user_account)"
TABLES_EXIST = (
    "SELECT to_regclass('course') IS NOT NULL AND to_regclass('user_account') IS NOT NULL"
)
COUNT_CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'coursebook%' "
    "AND datname = current_database() AND pid <> pg_backend_pid()"
)
DROP_EVERYTHING = f"""
SET LOCAL lock_timeout = '10s';
SET client_min_messages = warning;
SELECT pg_advisory_xact_lock({ADVISORY_LOCK});
DO $empty$
DECLARE one record;
BEGIN
  IF ({COUNT_CONNECTIONS}) > 0 THEN
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
"""  # noqa: S608 - no outside text in it
"""Drop everything in our schema, including tables of a newer version. Extensions stay.

The schema itself stays too: before PostgreSQL 15 the database owner does not own it.
"""


class BackupProblem(Exception):
    """The backup or the restore failed. The message is one sentence."""


def back_up(url: str, target: Path, *, may_replace: bool = False) -> None:
    """Write a backup of the database at `url`, check it, and only then rename it to `target`.

    An older file of that name stays unchanged when anything fails. Raises BackupProblem.
    """
    if target.is_dir():
        raise BackupProblem(f"{target} is a folder: give a file name.")
    if target.exists() and not may_replace:
        raise BackupProblem(f"{target} already exists. Use --replace to overwrite it.")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    address = async_url(url)
    partial = target.with_name(f".{target.name}.{os.getpid()}.half")
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        if address.get_backend_name() == "sqlite":
            _copy_sqlite(Path(str(address.database)), partial)
        else:
            _dump_postgres(url, partial)
        _fsync(partial)
        partial.replace(target)
        _fsync(target.parent)
    except ProgramFailed as error:
        raise BackupProblem(str(error)) from None
    finally:
        partial.unlink(missing_ok=True)


def restore(url: str, source: Path, now: datetime, *, may_replace: bool) -> Path | None:
    """Replace the database at `url` with a backup. No program may be using the database.

    Return the path of the replaced SQLite file. Raises BackupProblem, also when the database is
    not empty and `may_replace` is false; nothing has changed then.
    """
    address = async_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    _check_magic(source, SQLITE_MAGIC if is_sqlite else POSTGRES_MAGIC)
    try:
        if is_sqlite:
            path = Path(str(address.database))
            return _restore_sqlite(source, path, now, may_replace=may_replace)
        _restore_postgres(url, source, may_replace=may_replace)
    except ProgramFailed as error:
        raise BackupProblem(str(error)) from None
    return None


def _check_magic(source: Path, magic: bytes) -> None:
    try:
        with source.open("rb") as file:
            head = file.read(len(magic))
    except OSError as error:
        raise BackupProblem(f"{source} cannot be read: {error.strerror}.") from None
    if head != magic:
        kind = "SQLite" if magic == SQLITE_MAGIC else "PostgreSQL"
        raise BackupProblem(f"{source} is not a backup of a {kind} database of coursebook.")


def _check_revision(source: Path, revision: str) -> None:
    if not revision:
        raise BackupProblem(f"{source} is not a backup of a database of coursebook.")
    if not knows_revision(revision):
        raise BackupProblem(
            f"{source} was made by a newer coursebook ({revision}): install that version first."
        )


def _check_replacing(row_count: int, *, may_replace: bool) -> None:
    if row_count and not may_replace:
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
    except ProgramFailed as error:
        if "missing" in str(error):
            raise
        raise BackupProblem(f"{source} is damaged: {error}.") from None
    _check_revision(source, postgres.revision_in(source))
    has_tables = postgres.query_text(url, TABLES_EXIST) == "t"
    _check_replacing(
        int(postgres.query_text(url, COUNT_ROWS)) if has_tables else 0, may_replace=may_replace
    )
    if int(postgres.query_text(url, COUNT_CONNECTIONS)):
        raise BackupProblem("coursebook is connected to this database: stop it first.")
    server = int(postgres.query_text(url, "SHOW server_version_num")) // 10000
    postgres.replay(url, source, first=DROP_EVERYTHING, server=server)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupProblem(f"There is no database at {source} yet.")
    with (
        lock_shared(source),
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without -wal and -shm
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
    with lock_exclusive(target):
        _check_replacing(_count_rows_in_sqlite(target), may_replace=may_replace)
        partial = target.with_name(f"{target.name}.half")
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        shutil.copyfile(source, partial)
        _fsync(partial)
        old_file = _set_aside(target, now)
        partial.replace(target)
        _fsync(target.parent)
    return old_file


def _set_aside(target: Path, now: datetime) -> Path | None:
    """Rename the current file, after moving its -wal file into it."""
    old_file = None
    if target.exists():
        old_file = target.with_name(f"{target.name}.before-{now:%Y%m%d-%H%M%S}")
        with closing(sqlite3.connect(target)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        target.rename(old_file)
    for companion in ("-wal", "-shm"):
        target.with_name(f"{target.name}{companion}").unlink(missing_ok=True)
    return old_file


def _count_rows_in_sqlite(path: Path) -> int:
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            return int(database.execute(COUNT_ROWS).fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # no tables yet


def _fsync(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk, so that they survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
