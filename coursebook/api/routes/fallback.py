"""404 and 405 for unknown paths and methods under /api.

Without these routes the pages behind the API would answer.
"""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from coursebook.api.problems.documents import problem_response
from coursebook.api.problems.http_errors import MethodNotAllowed, UnknownRoute


class Fallback:
    """An ASGI endpoint that refuses every request; a function would accept only GET."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 405 when the path has other methods, else 404."""
        await self._refusal(scope["path"])(scope, receive, send)

    def _refusal(self, path: str) -> Response:
        methods = {m for r in self._routes if r.path_regex.match(path) for m in r.methods or ()}
        if not methods:
            return problem_response(UnknownRoute())
        response = problem_response(MethodNotAllowed())
        allowed = methods | {"HEAD"} if "GET" in methods else methods
        response.headers["Allow"] = ", ".join(sorted(allowed))
        return response


def fallback_routes(routes: Sequence[BaseRoute]) -> list[Route]:
    """Return the routes to be put after all `routes` ones."""
    fallback = Fallback([route for route in routes if isinstance(route, Route)])
    return [Route(path, fallback) for path in ("/api", "/api/{rest:path}", "/metrics")]
