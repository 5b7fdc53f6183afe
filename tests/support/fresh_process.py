"""Runs programs that import coursebook from scratch: from a copy of the tree, or for a school.

A server imports the libraries once, without coursebook, and forks a process for each program. So
a program takes a second less than in a process of its own.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "alembic.command",
    "asyncpg",
    "clerk_backend_api",
    "fastapi",
    "hypothesis",
    "icalendar",
    "jinja2",
    "markdown_it",
    "pydantic_settings",
    "pytest",
    "redis.asyncio",
    "reflex.app",
    "reflex.state",
    "reflex_components_core.core",
    "reflex_components_core.el",
    "sqlalchemy.ext.asyncio",
    "sqlmodel",
    "stripe",
    "structlog",
    "typer.testing",
    "uvloop",
)
MANY_OBJECTS = 200_000
"""Objects made between two looks for garbage."""


@dataclass(frozen=True)
class Ran:
    """A program that has ended."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True)
class FreshProcesses:
    """Forks processes that have not imported coursebook yet."""

    server: subprocess.Popen[str]
    folder: Path

    def run(
        self, program: str, *words: str, cwd: Path, tree: Path = ROOT, **environment: str
    ) -> Ran:
        """Run Python source with `words` as its arguments; coursebook is that of `tree`."""
        files = {name: str(self.folder / name) for name in ("output", "errors")}
        order = {"program": program, "words": words, "cwd": str(cwd), "tree": str(tree)}
        assert self.server.stdin
        assert self.server.stdout
        print(json.dumps({**order, **files, "environment": environment}), file=self.server.stdin)
        self.server.stdin.flush()
        code = int(self.server.stdout.readline())
        return Ran(code, *(Path(file).read_text() for file in files.values()))


@contextmanager
def fresh_processes(folder: Path) -> Iterator[FreshProcesses]:
    """Start the server; `folder` is for the output of its programs."""
    server = subprocess.Popen(
        [sys.executable, "-P", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": os.defpath, "HOME": str(folder)},
        cwd=folder,
    )
    with server:
        yield FreshProcesses(server, folder)
        assert server.stdin
        server.stdin.close()


def _become(order: dict[str, Any]) -> None:
    """Run the program; never returns."""
    for number, name in ((1, "output"), (2, "errors")):
        os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    sys.path.insert(0, order["tree"])
    sys.argv = ["-c", *order["words"]]
    code: object = 0
    try:
        exec(compile(order["program"], "<program>", "exec"), {"__name__": "__main__"})
    except SystemExit as error:
        code = error.code or 0
    except BaseException:  # noqa: BLE001 - as Python does
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(code) if isinstance(code, int) else 1)


def _serve() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # no program looks for garbage among the libraries
    gc.set_threshold(MANY_OBJECTS)
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            _become(json.loads(line))
        status = os.waitpid(process, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    _serve()
