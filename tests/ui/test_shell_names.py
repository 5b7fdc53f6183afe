"""The static shells get the name of the school from the settings page when they are sent."""

import gzip
import json
import re
from html import escape
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.staticfiles import StaticFiles

from coursebook.ui.ssr.shell_names import renamed, with_name

NAME = 'O\'Neil & "Söhne" </script> \\1'
TEXTS = '{"TITLE":"Courses","BRAND":"Courses & Co","FOOTER_LINE":"Courses & Co in Lisbon"}'
SHELL = f"""<!DOCTYPE html><html><head><title>Courses · Courses &amp; Co</title>
<meta content="Courses &amp; Co" property="og:site_name"/>
<meta content="Courses · Courses &amp; Co" property="og:title"/>
<meta content="Courses &amp; Co" name="description"/>
<script type="application/json" id="words">{TEXTS}</script></head><body>
<a href="/"><span data-brand="">Courses &amp; Co</span></a>
<a href="/courses"><span>Courses &amp; Co</span></a></body></html>"""


def test_a_shell_says_the_new_name_in_every_place_of_the_name_and_nowhere_else():
    html, written = with_name(SHELL, NAME), escape(NAME)
    assert f"<title>Courses · {written}</title>" in html
    assert f'<meta content="{written}" property="og:site_name"/>' in html
    assert f'<meta content="Courses · {written}" property="og:title"/>' in html
    assert f'<span data-brand="">{written}</span>' in html
    assert '<meta content="Courses &amp; Co" name="description"/>' in html
    assert '<a href="/courses"><span>Courses &amp; Co</span>' in html
    texts = re.findall(r">(\{.*\})</script>", html)
    assert [json.loads(text) for text in texts] == [json.loads(TEXTS) | {"BRAND": NAME}]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Co · Co-working", "New · Co-working"),
        ("Coco · Co", "Coco · New"),
        ("Co", "New"),
        ("Welcome", "Welcome"),
    ],
)
def test_only_the_whole_name_in_a_title_is_replaced(title: str, expected: str):
    shell = f'<title>{title}</title><script>{{"BRAND":"Co"}}</script>'
    assert f"<title>{expected}</title>" in with_name(shell, "New")


def test_a_page_without_texts_stays():
    assert with_name("<title>coursebook</title>", NAME) == "<title>coursebook</title>"


class Called:
    """The name of the school, as the settings page has it now; "" is the built one."""

    def __init__(self) -> None:
        self.name = ""

    async def __call__(self) -> str:
        return self.name


@pytest.fixture
def called() -> Called:
    return Called()


@pytest.fixture
def client(called: Called, tmp_path: Path) -> httpx.AsyncClient:
    (tmp_path / "index.html").write_text(SHELL)
    (tmp_path / "mark.png").write_bytes(b"\x89PNG\xff")
    files = Starlette()
    files.mount("/", StaticFiles(directory=tmp_path, html=True))
    transport = httpx.ASGITransport(renamed(files, called))
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_a_browser_never_keeps_a_page_with_another_name(
    called: Called, client: httpx.AsyncClient
):
    built = await client.get("/")
    assert built.text == SHELL
    known = {"If-None-Match": built.headers["etag"]}
    assert (await client.get("/", headers=known)).status_code == 304
    called.name = "Barro"
    answer = await client.get("/", headers=known)
    assert (answer.status_code, answer.text) == (200, with_name(SHELL, "Barro"))
    assert "etag" not in answer.headers
    assert "last-modified" not in answer.headers
    part = await client.get("/", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.text) == (200, answer.text)
    called.name = ""
    assert (await client.get("/", headers=known)).status_code == 304


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, br", "gzip"), ("identity", None)])
async def test_the_length_is_that_of_what_is_sent(
    called: Called, client: httpx.AsyncClient, accepted: str, coding: str | None
):
    called.name = "Barro"
    headers = {"Accept-Encoding": accepted}
    answer = await client.get("/", headers=headers)
    assert answer.text == with_name(SHELL, "Barro")
    assert answer.headers.get("content-encoding") == coding
    assert "accept-encoding" in answer.headers["vary"].lower()
    page = answer.text.encode()
    sent = gzip.compress(page, 6, mtime=0) if coding else page
    head = await client.head("/", headers=headers)
    assert (head.headers["content-length"], head.content) == (str(len(sent)), b"")


async def test_what_is_no_page_stays(called: Called, client: httpx.AsyncClient):
    called.name = "Barro"
    assert (await client.get("/mark.png")).content == b"\x89PNG\xff"
