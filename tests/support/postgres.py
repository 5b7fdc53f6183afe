"""A temporary PostgreSQL cluster for one test run, on a free port, tuned for speed."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from coursebook.persistence.maintenance.migrate import upgrade_to_head
from tests.support.ports import free_port
from tests.support.server_programs import as_user, find_postgres, start, stop, wait_for

OWNER = "coursebook"
PASSWORD = "p@ss:w/rd %20#?&='\"\\ü"
"""Every character that some program between us and the server could take for its own."""
TEMPLATE = "coursebook_template"
SPEED = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")


@dataclass
class PostgresCluster:
    """A running server. Each `fresh_database()` is its own migrated, empty database."""

    port: int
    folder: Path
    _serve: Callable[[], subprocess.Popen[bytes]]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    server: subprocess.Popen[bytes] = field(init=False)

    def url(self, name: str) -> str:
        """Return the address of a database, as DATABASE_URL wants it."""
        return f"postgresql://{OWNER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{name}"

    def socket_url(self, name: str) -> str:
        """Return the address of a database over the server's Unix socket."""
        where = f"host={quote(str(self.folder), safe='')}&port={self.port}"
        return f"postgresql://{OWNER}:{quote(PASSWORD, safe='')}@/{name}?{where}"

    def serve(self) -> None:
        """Start the server and wait until it answers."""
        self.server = self._serve()
        programs = find_postgres()
        ready = [f"{programs}/pg_isready", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_for(lambda: _succeeds(ready), "PostgreSQL", self.folder / "log")

    def restart(self, *, crash: bool = False) -> None:
        """Stop the server, ending every connection, and start it again.

        With `crash` it stops without a shutdown checkpoint and has to recover from its log.
        """
        stop(self.server, signal.SIGQUIT if crash else signal.SIGINT)
        self.serve()

    def prepare_template(self) -> None:
        """Create the migrated database that all others are cloned from."""
        self._command(f'CREATE DATABASE "{TEMPLATE}"')
        run_apart(upgrade_to_head(self.url(TEMPLATE)))

    def fresh_database(self) -> str:
        """Return the address of a new database with all tables and no rows."""
        name = f"test_{next(self._numbers)}"
        how = f'TEMPLATE "{TEMPLATE}" STRATEGY FILE_COPY'  # half the time of the default WAL_LOG
        self._command(f'CREATE DATABASE "{name}" {how}')
        return self.url(name)

    def empty_database(self) -> str:
        """Return the address of a new database without tables, for tests of migrations."""
        name = f"empty_{next(self._numbers)}"
        self._command(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def cut_connections(self, url: str) -> None:
        """Terminate every connection to a database, as a restart does."""
        name = url.rpartition("/")[2]
        ask = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
        self._command(f"{ask} '{name}'")

    def drop(self, url: str) -> None:
        """Drop a database, even if a test left a connection open."""
        self._command(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def _command(self, statement: str) -> None:
        run_apart(_execute(self.url("postgres"), statement))


@contextmanager
def postgres_cluster(*settings: str) -> Iterator[PostgresCluster]:
    """Start a cluster in a temporary folder; stop and delete it afterwards.

    `settings` override the ones tuned for speed, for example `synchronous_commit=on`.
    """
    programs = find_postgres()
    if programs is None:
        raise RuntimeError("PostgreSQL is missing; `make test` installs it or says how.")
    folder = Path(tempfile.mkdtemp(prefix="coursebook-postgres-"))
    user = _unprivileged_user()
    log = folder / "log"
    log.touch()
    if user:
        for path in (folder, log):
            shutil.chown(path, user, pwd.getpwnam(user).pw_gid)
    try:
        _make_cluster(programs, folder, user)
        port = free_port()
        command = _server_command(programs, folder, port, settings)
        cluster = PostgresCluster(port, folder, lambda: start(command, log, user=user))
        cluster.serve()
        try:
            cluster.prepare_template()
            yield cluster
        finally:
            stop(cluster.server, signal.SIGINT)  # "fast shutdown": ends open connections
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to completion from a synchronous fixture, on an event loop in a thread."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


def _make_cluster(programs: str, folder: Path, user: str | None) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    if user:
        shutil.chown(secret, user, pwd.getpwnam(user).pw_gid)
    command = [f"{programs}/initdb", "-D", str(folder / "data"), "-U", OWNER]
    command += ["--auth=scram-sha-256", f"--pwfile={secret}"]
    command += ["--no-sync", "--encoding=UTF8", "--locale=C"]
    result = subprocess.run(
        [*(as_user(user) if user else []), *command], capture_output=True, check=False, cwd="/"
    )
    if result.returncode:
        raise RuntimeError(f"initdb failed: {result.stderr.decode(errors='replace')}")


def _server_command(programs: str, folder: Path, port: int, settings: tuple[str, ...]) -> list[str]:
    where = f"unix_socket_directories={folder}"
    usual = ("listen_addresses=127.0.0.1", f"port={port}", where, *SPEED)
    words = [f"{programs}/postgres", "-D", str(folder / "data")]
    return words + [word for setting in (*usual, *settings) for word in ("-c", setting)]


def _unprivileged_user() -> str | None:
    """Return the user to run PostgreSQL as, which refuses root. None means the current user."""
    if os.geteuid() != 0:
        return None
    user_names = {account.pw_name for account in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in user_names)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
