"""The answer to a first request: the rendered page, or the static shell as a fallback."""

import asyncio
import gzip
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from coursebook.errors import RateLimited
from coursebook.http_security.page_sources import PageSources
from coursebook.services.cache import MicroCache
from coursebook.ui.page import Site
from coursebook.ui.pages import SITE
from coursebook.ui.reflex_compat.hydration import ROOT_STATE
from coursebook.ui.ssr import middleware
from coursebook.ui.ssr.loaders import Loaded, PageRequest
from coursebook.ui.ssr.middleware import Load, Page, ServerRendered
from coursebook.ui.ssr.renderer import RenderedPage, RenderFailed
from coursebook.ui.ssr.shells import page_folders
from coursebook.ui.states.catalog import CatalogState

PAGES = SITE.pages
HTML = b"<p>" + b"live " * 100


class Painter:
    """A stand-in for the renderer: renders, or fails on request."""

    def __init__(self) -> None:
        self.rendered: list[str] = []
        self.is_gone = self.is_slow = False

    async def render(
        self, url: str, _language: str, _state: Any, _head: str, _words: Any
    ) -> RenderedPage:
        if self.is_gone:
            raise RenderFailed
        if self.is_slow:
            await asyncio.sleep(1)
        self.rendered.append(url)
        return RenderedPage(HTML, b"BROTLI", ("sha256-a",), ("sha256-s",))


async def load(wanted: PageRequest) -> Loaded:
    slug = wanted.parameters.get("slug", "")
    if slug == "broken":
        raise ConnectionError("the database is away")
    if slug == "slow":
        await asyncio.sleep(30)
    if slug == "former":
        return Loaded(308, {}, "", moved_to="/courses/current")
    return Loaded({"nope": 404, "-": 404, "away": 503}.get(slug, 200), {}, "")


async def shell(request: Request) -> HTMLResponse:
    return HTMLResponse(f"shell of {request.url.path}")


def policy(scripts: Iterable[str], sources: PageSources, styles: Iterable[str]) -> str:
    return " ".join(["scripts", *scripts, *sources.frames, *styles])


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def client(painter: Painter) -> httpx.AsyncClient:
    return client_of(painter, load, MicroCache[Page](60, 10, lambda: 0.0))


def client_of(painter: Painter, load: Load, cache: MicroCache[Page]) -> httpx.AsyncClient:
    searches = 0

    async def data(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("data")

    async def count(_scope: Any) -> None:
        nonlocal searches
        searches += 1
        if searches > 2:
            raise RateLimited(7)

    inside = Starlette(
        routes=[
            Route("/api/courses", data, methods=["GET", "POST"]),
            Route("/courses", data, methods=["POST"]),
            Route("/{rest:path}", shell),
        ]
    )
    folders = frozenset({"/courses", "/bookings"})
    program = ServerRendered(
        inside,
        load=load,
        renderer=painter,
        cache=cache,
        folders=folders,
        files=frozenset({"/courses/pottery.svg"}),
        policy=policy,
        shell_scripts=frozenset({"sha256-shell"}),
        count=count,
        name=AsyncMock(return_value=""),
    )
    transport = httpx.ASGITransport(app=program)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_a_search_that_is_one_too_many_gets_the_shell_which_works(
    client: httpx.AsyncClient, painter: Painter
):
    for query in ("q=clay", "q=clay", "level=any", "q=+"):
        assert (await client.get(f"/courses?{query}")).status_code == 200
    rendered = list(painter.rendered)
    for query in ("q=clay", "q=wood&sort=title", "%71=wood"):
        answer = await client.get(f"/courses?{query}")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.text == "shell of /courses/"
    assert painter.rendered == rendered, "nothing is looked for any more"
    for path in ("/courses", "/courses/clay"):
        assert (await client.get(path)).status_code == 200


async def test_a_page_is_drawn_and_a_second_visitor_gets_the_same(
    client: httpx.AsyncClient, painter: Painter
):
    plain = {"Accept-Encoding": "identity", "Cookie": "__session=secret"}
    first = await client.get("/courses", headers=plain)
    second = await client.get("/courses/?utm=1", headers={"Accept-Encoding": "identity"})
    assert (first.status_code, first.content) == (200, HTML)
    assert second.content == HTML
    assert painter.rendered == ["/courses"]
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    assert first.headers["content-security-policy"] == "scripts sha256-a sha256-s"
    assert first.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
    ],
)
async def test_it_comes_in_the_best_coding_that_is_read(
    client: httpx.AsyncClient, accepted: str, coding: str | None
):
    async with client.stream("GET", "/", headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == coding
    expected = {"br": b"BROTLI", None: HTML}
    assert (gzip.decompress(raw) if coding == "gzip" else raw) == expected.get(coding, HTML)


async def test_head_has_the_length_and_no_body(client: httpx.AsyncClient):
    answer = await client.head("/courses", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(HTML))


async def test_an_unknown_course_is_a_404_with_a_face(client: httpx.AsyncClient):
    answer = await client.get("/courses/nope", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.content) == (404, HTML)


@pytest.mark.parametrize("accept", ["text/html", "image/png"])
async def test_a_former_address_leads_to_the_new_one(
    client: httpx.AsyncClient, painter: Painter, accept: str
):
    answer = await client.get("/courses/former?from=mail", headers={"accept": accept})
    assert (answer.status_code, answer.headers["location"]) == (308, "/courses/current?from=mail")
    assert answer.headers["cache-control"] == "no-cache"
    assert painter.rendered == []


async def test_with_the_renderer_gone_the_shell_comes_with_the_right_status(
    client: httpx.AsyncClient, painter: Painter
):
    painter.is_gone = True
    answers = [await client.get(path) for path in ("/courses", "/courses/pottery", "/courses/nope")]
    assert [(a.status_code, a.text) for a in answers] == [
        (200, "shell of /courses/"),
        (200, "shell of /courses/pottery"),
        (404, "shell of /courses/nope"),
    ]


async def test_with_the_database_away_the_shell_says_so(client: httpx.AsyncClient):
    answer = await client.get("/courses/broken")
    assert (answer.status_code, answer.text) == (503, "shell of /courses/broken")
    assert answer.headers["retry-after"] == "5"


async def test_a_page_that_says_itself_that_it_could_not_load_is_no_200(client: httpx.AsyncClient):
    answer = await client.get("/courses/away", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.content) == (503, HTML)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("name", ["nope", "a.b", "caf%C3%A9", "x" * 161, "a%0Ab"])
async def test_a_name_that_no_course_can_have_is_missing_for_everybody(
    client: httpx.AsyncClient, name: str, accept: str
):
    for method in ("GET", "HEAD"):
        answer = await client.request(method, f"/courses/{name}", headers={"Accept": accept})
        assert answer.status_code == 404


async def test_a_picture_of_a_course_is_no_page(client: httpx.AsyncClient, painter: Painter):
    answer = await client.get("/courses/pottery.svg")
    assert (answer.status_code, answer.text) == (200, "shell of /courses/pottery.svg")
    assert painter.rendered == []


async def test_with_a_slow_database_the_shell_comes(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(middleware, "TIMEOUT", 0.05)
    answer = await client.get("/courses/slow")
    assert (answer.status_code, answer.text) == (503, "shell of /courses/slow")


async def test_with_slow_rendering_the_shell_has_the_status_of_the_data(
    client: httpx.AsyncClient, painter: Painter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(middleware, "TIMEOUT", 0.05)
    painter.is_slow = True
    for name, status in (("pottery", 200), ("nope", 404)):
        answer = await client.get(f"/courses/{name}")
        assert (answer.status_code, answer.text) == (status, f"shell of /courses/{name}")


async def test_a_flood_of_different_pages_is_not_queued_up(
    client: httpx.AsyncClient, painter: Painter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(middleware, "MAX_CONCURRENT", 0)
    assert (await client.get("/courses")).text == "shell of /courses/"
    assert painter.rendered == []


@pytest.mark.parametrize("is_gone", [False, True])
async def test_only_the_page_that_uses_another_site_gets_it_into_its_policy(
    client: httpx.AsyncClient, painter: Painter, monkeypatch: pytest.MonkeyPatch, is_gone: bool
):
    video = PageSources(frames=("https://video.example.org",))
    own = [replace(p, sources=video) if p.route in ("/courses", "/bookings") else p for p in PAGES]
    monkeypatch.setattr(middleware, "SITE", Site(tuple(own)))
    painter.is_gone = is_gone
    static = "scripts sha256-shell https://video.example.org"
    drawn = "scripts sha256-a https://video.example.org sha256-s"
    policies = {
        path: (await client.get(path)).headers.get("content-security-policy")
        for path in ("/courses", "/courses/", "/bookings", "/", "/courses/pottery")
    }
    of_others = None if is_gone else "scripts sha256-a sha256-s"
    assert policies == {
        "/courses": static if is_gone else drawn,
        "/courses/": static if is_gone else drawn,
        "/bookings": static,
        "/": of_others,
        "/courses/pottery": of_others,
    }


async def test_an_old_page_is_drawn_again_only_when_what_it_shows_has_changed(painter: Painter):
    now, places = [0.0], [3]

    async def loaded(_wanted: PageRequest) -> Loaded:
        rows = [{"places": places[0], "stamp": int(now[0])}]
        return Loaded(200, {CatalogState.get_full_name(): {"courses": rows}}, "")

    client = client_of(painter, loaded, MicroCache[Page](1.0, 10, lambda: now[0]))
    for now[0], places[0], drawn in ((0.0, 3, 1), (2.0, 3, 1), (4.0, 2, 2), (6.0, 2, 2)):
        assert (await client.get("/courses/clay")).status_code == 200
        assert len(painter.rendered) == drawn


def test_a_stamp_of_a_page_of_the_school_is_content():
    of_school = f"{ROOT_STATE}.school___staff____staff_state"
    first, second = (Loaded(200, {of_school: {"stamp": stamp}}, "") for stamp in (1, 2))
    assert first.digest() != second.digest()


async def test_static_pages_are_answered_without_a_detour(client: httpx.AsyncClient):
    assert (await client.get("/bookings")).text == "shell of /bookings/"


async def test_what_is_not_a_page_passes_untouched(client: httpx.AsyncClient, painter: Painter):
    assert (await client.get("/api/courses")).text == "data"
    assert (await client.post("/courses")).text == "data"
    picture = await client.get("/courses", headers={"Accept": "image/png"})
    assert picture.text == "shell of /courses/"
    assert painter.rendered == []


def test_the_folders_are_those_that_were_built(tmp_path: Path):
    for folder in ("", "courses", "payment/success", "assets"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        if folder != "assets":
            (tmp_path / folder / "index.html").touch()
    assert page_folders(tmp_path) == {"/courses", "/payment/success"}
