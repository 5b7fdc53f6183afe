"""Addresses under /api that do not exist, and methods that an address does not take.

Behind the API stands the program of the pages, which would answer them with a page.
"""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from coursebook.api.problems.documents import problem_response
from coursebook.api.problems.http_errors import MethodNotAllowed, UnknownRoute


class Fallback:
    """An ASGI endpoint (a function would only take GET): refuses whatever reaches it."""

    def __init__(self, known: Sequence[Route]) -> None:
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 405 when another method would have been right, else 404."""
        await self._refusal(scope["path"])(scope, receive, send)

    def _refusal(self, path: str) -> Response:
        methods = {m for r in self._known if r.path_regex.match(path) for m in r.methods or ()}
        if not methods:
            return problem_response(UnknownRoute())
        response = problem_response(MethodNotAllowed())
        allowed = methods | {"HEAD"} if "GET" in methods else methods
        response.headers["Allow"] = ", ".join(sorted(allowed))
        return response


def fallback_routes(known: Sequence[BaseRoute]) -> list[Route]:
    """Return the routes to be put after all `known` ones."""
    fallback = Fallback([route for route in known if isinstance(route, Route)])
    return [Route(path, fallback) for path in ("/api", "/api/{rest:path}", "/metrics")]
