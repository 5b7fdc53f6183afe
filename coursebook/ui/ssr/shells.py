"""The static shells of the pages in the visitor's language, for pages that are not rendered.

The build renders each of them once for each language; `i18n.folder_of` names their folder.
"""

from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.ui.i18n import LANGUAGES, folder_of
from coursebook.ui.page import NO_VALUE
from coursebook.ui.pages import SITE
from coursebook.ui.reflex_compat.environment import FALLBACK
from coursebook.ui.ssr.loaders import page_request
from coursebook.ui.ssr.shell_names import Name, renamed

OK, MISSING, TOO_MANY, AWAY = 200, 404, 429, 503
UNKNOWN = "unknown.html"
"""The page of an unknown address (`shells.mjs`)."""
RETRY_SECONDS = "5"


class Shells:
    """Answers with the static pages of `app`; requests for anything else pass unchanged.

    `folders` are the addresses of static pages; they are answered without a redirect to the same
    address with a trailing slash. `name` returns the name of the school, "" for the built one.
    """

    def __init__(
        self, app: ASGIApp, folders: frozenset[str], files: frozenset[str], name: Name
    ) -> None:
        self._app, self._folders, self._files = app, folders, files
        self._page = renamed(app, name)

    async def answer(
        self, scope: Scope, receive: Receive, send: Send, language: str, status: int = OK
    ) -> None:
        """Answer one request with its static page and the given status."""
        path = self._shell_path(scope["path"], language)
        if path is None:
            await self._other(scope, receive, send, language)
            return
        sending = in_language(send, language)
        await self._page(_at(scope, path), receive, _with_status(sending, status))

    def _shell_path(self, path: str, language: str) -> str | None:
        """Return the path of the static page of an address; None when there is none."""
        folder, bare = folder_of(language), path.rstrip("/")
        if bare in self._folders or path == "/":
            return f"{folder}{bare}/"
        private = SITE.find(bare, is_public=False)
        if private is not None and private[1] and NO_VALUE not in private[1].values():
            return f"{folder}/{private[0].shell}"
        if path in self._files or page_request(path, "") is None:
            return None
        return f"{folder}/{FALLBACK}" if folder else path

    async def _other(self, scope: Scope, receive: Receive, send: Send, language: str) -> None:
        """Pass an answer on; for a missing page send the 404 page in the visitor's language."""
        if not takes_html(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        is_unknown = False

        async def watching(message: Message) -> None:
            nonlocal is_unknown
            if message["type"] == "http.response.start":
                is_unknown = message["status"] == MISSING and _is_html(message)
            if not is_unknown:
                await send(message)

        await self._app(scope, receive, watching)
        if is_unknown:
            sending = _with_status(in_language(send, language), MISSING)
            await self._page(_at(scope, f"{folder_of(language)}/{UNKNOWN}"), receive, sending)


def page_folders(client: Path) -> frozenset[str]:
    """Return the addresses of the static pages below the folder of the built pages."""
    folders = (path.parent.relative_to(client).parts for path in client.rglob("index.html"))
    languages = {folder_of(language).strip("/") for language in LANGUAGES}
    return frozenset(
        "/" + "/".join(parts) for parts in folders if parts and parts[0] not in languages
    )


def page_files(client: Path) -> frozenset[str]:
    """Return the addresses of all files that are not pages, such as pictures."""
    return frozenset(
        f"/{path.relative_to(client).as_posix()}"
        for path in client.rglob("*")
        if path.is_file() and path.suffix != ".html"
    )


def takes_html(headers: Headers) -> bool:
    """Tell whether a request accepts HTML."""
    accepted = headers.get("accept", "*/*")
    return "text/html" in accepted or "*/*" in accepted


def in_language(send: Send, language: str) -> Send:
    """Return a `send` that adds Content-Language, and Vary for what decides it."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            headers.add_vary_header("Accept-Language, Cookie")
            headers["Content-Language"] = language
            message = {**message, "headers": headers.raw}
        await send(message)

    return sending


def _is_html(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/html")


def _at(scope: Scope, path: str) -> Scope:
    """Return the scope with another path."""
    return {**scope, "path": path, "raw_path": path.encode()}


def _with_status(send: Send, status: int) -> Send:
    """Return a `send` that replaces status 200 of a static page by the status of its content."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == OK:
            headers = MutableHeaders(raw=list(message["headers"]))
            if status == AWAY:
                headers["Retry-After"] = RETRY_SECONDS
            message = {**message, "status": status, "headers": headers.raw}
        await send(message)

    return sending
