"""A path without parameters finds its route at once; every other path is found as before."""

import pytest
from fastapi import APIRouter
from starlette.routing import BaseRoute, Match, Route

from coursebook.api.app import build_api
from coursebook.api.routes.exact_paths import ExactPaths

APP = build_api()
DOCUMENTED = [
    (path, method.upper()) for path, methods in APP.openapi()["paths"].items() for method in methods
]


def first_match(routes: list[BaseRoute], path: str, method: str) -> BaseRoute | None:
    """Return the route that Starlette would choose."""
    scope = {"type": "http", "path": path, "root_path": "", "method": method, "headers": []}
    for route in routes:
        match, found = route.matches(scope)
        if match is Match.FULL:
            chosen = found.get("route", route)
            assert isinstance(chosen, BaseRoute)
            return chosen
    return None


@pytest.mark.parametrize(("path", "method"), DOCUMENTED)
def test_every_documented_path_has_the_route_that_it_would_have_without_the_index(
    path: str, method: str
) -> None:
    index, *others = APP.router.routes
    assert isinstance(index, ExactPaths)
    example = path.replace("{", "x").replace("}", "x")
    chosen = first_match(APP.router.routes, example, method)
    assert isinstance(chosen, Route)
    assert chosen is first_match(others, example, method)
    assert chosen.path == path
    assert (first_match([index], example, method) is not None) == ("{" not in path)


def test_a_wrong_method_and_a_path_with_parameters_are_left_to_the_other_routes() -> None:
    router = APIRouter()
    router.add_api_route("/one", lambda: None, methods=["POST"])
    router.add_api_route("/one/{name}", lambda name: name)
    index = ExactPaths(router.routes)
    assert first_match([index], "/one", "POST") is not None
    for path, method in (("/one", "GET"), ("/one/x", "GET"), ("/one/{name}", "GET"), ("/", "GET")):
        assert first_match([index], path, method) is None
