"""The connection to the renderer: its answers, and failures that cost little time."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from coursebook.ui.ssr import renderer as wire
from coursebook.ui.ssr.renderer import Renderer, RenderFailed

Answer = Callable[[dict], Awaitable[bytes]]


@asynccontextmanager
async def standing_in(socket: Path, answer: Answer) -> AsyncIterator[None]:
    """Listen on the socket as `server.mjs` does; `answer` builds the raw HTTP answer."""

    serving: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            writer.write(await answer(json.loads(await reader.readexactly(length))))
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.append(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_unix_server(begin, path=socket)
    try:
        yield
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def good(wanted: dict) -> bytes:
    body = b"BR" + wanted["url"].encode()
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", "X-Brotli-Length: 2"]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


async def refusing(_wanted: dict) -> bytes:
    return b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"


async def stuck(_wanted: dict) -> bytes:
    await asyncio.sleep(30)
    return b""


async def test_a_page_comes_back_plain_and_in_brotli(tmp_path: Path):
    async with standing_in(tmp_path / "s", good):
        rendered = await Renderer(str(tmp_path / "s")).render("/courses", "en", {}, "", {})
    assert (rendered.html, rendered.brotli) == (b"/courses", b"BR")


async def test_without_a_renderer_it_warns_once_and_says_when_it_is_back(tmp_path: Path):
    now = [0.0]
    renderer = Renderer(str(tmp_path / "s"), lambda: now[0])
    with capture_logs() as log_entries:
        for moment in (0.0, 0.1, 2.0, 4.0):
            now[0] = moment
            with pytest.raises(RenderFailed):
                await renderer.render("/", "en", {}, "", {})
        now[0] = 6.0
        async with standing_in(tmp_path / "s", good):
            assert (await renderer.render("/", "en", {}, "", {})).html == b"/"
    assert [line["event"] for line in log_entries] == [
        "page_renderer.failed",
        "page_renderer.recovered",
    ]


@pytest.mark.parametrize("answer", [refusing, stuck])
async def test_after_a_failure_nobody_waits_for_a_while(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(wire, "TIMEOUT", 0.5)
    asked: list[dict] = []

    async def counting(wanted: dict) -> bytes:
        asked.append(wanted)
        return await answer(wanted)

    renderer = Renderer(str(tmp_path / "s"), lambda: 0.0)
    async with standing_in(tmp_path / "s", counting):
        for _ in range(5):
            with pytest.raises(RenderFailed):
                await renderer.render("/", "en", {}, "", {})
    assert len(asked) == 1
