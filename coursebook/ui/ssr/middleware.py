"""ASGI middleware that answers a page request with the rendered page, or with its static shell."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.errors import RateLimited
from coursebook.http_security.page_sources import PageSources
from coursebook.services.cache import MicroCache
from coursebook.ui.i18n import language_of
from coursebook.ui.pages import SITE
from coursebook.ui.ssr.loaders import Loaded, PageRequest, page_request
from coursebook.ui.ssr.renderer import RenderedPage, Renderer, RenderFailed
from coursebook.ui.ssr.shell_names import Name, accepted_codings
from coursebook.ui.ssr.shells import AWAY, OK, TOO_MANY, Shells, takes_html

log = structlog.get_logger(__name__)

TIMEOUT = 2.0
"""Seconds that a visitor waits for a rendered page; then the static shell is sent."""
MAX_CONCURRENT = 32
Load = Callable[[PageRequest], Awaitable[Loaded]]
Count = Callable[[Scope], Awaitable[None]]
Policy = Callable[[Iterable[str], PageSources, Iterable[str]], str]


@dataclass(frozen=True)
class Page:
    """A page to send. `rendered` is None when it is not rendered and only its status is known.

    `courses` are the ids of the courses that it shows, `moved_to` the path to be sent on to.
    `digest` is that of what it was rendered from (`Loaded.digest`).
    """

    status: int
    rendered: RenderedPage | None = field(repr=False)
    courses: tuple[str, ...] = ()
    moved_to: str = ""
    digest: bytes = field(default=b"", repr=False)

    @cached_property
    def gzip(self) -> bytes:
        """The page for clients without brotli (browsers accept brotli over TLS only)."""
        return gzip.compress(self.rendered.html, 6, mtime=0) if self.rendered else b""


class TooManyRenders(Exception):
    """Raised when too many pages are being rendered; the static shell is sent instead."""


class ServerRendered:
    """ASGI middleware in front of the pages. Requests for anything else pass unchanged.

    `folders` are the addresses of static pages, `files` those of other files, such as pictures.
    Without a `renderer` only static shells are sent, with the right status. `policy` returns the
    Content-Security-Policy for the scripts of a page, the other sites that it uses and its styles;
    `shell_scripts` are those of static pages. `count` counts a full-text search and raises
    RateLimited: then the shell is sent with status 429. `name` returns the name of the school for
    the static pages, "" for the built one.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        load: Load,
        renderer: Renderer | None,
        cache: MicroCache[Page],
        folders: frozenset[str],
        files: frozenset[str] = frozenset(),
        policy: Policy,
        shell_scripts: frozenset[str] = frozenset(),
        count: Count,
        name: Name,
    ) -> None:
        self._app, self._shells = app, Shells(app, folders, files, name)
        self._files = files
        self._policy, self._count = policy, count
        self._shell_scripts = shell_scripts
        self._load, self._renderer, self._cache = load, renderer, cache
        self._rendering = 0
        self._loaded: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        sources = SITE.sources_of(scope["path"])
        if sources:
            send = _with_policy(send, self._policy(self._shell_scripts, sources, ()))
        language = language_of(Headers(scope=scope).get("accept-language", ""))
        try:
            page = await self._page(scope, language)
        except RateLimited as error:
            sending = _with_retry_after(send, error.retry_after)
            await self._shells.answer(scope, receive, sending, language, TOO_MANY)
            return
        if page.moved_to:
            await _moved(scope, page)(scope, receive, send)
            return
        if page.rendered is not None:
            answer = _answer(page, page.rendered, Headers(scope=scope), language)
            answer.headers["Content-Security-Policy"] = self._policy(
                page.rendered.scripts, sources, page.rendered.styles
            )
            if scope["method"] == "HEAD":
                answer.body = b""  # the length stays that of the page (RFC 9110 §9.3.2)
            await answer(scope, receive, send)
            return
        await self._shells.answer(scope, receive, send, language, page.status)

    async def _page(self, scope: Scope, language: str) -> Page:
        query = scope.get("query_string", b"").decode("latin-1")
        request = page_request(scope["path"], query, language)
        if request is None or scope["path"] in self._files:
            return Page(OK, None)
        is_page = takes_html(Headers(scope=scope))
        if not is_page and not request.parameters:
            return Page(OK, None)
        if request.is_search:
            await self._count(scope)
        try:
            # Only the wait times out. The rendering goes on: a cancelled query loses its database
            # connection, and the next visitor gets the finished page from the cache.
            async with asyncio.timeout(TIMEOUT):
                page = await self._cache.get(request.key, lambda: self._make(request))
                return page if is_page or page.moved_to else Page(page.status, None)
        except TooManyRenders:
            return Page(OK, None)
        except TimeoutError:
            status = self._loaded.get(request.key)  # None: the data is still missing
            log.warning("page_load.timed_out", page=request.path, has_data=status is not None)
            return Page(status or AWAY, None)
        except Exception as error:  # noqa: BLE001 - the static shell works whatever happened here
            log.warning(
                "page_load.failed", page=request.path, reason=str(error) or type(error).__name__
            )
            return Page(AWAY, None)

    async def _make(self, request: PageRequest) -> Page:
        if self._rendering >= MAX_CONCURRENT:
            raise TooManyRenders
        self._rendering += 1
        try:
            loaded = await self._load(request)
            self._loaded[request.key] = loaded.status
            if loaded.moved_to:
                return Page(loaded.status, None, moved_to=loaded.moved_to)
            if self._renderer is None:
                return Page(loaded.status, None)
            before, digest = self._cache.replaced(request.key), loaded.digest()
            if before is not None and before.digest == digest:
                return before
            rendered = await self._renderer.render(
                request.url, request.language, loaded.state, loaded.head, loaded.words
            )
        except RenderFailed:
            return Page(loaded.status, None)
        finally:
            self._rendering -= 1
            self._loaded.pop(request.key, None)
        return Page(loaded.status, rendered, loaded.courses, digest=digest)


def _with_policy(send: Send, policy: str) -> Send:
    """Return a `send` that gives a static page its own policy. A rendered page has one already."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            if headers.get("content-type", "").startswith("text/html"):
                headers.setdefault("Content-Security-Policy", policy)
            message = {**message, "headers": headers.raw}
        await send(message)

    return sending


def _with_retry_after(send: Send, seconds: int) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            headers["Retry-After"] = str(seconds)
            headers["Cache-Control"] = "no-store"
            message = {**message, "headers": headers.raw}
        await send(message)

    return sending


def _moved(scope: Scope, page: Page) -> Response:
    """Return the redirect to the new address of a page. Browsers ask again: it may move back."""
    query = scope.get("query_string", b"").decode("latin-1")
    location = f"{page.moved_to}?{query}" if query else page.moved_to
    return RedirectResponse(location, page.status, {"Cache-Control": "no-cache"})


def _answer(
    page: Page, rendered: RenderedPage, request_headers: Headers, language: str
) -> Response:
    accepted = request_headers.get("accept-encoding", "")
    body, coding = rendered.html, ""
    if "br" in accepted_codings(accepted):
        body, coding = rendered.brotli, "br"
    elif "gzip" in accepted_codings(accepted):
        body, coding = page.gzip, "gzip"
    headers = {"Vary": "Accept-Encoding, Accept-Language, Cookie", "Content-Language": language}
    if coding:
        headers["Content-Encoding"] = coding
    return Response(body, page.status, headers, media_type="text/html")
