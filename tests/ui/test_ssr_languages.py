"""Pages are served in the visitor's language, rendered or static."""

from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from coursebook.services.cache import MicroCache
from coursebook.ui.ssr.loaders import Loaded, PageRequest
from coursebook.ui.ssr.middleware import Page, ServerRendered
from coursebook.ui.ssr.renderer import RenderedPage, RenderFailed
from coursebook.ui.ssr.shells import page_folders

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.8", "Accept-Encoding": "identity"}
ENGLISH = {"Accept-Language": "zz, en;q=0.5", "Accept-Encoding": "identity"}


class Painter:
    """A stand-in for the renderer: its output names the page and the language."""

    def __init__(self) -> None:
        self.rendered: list[str] = []
        self.is_gone = False

    async def render(
        self, url: str, language: str, _state: Any, _head: str, _words: Any
    ) -> RenderedPage:
        if self.is_gone:
            raise RenderFailed
        self.rendered.append(f"{language} {url}")
        return RenderedPage(f"{language} {url}".encode(), b"")


async def load(wanted: PageRequest) -> Loaded:
    return Loaded(404 if wanted.parameters.get("slug") == "nope" else 200, {}, "")


async def static(request: Request) -> HTMLResponse:
    path = request.url.path
    is_file = path.startswith(("/_de/", "/bookings", "/courses")) or path == "/"
    return HTMLResponse(f"file {path}", 200 if is_file else 404, {"Vary": "Accept-Encoding"})


async def data(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("no such thing", 404)


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def client(painter: Painter) -> httpx.AsyncClient:
    inside = Starlette(routes=[Route("/api/x", data), Route("/{rest:path}", static)])
    cache = MicroCache[Page](60, 10, lambda: 0.0)
    folders = frozenset({"/courses", "/bookings"})
    program = ServerRendered(
        inside,
        load=load,
        renderer=painter,
        cache=cache,
        folders=folders,
        policy=lambda scripts, _sources, _styles: str(scripts),
        count=AsyncMock(),
        name=AsyncMock(return_value=""),
    )
    transport = httpx.ASGITransport(app=program)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_two_languages_never_share_a_page(client: httpx.AsyncClient, painter: Painter):
    for _ in range(2):
        for wishes, language in ((GERMAN, "de"), (ENGLISH, "en"), ({}, "en")):
            answer = await client.get("/courses?q=a", headers=wishes)
            assert answer.text == f"{language} /courses?q=a"
            assert answer.headers["content-language"] == language
            assert answer.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"
    assert painter.rendered == ["de /courses?q=a", "en /courses?q=a"]


@pytest.mark.parametrize(
    ("path", "german", "english"),
    [
        ("/", "/_de/", "/"),
        ("/courses", "/_de/courses/", "/courses/"),
        ("/bookings", "/_de/bookings/", "/bookings/"),
        ("/bookings/", "/_de/bookings/", "/bookings/"),
        ("/courses/pottery", "/_de/404.html", "/courses/pottery"),
    ],
)
async def test_static_pages_come_in_the_language_too(
    client: httpx.AsyncClient, painter: Painter, path: str, german: str, english: str
):
    painter.is_gone = True
    for wishes, place, language in ((GERMAN, german, "de"), (ENGLISH, english, "en")):
        answer = await client.get(path, headers=wishes)
        assert (answer.status_code, answer.text) == (200, f"file {place}")
        assert answer.headers["content-language"] == language
        assert answer.headers["vary"] == "Accept-Encoding, Accept-Language, Cookie"


async def test_what_does_not_exist_is_missing_in_every_language(
    client: httpx.AsyncClient, painter: Painter
):
    painter.is_gone = True
    for path, german in (("/courses/nope", "/_de/404.html"), ("/nowhere", "/_de/unknown.html")):
        answer = await client.get(path, headers=GERMAN)
        assert (answer.status_code, answer.text) == (404, f"file {german}")
    answer = await client.get("/nowhere", headers=ENGLISH)
    assert (answer.status_code, answer.text) == (404, "file /unknown.html")


async def test_what_is_no_page_has_no_language(client: httpx.AsyncClient):
    answer = await client.get("/api/x", headers=GERMAN)
    assert (answer.status_code, answer.text) == (404, "no such thing")
    assert "content-language" not in answer.headers
    picture = await client.get("/nowhere.png", headers={**GERMAN, "Accept": "image/png"})
    assert picture.text == "file /nowhere.png"


def test_a_languages_own_copies_are_not_pages_of_their_own(tmp_path: Path):
    for folder in ("", "courses", "_de", "_de/courses"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "index.html").touch()
    assert page_folders(tmp_path) == {"/courses"}
