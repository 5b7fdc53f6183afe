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
        found = [route for route in self._routes if route.path_regex.match(path)]
        if not found:
            return problem_response(UnknownRoute())
        # Of /messages/preview and /messages/{message_id}, the first is meant.
        closest = max(map(_literal_parts, found))
        meant = [route for route in found if _literal_parts(route) == closest]
        # A method that is still answered and no longer documented is not advertised.
        shown = [route for route in meant if route.include_in_schema] or meant
        methods = {method for route in shown for method in route.methods or ()}
        response = problem_response(MethodNotAllowed())
        allowed = methods | {"HEAD"} if "GET" in methods else methods
        response.headers["Allow"] = ", ".join(sorted(allowed))
        return response


def _literal_parts(route: Route) -> int:
    return sum(not part.startswith("{") for part in route.path.split("/"))


def fallback_routes(routes: Sequence[BaseRoute]) -> list[Route]:
    """Return the routes to be put after all `routes` ones."""
    fallback = Fallback([route for route in routes if isinstance(route, Route)])
    return [Route(path, fallback) for path in ("/api", "/api/{rest:path}", "/metrics")]
