"""Lists of the dashboard: one page of rows with links to newer and older ones."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request

from coursebook.sandbox.store import Body, Filter, Store

ROWS = 25


@dataclass(frozen=True)
class Listed:
    """A page of rows, newest first; `newer` and `older` are addresses or empty."""

    rows: list[Body]
    newer: str = ""
    older: str = ""


def listed(store: Store, kind: str, request: Request, only: Filter | None = None) -> Listed:
    """Return the page of a kind for the cursors `before` or `after` (ids) of the query.

    Unknown cursors are ignored.
    """
    only = only or Filter()
    before, after = (_cursor(store, kind, request, name) for name in ("before", "after"))
    if after:
        bodies = store.find(kind, replace(only, after=after), limit=ROWS + 1)
        if len(bodies) > ROWS:
            rows = bodies[:ROWS][::-1]
            newer = _address(request, "after", rows[0])
            return Listed(rows, newer, _address(request, "before", rows[-1]))
        before = None
    bodies = store.find(kind, replace(only, before=before), limit=ROWS + 1)
    rows = bodies[:ROWS]
    newer = _address(request, "after", rows[0]) if before and rows else ""
    older = _address(request, "before", rows[-1]) if len(bodies) > ROWS else ""
    return Listed(rows, newer, older)


def _cursor(store: Store, kind: str, request: Request, name: str) -> str | None:
    key = request.query_params.get(name)
    return key if key and store.get(kind, key) else None


def _address(request: Request, name: str, row: Body) -> str:
    query = {k: v for k, v in request.query_params.items() if k not in ("before", "after", "done")}
    return f"{request.url.path}?{urlencode({**query, name: row['id']})}"
