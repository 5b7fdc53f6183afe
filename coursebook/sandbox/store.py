"""The store of the sandbox: JSON documents in one SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

Body = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  parent TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL DEFAULT 0,
  due REAL,
  body TEXT NOT NULL,
  UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS documents_by_kind ON documents (kind, seq);
CREATE INDEX IF NOT EXISTS documents_by_parent ON documents (kind, parent, seq);
CREATE INDEX IF NOT EXISTS documents_by_status ON documents (kind, status, seq);
CREATE INDEX IF NOT EXISTS documents_by_due ON documents (kind, due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS documents_by_time ON documents (kind, created);
CREATE INDEX IF NOT EXISTS events_by_object
  ON documents (json_extract(body, '$.data.object.id'), seq) WHERE kind = 'event';
CREATE INDEX IF NOT EXISTS events_by_payment
  ON documents (json_extract(body, '$.data.object.payment_intent'), seq) WHERE kind = 'event';
CREATE INDEX IF NOT EXISTS sessions_by_email
  ON documents (json_extract(body, '$.customer_details.email'), seq)
  WHERE kind = 'checkout.session';
CREATE INDEX IF NOT EXISTS codes_by_coupon
  ON documents (json_extract(body, '$.promotion.coupon'), seq) WHERE kind = 'promotion_code';
CREATE INDEX IF NOT EXISTS deliveries_by_endpoint
  ON documents (json_extract(body, '$.endpoint'), due) WHERE kind = 'delivery' AND due IS NOT NULL;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

INDEXES = {
    ("checkout.session", "customer_details.email"): "sessions_by_email",
    ("promotion_code", "promotion.coupon"): "codes_by_coupon",
}
SEQ_OF = "(SELECT seq FROM documents WHERE kind = ? AND id = ?)"
SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True)
class Filter:
    """A filter over the documents of a kind; an empty one matches all.

    `parent` is one value, `any_parent` a list of alternatives. `before` and `after` are ids of
    documents of the same kind: match only older or newer ones. `created` maps `gt`, `gte`, `lt`,
    `lte` to epoch seconds. `where` compares values in the body; without a `parent` it needs an
    index in `INDEXES`.
    """

    parent: str | None = None
    any_parent: tuple[str, ...] = ()
    status: str | None = None
    before: str | None = None
    after: str | None = None
    created: tuple[tuple[str, int], ...] = ()
    where: tuple[tuple[str, Any], ...] = ()


class Store:
    """Documents by kind and id, listed newest first, durable across restarts."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`; create it readable by its owner only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA busy_timeout=5000")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all writes of the block, or roll them back if it raises. Blocks may be nested."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    def put(
        self,
        kind: str,
        key: str,
        body: Body,
        *,
        parent: str = "",
        status: str = "",
        created: int = 0,
        due: float | None = None,
    ) -> None:
        """Write a document; replacing one with the same kind and id keeps its position."""
        row = (kind, key, parent, status, created, due, json.dumps(body, ensure_ascii=False))
        with self._lock:
            self._db.execute(
                "INSERT INTO documents (kind, id, parent, status, created, due, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET"
                " parent = excluded.parent, status = excluded.status, created = excluded.created,"
                " due = excluded.due, body = excluded.body",
                row,
            )

    def get(self, kind: str, key: str) -> Body | None:
        """Return the body of one document, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM documents WHERE kind = ? AND id = ?", (kind, key)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def delete(self, kind: str, key: str) -> None:
        """Delete one document if it exists."""
        with self._lock:
            self._db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, key))

    def forget(self, *, kept: tuple[str, ...]) -> None:
        """Delete every document, except for the kinds in `kept`."""
        marks = ", ".join("?" * len(kept))
        with self._lock:
            self._db.execute(f"DELETE FROM documents WHERE kind NOT IN ({marks})", kept)  # noqa: S608

    def delete_created_before(self, kind: str, created: int) -> None:
        """Delete the documents of a kind that are older than `created` (epoch seconds)."""
        with self._lock:
            self._db.execute(
                "DELETE FROM documents WHERE kind = ? AND created < ?", (kind, created)
            )

    def find(self, kind: str, only: Filter | None = None, *, limit: int = 1000) -> list[Body]:
        """Return documents of a kind, newest first (oldest first with `after`)."""
        only = only or Filter()
        rows: list[tuple[int, str]] = []
        for parent in only.any_parent or (only.parent,):  # each by its index, then merged
            rows += self._rows(kind, replace(only, parent=parent), limit)
        if only.any_parent:
            rows.sort(reverse=only.after is None)
        return [json.loads(body) for _seq, body in rows[:limit]]

    def due(self, kind: str, now: float, *, limit: int = 100) -> list[Body]:
        """Return documents of a kind whose `due` time has passed, oldest due first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT body FROM documents WHERE kind = ? AND due <= ? ORDER BY due, seq LIMIT ?",
                (kind, now, limit),
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def due_deliveries(self, endpoint: str, now: float, *, limit: int) -> list[Body]:
        """Return the due deliveries of one endpoint, oldest due first.

        The query repeats the expressions of its index; otherwise SQLite could not use it.
        """
        with self._lock:
            rows = self._db.execute(
                "SELECT body FROM documents INDEXED BY deliveries_by_endpoint"
                " WHERE kind = 'delivery' AND due IS NOT NULL"
                " AND json_extract(body, '$.endpoint') = ? AND due <= ? ORDER BY due LIMIT ?",
                (endpoint, now, limit),
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def has_due(self, kinds: tuple[str, ...], now: float) -> bool:
        """Return whether any document of these kinds is due."""
        marks = ", ".join("?" * len(kinds))
        with self._lock:
            return bool(
                self._db.execute(
                    f"SELECT 1 FROM documents WHERE kind IN ({marks}) AND due <= ? LIMIT 1",  # noqa: S608
                    (*kinds, now),
                ).fetchone()
            )

    def next_due(self, kind: str) -> float | None:
        """Return the earliest `due` time of a kind, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT min(due) FROM documents WHERE kind = ? AND due IS NOT NULL", (kind,)
            ).fetchone()
        return row[0] if row else None

    def sums(self, kind: str, group: str, number: str) -> list[tuple[str, int]]:
        """Return the sum of a whole number in the bodies of a kind, per value of `group`."""
        with self._lock:
            return self._db.execute(
                "SELECT json_extract(body, ?), sum(json_extract(body, ?)) FROM documents"
                " WHERE kind = ? GROUP BY 1 ORDER BY 1",
                (f"$.{group}", f"$.{number}", kind),
            ).fetchall()

    def events_about(self, keys: tuple[str, ...], *, limit: int) -> list[Body]:
        """Return the events about the objects or payments in `keys`, oldest first.

        The query repeats the expressions of its two indexes; otherwise SQLite could not use them.
        """
        marks = ", ".join("?" * len(keys))
        halves = (
            f"SELECT seq FROM documents INDEXED BY {index} WHERE kind = 'event'"  # noqa: S608
            f" AND json_extract(body, '$.data.object.{name}') IN ({marks})"
            for index, name in (("events_by_object", "id"), ("events_by_payment", "payment_intent"))
        )
        with self._lock:
            rows = self._db.execute(
                f"SELECT body FROM documents WHERE seq IN ({' UNION '.join(halves)})"  # noqa: S608
                " ORDER BY seq LIMIT ?",
                (*keys, *keys, limit),
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def setting(self, name: str) -> str | None:
        """Return a setting, or None."""
        with self._lock:
            row = self._db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def set_setting(self, name: str, value: str) -> None:
        """Write a setting."""
        with self._lock:
            self._db.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def _rows(self, kind: str, only: Filter, limit: int) -> list[tuple[int, str]]:
        clauses, values = _conditions(kind, only)
        order = "ASC" if only.after else "DESC"
        index = next((INDEXES[kind, name] for name, _ in only.where if (kind, name) in INDEXES), "")
        source = f"documents INDEXED BY {index}" if index else "documents"
        with self._lock:
            return self._db.execute(
                f"SELECT seq, body FROM {source} WHERE {' AND '.join(clauses)}"  # noqa: S608  ours
                f" ORDER BY seq {order} LIMIT ?",
                (*values, limit),
            ).fetchall()


def _conditions(kind: str, only: Filter) -> tuple[list[str], list[Any]]:
    """Return WHERE clauses and their values; only the values come from outside our code."""
    clauses, values = [f"kind = '{kind}'"], list[Any]()
    for column in ("parent", "status"):
        if getattr(only, column) is not None:
            clauses.append(f"{column} = ?")
            values.append(getattr(only, column))
    for cursor, sign in (("before", "<"), ("after", ">")):
        if getattr(only, cursor) is not None:
            clauses.append(f"seq {sign} {SEQ_OF}")
            values += [kind, getattr(only, cursor)]
    for operator, second in only.created:
        clauses += [f"created {SIGNS[operator]} ?", _seq_bound(kind, operator)]
        values += [second, second]
    for name, value in only.where:
        clauses.append(f"json_extract(body, '$.{name}') = ?")
        values.append(value)
    return clauses, values


def _seq_bound(kind: str, operator: str) -> str:
    """Return the bound of `seq` for a bound of time, so that a scan by `seq` stops there.

    Documents are created in the order of their times.
    """
    sign, order = (">=", "ASC") if operator in ("gt", "gte") else ("<=", "DESC")
    query = (
        f"SELECT seq FROM documents WHERE kind = '{kind}' AND created {SIGNS[operator]} ?"  # noqa: S608
        f" ORDER BY created {order}, seq {order} LIMIT 1"
    )
    return f"seq {sign} ({query})"
