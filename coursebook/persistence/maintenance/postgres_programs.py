"""Run PostgreSQL's own programs (pg_dump, pg_restore, psql) on the database of DATABASE_URL.

The address and all its options are passed as libpq keywords. The password is passed in the
environment, where other users of the machine cannot see it.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy.engine import make_url

CLIENT_FOLDERS = Path("/usr/lib/postgresql")
CONNECT_TIMEOUT = "10"
DRIVER_OPTIONS = frozenset(
    {
        "async_fallback",
        "command_timeout",
        "direct_tls",
        "max_cacheable_statement_size",
        "max_cached_statement_lifetime",
        "prepared_statement_cache_size",
        "prepared_statement_name_func",
        "statement_cache_size",
        "timeout",
    }
)
"""Options of asyncpg and its dialect that libpq does not know."""
NO_OWNER_OPTIONS = ("--no-owner", "--no-privileges")
PSQL_OPTIONS = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1")
ERROR_LINE = re.compile(r"\b(ERROR|FATAL|error|fatal):")
NEWER_SETTINGS = {b"SET transaction_timeout": 17}
"""Settings that a newer pg_restore writes, and the first server version that accepts them."""


class ProgramFailed(Exception):
    """A program failed. The message is one sentence without the password."""


def connection_string(url: str) -> tuple[str, dict[str, str]]:
    """Return libpq's connection string for DATABASE_URL, and the environment with the password."""
    address = make_url(url.replace("postgres://", "postgresql://", 1))
    keywords: dict[str, str | None] = {
        "host": address.host,
        "port": str(address.port) if address.port else None,
        "user": address.username,
        "dbname": address.database,
    }
    for name, value in address.query.items():
        if name not in DRIVER_OPTIONS:
            keywords.update(_option(name, value))
    environment = {**os.environ, "PGCONNECT_TIMEOUT": CONNECT_TIMEOUT}
    password = keywords.pop("password", None) or address.password
    if password:
        environment["PGPASSWORD"] = str(password)
    text = " ".join(f"{name}={_quoted(value)}" for name, value in keywords.items() if value)
    return text, environment


def _option(name: str, value: str | tuple[str, ...]) -> dict[str, str]:
    if name == "host":
        return _hosts(value)
    last = value if isinstance(value, str) else value[-1]
    if name == "ssl":  # asyncpg's name for the same
        return {"sslmode": {"true": "require", "false": "disable"}.get(last.lower(), last)}
    return {name: last}


def _hosts(value: str | tuple[str, ...]) -> dict[str, str]:
    """Read `?host=/run/postgresql`, and several hosts with their ports (`?host=a:5432&host=b`)."""
    hosts, ports = [], []
    for entry in [value] if isinstance(value, str) else value:
        host, colon, port = entry.rpartition(":")
        is_split = bool(colon) and port.isdigit()
        hosts.append(host if is_split else entry)
        ports.append(port if is_split else "")
    return {"host": ",".join(hosts)} | ({"port": ",".join(ports)} if any(ports) else {})


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def dump(url: str, target: Path) -> None:
    """Write an archive of the database. Raises ProgramFailed."""
    dsn, environment = connection_string(url)
    _run("pg_dump", f"--dbname={dsn}", *NO_OWNER_OPTIONS, "--format=custom", f"--file={target}",
         environment=environment)  # fmt: skip


def check_archive(archive: Path) -> None:
    """Read an archive to its end. Raises ProgramFailed when it is damaged."""
    _run("pg_restore", f"--file={os.devnull}", str(archive))


def revision_in(archive: Path) -> str:
    """Return the revision of the tables in an archive. Raises ProgramFailed."""
    script = _run("pg_restore", "--file=-", "--data-only", "--table=alembic_version", str(archive))
    lines = iter(script.splitlines())
    for line in lines:
        if line.startswith("COPY ") and "alembic_version" in line:
            return next(lines, "").strip()
    return ""


def query_text(url: str, query: str) -> str:
    """Return the result of a query as text. Raises ProgramFailed."""
    dsn, environment = connection_string(url)
    text = _run("psql", f"--dbname={dsn}", "--no-password", *PSQL_OPTIONS, f"--command={query}",
                environment=environment)  # fmt: skip
    return text.strip()


def replay(url: str, archive: Path, *, first: str, server: int) -> None:
    """Run `first` and then an archive in one transaction.

    COMMIT is sent only after the archive was read to its end. `server` is the server's major
    version. Raises ProgramFailed; nothing has changed then.
    """
    dsn, environment = connection_string(url)
    psql = [_program("psql"), f"--dbname={dsn}", "--no-password", *PSQL_OPTIONS]
    read = [_program("pg_restore"), "--file=-", *NO_OWNER_OPTIONS, str(archive)]
    with (
        _started(read, environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as reader,
        _started(psql, environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as writer,
    ):
        (source, read_errors), (target, write_errors) = reader, writer
        assert source.stdout is not None, "a pipe"
        assert target.stdin is not None, "a pipe"
        try:
            target.stdin.write(f"BEGIN;\n{first}\n".encode())
            _copy_script(source.stdout, target.stdin, server)
            source.stdout.close()
            if source.wait() == 0:
                target.stdin.write(b"\nCOMMIT;\n")
            target.stdin.close()
        except BrokenPipeError:  # psql has exited; its stderr has the reason
            source.kill()
            source.wait()
        _check("psql", target.wait(), write_errors)
        _check("pg_restore", source.returncode, read_errors)


def _copy_script(source: IO[bytes], target: IO[bytes], server: int) -> None:
    """Copy a script, without the settings at its head that an older server rejects."""
    for line in source:
        newer = next((v for prefix, v in NEWER_SETTINGS.items() if line.startswith(prefix)), 0)
        if newer <= server:
            target.write(line)
        if line.startswith((b"CREATE ", b"COPY ", b"ALTER ")):
            break
    shutil.copyfileobj(source, target)


@contextmanager
def _started(
    command: list[str], environment: dict[str, str], *, stdin: int, stdout: int
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """Start a program with its stderr in a file, so that a full pipe never blocks it."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - fixed arguments, no shell
            command, env=environment, stdin=stdin, stdout=stdout, stderr=errors
        )
        try:
            yield process, errors
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _check(name: str, code: int, errors: IO[bytes]) -> None:
    if code:
        errors.seek(0)
        raise ProgramFailed(_sentence(name, errors.read().decode(errors="replace")))


def _run(name: str, *options: str, environment: dict[str, str] | None = None) -> str:
    result = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        [_program(name), *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode:
        raise ProgramFailed(_sentence(name, result.stderr))
    return result.stdout


def _sentence(name: str, errors: str) -> str:
    lines = [line for line in errors.splitlines() if line.strip()] or ["it gave no reason"]
    reason = next((line for line in lines if ERROR_LINE.search(line)), lines[0])
    return f"{name} failed: {reason.strip()}"


def _program(name: str) -> str:
    """Return the path of a PostgreSQL program, the newest one of several."""
    newest = sorted(CLIENT_FOLDERS.glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    path = str(newest[-1]) if newest else shutil.which(name)
    if not path:
        raise ProgramFailed(f"{name} is missing: install PostgreSQL's client programs.")
    return path
