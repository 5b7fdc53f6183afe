"""Adds server rendering to the ASGI application."""

import os
import time
from functools import partial
from pathlib import Path

import reflex as rx
from starlette.types import ASGIApp, Scope

from coursebook import school
from coursebook.http_security.socket_handshake import client_address_of
from coursebook.live import topics
from coursebook.school.files import asset_paths
from coursebook.services.cache import MicroCache
from coursebook.ui.ssr.drawn_shells import drawn, drawn_folders, has_static_pages
from coursebook.ui.ssr.loaders import load, shown_name
from coursebook.ui.ssr.middleware import Page, Policy, ServerRendered
from coursebook.ui.ssr.renderer import Renderer
from coursebook.ui.ssr.shells import page_files, page_folders
from coursebook.wiring import services

SOCKET_VARIABLE = "COURSEBOOK_RENDERER"
"""The environment variable with the path of the renderer's socket, set by `coursebook run`."""
CACHE_SECONDS = 1.0
MAX_CACHED_PAGES = 256


def rendered(
    program: ASGIApp, app: rx.App, client: Path, policy: Policy, shell_scripts: frozenset[str]
) -> ASGIApp:
    """Return `program` with server rendering.

    `client` is the folder of the built pages; `policy` returns their Content-Security-Policy.
    `shell_scripts` are the hashes of the inline scripts in the static pages.
    """
    socket = os.environ.get(SOCKET_VARIABLE)
    renderer = Renderer(socket) if socket else None
    is_drawn = renderer is not None and not has_static_pages(client)
    if renderer is not None and is_drawn:
        program = drawn(program, renderer, policy)
    return ServerRendered(
        program,
        load=partial(load, app),
        renderer=renderer,
        cache=MicroCache(CACHE_SECONDS, MAX_CACHED_PAGES, time.monotonic, _is_old),
        folders=drawn_folders() if is_drawn else page_folders(client),
        files=page_files(client) | frozenset(asset_paths(school.current())),
        policy=policy,
        shell_scripts=shell_scripts,
        count=_count,
        name=shown_name,
    )


async def _count(scope: Scope) -> None:
    """Count a search against the rate limit of its network, which the API shares."""
    address = client_address_of(scope, services().settings.trusted_proxies)
    if address:
        await services().catalog.count_search(address)


def _is_old(page: Page, since: float) -> bool:
    """Tell whether the page has changed since: a course was edited, or newer places were pushed."""
    watched_topics = [*topics.AT_ONCE, *map(topics.course, page.courses)]
    return services().live.recent.since(watched_topics, since)
