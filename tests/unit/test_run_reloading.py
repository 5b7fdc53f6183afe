"""`coursebook run --reload`: which files count, and what open tabs are told."""

import asyncio
import threading
import time
from pathlib import Path

import httpx
import pytest

from coursebook.http_security.content_policy import ContentPolicy
from coursebook.run.open_tabs import SCRIPT, STARTS, Message, Receive, Scope, Send, following
from coursebook.run.supervisor import lifecycle, source_changes
from coursebook.run.supervisor.lifecycle import Supervisor
from coursebook.run.supervisor.source_changes import SourceChanges
from coursebook.settings import Settings
from coursebook.ui import gallery
from coursebook.ui.reflex_compat.environment import CLIENT

PATIENCE_SECONDS = 30


async def _product(scope: Scope, _receive: Receive, send: Send) -> None:
    headers = [(b"Cache-Control", b"public, max-age=9"), (b"x-path", scope["path"].encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"page"})


async def test_nothing_is_cached_and_the_script_is_one_that_the_policy_lets_run(
    tmp_path: Path,
) -> None:
    transport = httpx.ASGITransport(following(_product, tmp_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        page, script = await client.get("/courses"), await client.get(SCRIPT)
    assert page.headers.get_list("cache-control") == ["no-store"]
    assert (page.headers["x-path"], page.text) == ("/courses", "page")
    assert script.headers["content-type"] == "text/javascript"
    assert STARTS in script.text
    assert "connect-src 'self'" in ContentPolicy.of(Settings(_env_file=None)).page(())
    assert gallery.RELOAD_SCRIPT == SCRIPT


async def test_a_tab_is_told_the_time_of_the_start_and_the_stream_ends_with_the_tab(
    tmp_path: Path,
) -> None:
    assert await _start_of(following(_product, tmp_path)) != await _start_of(
        following(_product, tmp_path)
    )


async def test_a_tab_is_told_of_another_theme_while_the_product_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "assets").mkdir()
    theme = tmp_path / "assets" / "theme.css"
    theme.write_text(":root { --ink: red; }")
    client = tmp_path.joinpath("pages", *CLIENT)
    client.mkdir(parents=True)
    (client / "theme.css").write_text(":root { --ink: black; }")
    program = following(_product, client)
    assert "theme" not in (await _told(program, 1))[-1]
    monkeypatch.setattr(lifecycle, "ROOT", tmp_path)
    supervisor = Supervisor.__new__(Supervisor)
    supervisor._pages = tmp_path / "pages"
    supervisor._reload([str(theme)])
    assert (client / "theme.css").read_text() == theme.read_text()
    assert "event: theme\n" in (await _told(program, 2))[-1]


async def _start_of(program: object) -> str:
    (told,) = await _told(program, 1)
    retry, data = told.split()[1::2]
    assert int(retry) < 1000
    return data


async def _told(program: object, count: int) -> list[str]:
    """Return the first events of the stream, which ends when the tab leaves."""
    sent: list[Message] = []
    has_begun, has_left = asyncio.Event(), asyncio.Event()

    async def receive() -> Message:
        await has_left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 1 + count:
            has_begun.set()

    scope = {"type": "http", "path": STARTS, "headers": []}
    stream = asyncio.create_task(program(scope, receive, send))  # type: ignore[operator]
    await has_begun.wait()
    assert not stream.done()
    has_left.set()
    await stream
    return [message["body"].decode() for message in sent[1:]]


@pytest.mark.parametrize(
    ("name", "is_source"),
    [
        ("coursebook/ui/page.py", True),
        ("coursebook/ui/i18n/en.toml", True),
        ("assets/theme.css", True),
        ("school/school.toml", True),
        ("assets/external/link.js", False),
        ("coursebook/ui/__pycache__/page.cpython-311.pyc", False),
        ("coursebook/ui/page.py~", False),
    ],
)
def test_sources_of_every_kind_are_watched_and_what_a_build_writes_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_source: bool
) -> None:
    monkeypatch.setattr(source_changes, "ROOT", tmp_path)
    for folder in ("coursebook/ui/i18n", "coursebook/ui/__pycache__", "assets/external", "school"):
        (tmp_path / folder).mkdir(parents=True)
    stop = threading.Event()
    changes = SourceChanges(tmp_path / "school", stop)
    witness = tmp_path / "coursebook" / "witness.py"
    changed: set[str] = set()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while str(witness) not in changed and time.monotonic() < deadline:
        (tmp_path / name).write_text(str(time.monotonic_ns()))  # until the watcher has begun
        witness.write_text(str(time.monotonic_ns()))
        time.sleep(0.1)
        changed |= set(changes.take())
    folder = tmp_path / "school" / "words"
    folder.mkdir()
    while str(folder) not in changed and time.monotonic() < deadline:
        time.sleep(0.1)
        changed |= set(changes.take())
    stop.set()
    assert {str(witness), str(folder)} <= changed
    assert (str(tmp_path / name) in changed) is is_source
