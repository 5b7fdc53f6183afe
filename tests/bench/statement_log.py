"""Records the statements of one use case, to replay them with new ids."""

import json
import pickle
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from coursebook.domain.check_in.ticket_code import ALPHABET, CODE_LETTERS
from coursebook.persistence.engine.databases import Database

OWN_ID = re.compile(r"\b(bkg|pay|usr|out|evt_bench|cs_test_bkg|user_sandbox)_([a-z0-9]{8,})")
TICKET = re.compile(f"[{ALPHABET}]{{{CODE_LETTERS}}}")
"""The code of a ticket, unique like an id."""
BEGIN, COMMIT = "BEGIN", "COMMIT"

Step = tuple[str, tuple[Any, ...]]


@dataclass
class Script:
    """Statements with their parameters, including `BEGIN` and `COMMIT`."""

    steps: list[Step] = field(default_factory=list)

    def save(self, path: Path) -> Path:
        """Write it to a file for another process."""
        path.write_bytes(pickle.dumps(self.steps))
        return path

    @classmethod
    def load(cls, path: str) -> "Script":
        """Read it back."""
        return cls(pickle.loads(Path(path).read_bytes()))

    def afresh(self) -> list[Step]:
        """Return the steps with new ids in place of the recorded ones."""
        rename = _renaming(secrets.token_hex(10))
        return [(said, tuple(rename(v) for v in values)) for said, values in self.steps]

    def as_pgbench(self) -> str:
        """Return the statements as a pgbench script with new ids in every run."""
        lines = [r"\set mine random(1000000000, 9000000000000)"]
        for said, values in self.steps:
            text = said
            for number in range(len(values), 0, -1):
                literal = _literal(values[number - 1])
                text = re.sub(rf"\${number}(?!\d)", lambda _m, known=literal: known, text)
            lines.append(" ".join(text.split()) + ";")
        return "\n".join(lines) + "\n"


@asynccontextmanager
async def recording(database: Database) -> AsyncIterator[Script]:
    """Record every statement on either engine inside the `with` block."""
    script = Script()

    def said(_c: Any, _cursor: Any, text: str, values: Any, _x: Any, many: bool) -> None:
        if text.startswith(("BEGIN", "PRAGMA")):  # on SQLite the engine issues them itself
            return
        rows = many and isinstance(
            values[0], tuple | list
        )  # otherwise it is one statement with many rows
        for each in values if rows else [values]:
            script.steps.append((text, tuple(each)))

    def begun(_c: Any) -> None:
        script.steps.append((BEGIN, ()))

    def done(_c: Any) -> None:
        script.steps.append((COMMIT, ()))

    engines = [database.reading.sync_engine, database.writing.sync_engine]
    hooks: tuple[tuple[str, Callable[..., None]], ...] = (
        ("before_cursor_execute", said),
        ("begin", begun),
        ("commit", done),
    )
    for engine in engines:
        for name, hook in hooks:
            sa.event.listen(engine, name, hook)
    try:
        yield script
    finally:
        for engine in engines:
            for name, hook in hooks:
                sa.event.remove(engine, name, hook)


def _renaming(mine: str) -> Callable[[Any], Any]:
    def rename(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if TICKET.fullmatch(value):
            return mine[:CODE_LETTERS]
        return OWN_ID.sub(lambda m: f"{m[1]}_{(m[2][:4] + mine)[: len(m[2])]}", value)

    return rename


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return f"'{value.isoformat()}'"
    text = value if isinstance(value, str) else json.dumps(value)
    quoted = "'" + text.replace("'", "''") + "'"
    if TICKET.fullmatch(text):
        return "'T' || :mine"
    if OWN_ID.search(text):
        quoted = "(" + OWN_ID.sub(lambda m: f"{m[1]}_{m[2][:4]}' || :mine || '", quoted) + ")"
    return quoted
