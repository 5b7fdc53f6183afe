"""Searches through server-rendered pages use up the same limit as those of the API."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from coursebook.coursebook import app
from coursebook.ui.ssr.mount import rendered
from tests.support.harness import Harness, a_harness
from tests.support.sandbox import SandboxProcess

OK, TOO_MANY = httpx.codes.OK, httpx.codes.TOO_MANY_REQUESTS


async def shell(_request: Request) -> HTMLResponse:
    return HTMLResponse("shell")


def pages(tmp_path: Path, address: str) -> httpx.AsyncClient:
    """Return a browser at that address, in front of the pages as the product mounts them."""
    built = tmp_path / "courses" / "index.html"
    built.parent.mkdir(exist_ok=True)
    built.touch()
    inside = Starlette(routes=[Route("/{rest:path}", shell)])
    program = rendered(
        inside, app, tmp_path, lambda _scripts, _sources: "default-src 'self'", frozenset()
    )
    transport = httpx.ASGITransport(app=program, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def search_page(client: httpx.AsyncClient, words: str) -> int:
    return (await client.get("/courses", params={"q": words})).status_code


async def search_api(harness: Harness) -> int:
    return (await harness.get("/api/courses", params={"q": "clay"})).status_code


async def test_pages_and_the_api_count_searches_together(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str, tmp_path: Path
):
    async with a_harness(sandbox_of_the_run, sqlite_url, address_limit="5/minute") as harness:
        async with pages(tmp_path, "127.0.0.1") as client:
            assert [await search_page(client, f"clay {n}") for n in range(4)] == [OK] * 4
            assert [await search_api(harness) for _ in range(2)] == [OK, TOO_MANY]
            refused = await client.get("/courses", params={"q": "wood"})
            assert refused.status_code == TOO_MANY
            assert 1 <= int(refused.headers["retry-after"]) <= 61
            listed = await client.get("/courses", params={"level": "Beginner"})
            assert listed.status_code == OK, "a list is no search"
        async with pages(tmp_path, "203.0.113.7") as client:
            assert await search_page(client, "clay") == OK


@pytest.mark.parametrize(
    ("neighbour", "expected"), [("2001:db8:1:2:9:9:9:9", TOO_MANY), ("2001:db8:1:3::1", OK)]
)
async def test_an_ipv6_network_searches_pages_as_one(
    sandbox_of_the_run: SandboxProcess,
    sqlite_url: str,
    tmp_path: Path,
    neighbour: str,
    expected: int,
):
    async with a_harness(sandbox_of_the_run, sqlite_url, address_limit="1/minute"):
        async with pages(tmp_path, "2001:db8:1:2::1") as client:
            assert await search_page(client, "clay") == OK
        async with pages(tmp_path, neighbour) as client:
            assert await search_page(client, "clay") == expected
