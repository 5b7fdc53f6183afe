"""Static pages while pages are developed: rendered when somebody asks for them."""

import json
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse

from coursebook.ui.pages import SITE
from coursebook.ui.ssr import drawn_shells
from coursebook.ui.ssr.drawn_shells import drawn, drawn_folders, has_static_pages
from coursebook.ui.ssr.renderer import Renderer
from coursebook.ui.ssr.shells import UNKNOWN
from tests.ui.test_ssr_renderer import standing_in

PRIVATE = next(page for page in SITE.private_shells if page.prefix == "/manage/courses/")


async def answered(wanted: dict) -> bytes:
    """Answer as `server.mjs`: with what was asked for as the page, and one script."""
    body = json.dumps([wanted["url"], wanted["language"], wanted["state"]]).encode()
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "X-Brotli-Length: 0"]
    lines += ["X-Scripts: sha256-one", "X-Styles: sha256-two", "Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def program(socket: Path) -> httpx.AsyncClient:
    """Return a client of a folder without static pages, which answers 404."""
    files = PlainTextResponse("a file", 404)
    app = drawn(files, Renderer(str(socket)), lambda scripts, _, styles: f"{scripts} {styles}")
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/", ["/", "en"]),
        ("/bookings/", ["/bookings", "en"]),
        ("/_de/bookings/", ["/bookings", "de"]),
        (f"/_de/{PRIVATE.shell}", [PRIVATE.sample, "de"]),
        (f"/{UNKNOWN}", ["/unknown/page", "en"]),
        ("/404.html", ["/404.html", "en"]),
    ],
)
async def test_a_static_page_is_rendered_without_any_state(
    tmp_path: Path, path: str, wanted: list[str]
) -> None:
    async with standing_in(tmp_path / "s", answered), program(tmp_path / "s") as client:
        page = await client.get(path)
    assert page.json() == [*wanted, {}]
    assert page.headers["content-security-policy"] == "('sha256-one',) ('sha256-two',)"


@pytest.mark.parametrize(
    "path", ["/assets/base.js", "/nothing/", "/_de/nothing/", "/_xx/bookings/"]
)
async def test_everything_else_is_a_file(tmp_path: Path, path: str) -> None:
    async with program(tmp_path / "s") as client:
        assert (await client.get(path)).text == "a file"


async def test_a_page_waits_for_the_renderer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn_shells, "PATIENCE_SECONDS", 0.2)
    async with program(tmp_path / "s") as client:
        assert (await client.get("/bookings/")).status_code == 503


def test_only_a_build_for_development_has_no_static_pages(tmp_path: Path) -> None:
    assert not has_static_pages(tmp_path)
    (tmp_path / "index.html").write_text("")
    assert has_static_pages(tmp_path)
    assert {"/courses", "/bookings", "/manage/courses"} <= drawn_folders()
    assert not {"/", "/courses/[slug]"} & drawn_folders()
