"""Lists of the board: one page of rows, and the ways to the newer and the older ones."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request

from coursebook.sandbox.store import Body, Filter, Store

ROWS = 25


@dataclass(frozen=True)
class Listed:
    """Rows, newest first; `newer` and `older` are addresses, empty when there is nothing."""

    rows: list[Body]
    newer: str = ""
    older: str = ""


def listed(store: Store, kind: str, request: Request, only: Filter | None = None) -> Listed:
    """Return the page of a kind that the query names with `before` or `after` (ids).

    A cursor that nobody has is as good as none.
    """
    only = only or Filter()
    before, after = (_cursor(store, kind, request, name) for name in ("before", "after"))
    if after:
        found = store.find(kind, replace(only, after=after), limit=ROWS + 1)
        if len(found) > ROWS:
            rows = found[:ROWS][::-1]
            newer = _address(request, "after", rows[0])
            return Listed(rows, newer, _address(request, "before", rows[-1]))
        before = None
    found = store.find(kind, replace(only, before=before), limit=ROWS + 1)
    rows = found[:ROWS]
    newer = _address(request, "after", rows[0]) if before and rows else ""
    older = _address(request, "before", rows[-1]) if len(found) > ROWS else ""
    return Listed(rows, newer, older)


def _cursor(store: Store, kind: str, request: Request, name: str) -> str | None:
    key = request.query_params.get(name)
    return key if key and store.get(kind, key) else None


def _address(request: Request, name: str, row: Body) -> str:
    kept = {k: v for k, v in request.query_params.items() if k not in ("before", "after", "done")}
    return f"{request.url.path}?{urlencode({**kept, name: row['id']})}"
