"""What `coursebook run --reload` adds to the product: open tabs follow, and nothing is cached."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Program = Callable[[Scope, Receive, Send], Awaitable[None]]

SCRIPT = "/dev/reload.js"
"""The script of every page while it is developed (`ui/gallery`)."""
STARTS = "/dev/starts"
RETRY_MILLISECONDS = 150
SOURCE = f"""\
let first;
new EventSource("{STARTS}").onmessage = ({{ data }}) => {{
  first ??= data;
  if (data !== first) location.reload();
}};
"""


def following(program: Program) -> Program:
    """Return `program` with the script that reloads open tabs, and with no caching at all.

    The script listens to a stream (server-sent events) that begins with the time of the start. The
    stream ends with the product; the browser connects to the next one and sees another time.
    """
    started = str(time.time_ns())

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path == SCRIPT:
            await _begin(send, "text/javascript")
            await send({"type": "http.response.body", "body": SOURCE.encode()})
        elif path == STARTS:
            await _begin(send, "text/event-stream")
            event = f"retry: {RETRY_MILLISECONDS}\ndata: {started}\n\n"
            await send({"type": "http.response.body", "body": event.encode(), "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
        else:
            await program(scope, receive, _uncached(send) if path else send)

    return answer


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
