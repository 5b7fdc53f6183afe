"""What `coursebook run --reload` adds to the product: open tabs follow, and nothing is cached."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Program = Callable[[Scope, Receive, Send], Awaitable[None]]

SCRIPT = "/dev/reload.js"
"""The script of every page while it is developed (`ui/gallery`)."""
STARTS = "/dev/starts"
THEME = "theme.css"
"""The style sheet that is served as it is. A build has a copy of it in the files of its pages."""
LOOK_SECONDS = 0.1
RENDERER_SECONDS = 20.0
RETRY_MILLISECONDS = 50
SOURCE = f"""\
let first;
const theme = document.createElement("link");
theme.rel = "stylesheet";
const starts = new EventSource("{STARTS}");
starts.onmessage = ({{ data }}) => {{
  first ??= data;
  if (data !== first) location.reload();
}};
starts.addEventListener("theme", ({{ data }}) => {{
  theme.href = `/{THEME}?${{data}}`;
  document.head.append(theme);
}});
"""


def following(program: Program, client: Path, renderer: str = "") -> Program:
    """Return `program` with the script that reloads open tabs, and with no caching at all.

    The script listens to a stream (server-sent events) that begins with the time of the start. The
    stream ends with the product; the browser connects to the next one and sees another time. When
    the theme in `client`, the folder of the pages, has been replaced since the start, the stream
    says so, and tabs load it over the copy that they have. Tabs reload once something listens on
    the socket `renderer`, which draws their pages.
    """
    started, theme = str(time.time_ns()), client / THEME
    built = _changed_at(theme)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path == SCRIPT:
            await _begin(send, "text/javascript")
            await send({"type": "http.response.body", "body": SOURCE.encode()})
        elif path == STARTS:
            await _begin(send, "text/event-stream")
            await _wait_for(renderer)
            async for event in _events(receive, started, theme, built):
                part = {"type": "http.response.body", "body": event.encode(), "more_body": True}
                await send(part)
        else:
            await program(scope, receive, _uncached(send) if path else send)

    return answer


async def _events(receive: Receive, started: str, theme: Path, built: int) -> AsyncIterator[str]:
    """Yield the time of the start, then each time of change of the theme, until the tab leaves."""
    yield f"retry: {RETRY_MILLISECONDS}\ndata: {started}\n\n"
    leaving = asyncio.ensure_future(_disconnected(receive))
    shown = built
    try:
        while not leaving.done():
            if (changed := _changed_at(theme)) != shown:
                shown = changed
                yield f"event: theme\ndata: {changed}\n\n"
            await asyncio.wait([leaving], timeout=LOOK_SECONDS)
    finally:
        leaving.cancel()


async def _wait_for(socket: str) -> None:
    deadline = time.monotonic() + RENDERER_SECONDS
    while socket and time.monotonic() < deadline:
        with suppress(OSError):
            _, writer = await asyncio.open_unix_connection(socket)
            writer.close()
            return
        await asyncio.sleep(LOOK_SECONDS / 4)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _changed_at(file: Path) -> int:
    return file.stat().st_mtime_ns if file.exists() else 0


async def _begin(send: Send, kind: str) -> None:
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def _uncached(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            other = [pair for pair in message["headers"] if pair[0].lower() != b"cache-control"]
            message = {**message, "headers": [*other, (b"cache-control", b"no-store")]}
        await send(message)

    return sending
