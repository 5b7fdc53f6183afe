"""Static shells that are rendered when somebody asks for them, while pages are developed.

A build for development has no static pages: rendering all of them in every language takes longer
than everything else after an edit, and few are looked at before the next one.
"""

import asyncio
import time
from pathlib import Path

from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from coursebook.ui.i18n import ENGLISH, LANGUAGES, folder_of
from coursebook.ui.pages import SITE
from coursebook.ui.reflex_compat.environment import FALLBACK
from coursebook.ui.ssr.middleware import Policy
from coursebook.ui.ssr.renderer import RenderedPage, Renderer, RenderFailed
from coursebook.ui.ssr.shells import UNKNOWN

PATIENCE_SECONDS = 20.0
"""How long a page waits for the renderer, which starts beside the product."""
PAUSE_SECONDS = 0.1
UNKNOWN_PATH = "/unknown/page"
INDEX = "index.html"


def has_static_pages(client: Path) -> bool:
    """Tell whether a build has static pages; one for development has none."""
    return (client / INDEX).exists()


def drawn_folders() -> frozenset[str]:
    """Return the addresses that have a static page in other builds, as `page_folders` does."""
    return frozenset(page.route for page in SITE.pages if "[" not in page.route) - {"/"}


def drawn(app: ASGIApp, renderer: Renderer, policy: Policy) -> ASGIApp:
    """Return `app` with the static pages that its folder lacks.

    `policy` is that of `ServerRendered`.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        place = _place(scope["path"]) if scope["type"] == "http" else None
        if place is None:
            await app(scope, receive, send)
            return
        language, path = place
        page = await _patiently(renderer, path, language)
        if page is None:
            await PlainTextResponse("The pages are being built.", 503)(scope, receive, send)
            return
        allowed = policy(page.scripts, SITE.sources_of(path), page.styles)
        answer = HTMLResponse(page.html, headers={"Content-Security-Policy": allowed})
        await answer(scope, receive, send)

    return answer


def _place(file: str) -> tuple[str, str] | None:
    """Return the language and the address to render for the path of a static page, if it is one."""
    folders = {folder_of(language): language for language in LANGUAGES if language != ENGLISH}
    folder = next((name for name in folders if file.startswith(f"{name}/")), "")
    name = file.removeprefix(f"{folder}/" if folder else "/")
    private = {page.shell: page.sample for page in SITE.private_shells}
    special = {UNKNOWN: UNKNOWN_PATH, FALLBACK: f"/{FALLBACK}", **private}
    bare = f"/{name.removesuffix('/')}"
    path = special.get(name, bare if bare == "/" or bare in drawn_folders() else "")
    return (folders.get(folder, ENGLISH), path) if path else None


async def _patiently(renderer: Renderer, path: str, language: str) -> RenderedPage | None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            return await renderer.render(path, language, {}, "", {})
        except RenderFailed:
            await asyncio.sleep(PAUSE_SECONDS)
    return None
