"""`coursebook run --reload`: which files count, and what open tabs are told."""

import asyncio
import threading
import time
from pathlib import Path

import httpx
import pytest

from coursebook.http_security.content_policy import ContentPolicy
from coursebook.run.open_tabs import SCRIPT, STARTS, Message, Receive, Scope, Send, following
from coursebook.run.supervisor import source_changes
from coursebook.run.supervisor.source_changes import SourceChanges
from coursebook.settings import Settings
from coursebook.ui import gallery

PATIENCE_SECONDS = 30


async def _product(scope: Scope, _receive: Receive, send: Send) -> None:
    headers = [(b"Cache-Control", b"public, max-age=9"), (b"x-path", scope["path"].encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"page"})


async def test_nothing_is_cached_and_the_script_is_one_that_the_policy_lets_run() -> None:
    transport = httpx.ASGITransport(following(_product))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        page, script = await client.get("/courses"), await client.get(SCRIPT)
    assert page.headers.get_list("cache-control") == ["no-store"]
    assert (page.headers["x-path"], page.text) == ("/courses", "page")
    assert script.headers["content-type"] == "text/javascript"
    assert STARTS in script.text
    assert "connect-src 'self'" in ContentPolicy.of(Settings(_env_file=None)).page(())
    assert gallery.RELOAD_SCRIPT == SCRIPT


async def test_a_tab_is_told_the_time_of_the_start_and_the_stream_ends_with_the_tab() -> None:
    assert await _start_of(following(_product)) != await _start_of(following(_product))


async def _start_of(program: object) -> str:
    sent: list[Message] = []
    has_begun, has_left = asyncio.Event(), asyncio.Event()

    async def receive() -> Message:
        await has_left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == 2:
            has_begun.set()

    scope = {"type": "http", "path": STARTS, "headers": []}
    stream = asyncio.create_task(program(scope, receive, send))  # type: ignore[operator]
    await has_begun.wait()
    assert not stream.done()
    has_left.set()
    await stream
    retry, data = sent[1]["body"].decode().split()[1::2]
    assert int(retry) < 1000
    return str(data)


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
    stop.set()
    assert str(witness) in changed
    assert (str(tmp_path / name) in changed) is is_source
