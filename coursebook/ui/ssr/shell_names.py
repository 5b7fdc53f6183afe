"""The static shells with the name of the school from the settings page.

The build has written another name into them. It stands in four places: the title of the page, the
tags for link previews, the header, and the texts for the browser.
"""

import gzip
import json
import re
from collections.abc import Awaitable, Callable
from html import escape

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Name = Callable[[], Awaitable[str]]

WHOLE_PAGE_ONLY = {
    b"accept-encoding",
    b"if-none-match",
    b"if-modified-since",
    b"if-range",
    b"range",
}
"""Headers of a request that ask for something else than the whole page in plain text."""
OF_THE_FILE = ("etag", "last-modified", "accept-ranges", "content-encoding", "content-length")
"""Headers of an answer that are about the file as it was built."""
_TEXT = re.compile(r'"BRAND":("(?:[^"\\]|\\.)*")')
_PLACES = re.compile(
    r"<title>[^<]*</title>"
    r'|<meta [^>]*property="og:(?:site_name|title)"[^>]*>'
    r'|<span data-brand="[^"]*">[^<]*</span>'
)


def renamed(app: ASGIApp, name: Name) -> ASGIApp:
    """Return an application that answers with the pages of `app`, with this name of the school.

    `name` returns "" for the built one. Then the answers are those of `app`.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        called = await name()
        if not called:
            await app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await app(_asking_for_all(scope), receive, gather)
        page = bytes(body)
        if Headers(raw=start["headers"]).get("content-type", "").startswith("text/html"):
            page = with_name(page.decode(), called).encode()
        await _send(scope, send, start, page)

    return answer


def with_name(html: str, name: str) -> str:
    """Return a static page with another name of the school; its built name is in its texts."""
    text = _TEXT.search(html)
    if text is None:
        return html
    # A name stands alone, or beside the title of the page.
    built = re.compile(rf'(>|"| · ){re.escape(escape(json.loads(text[1])))}(?=[<"]| · )')
    # A "<" could end the script early; as an escape it is the same text.
    quoted = json.dumps(name, ensure_ascii=False).replace("<", "\\u003c")
    html = f"{html[: text.start(1)]}{quoted}{html[text.end(1) :]}"
    written = escape(name)
    return _PLACES.sub(lambda place: built.sub(lambda before: before[1] + written, place[0]), html)


def accepted_codings(accepted: str) -> set[str]:
    """Return the accepted content codings; one with weight zero is not accepted."""
    named = (part.lower().replace(" ", "").partition(";q=") for part in accepted.split(","))
    return {name.strip() for name, _, weight in named if weight.strip("0.") or not weight}


def _asking_for_all(scope: Scope) -> Scope:
    """Return the scope of a request for the whole page, as messages that we can read."""
    headers = [pair for pair in scope["headers"] if pair[0].lower() not in WHOLE_PAGE_ONLY]
    return {**scope, "method": "GET", "headers": headers, "extensions": {}}


async def _send(scope: Scope, send: Send, start: Message, page: bytes) -> None:
    headers = MutableHeaders(raw=list(start["headers"]))
    for header in OF_THE_FILE:
        del headers[header]
    headers.add_vary_header("Accept-Encoding")
    if "gzip" in accepted_codings(Headers(scope=scope).get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        page = gzip.compress(page, 6, mtime=0)
    headers["Content-Length"] = str(len(page))
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else page})
