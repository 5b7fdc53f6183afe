"""Environment variables, built-in addresses and folders of Reflex.

The supervisor and the production entry import this file before Reflex, so it does not import
Reflex, and only the tests check its seams.
"""

from importlib import import_module
from typing import Any

from coursebook.http_security.socket_protocol import SOCKET
from coursebook.ui.reflex_compat.seams import Seam

SERVE_BUILT_PAGES = {
    "REFLEX_ENV_MODE": "prod",
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
}
"""Serve an exported build without compiling it again (0.9 s to the first page)."""
WEB_FOLDER = "REFLEX_WEB_WORKDIR"
"""The folder that Reflex builds in."""
DEFAULT_WEB_FOLDER = ".web"
CACHE_FOLDER = "REFLEX_DIR"
"""Reflex's own cache, and that of its tools."""
TELEMETRY = "REFLEX_TELEMETRY_ENABLED"
QUIET_TOOLS = {
    "REFLEX_USE_NPM": "1",
    TELEMETRY: "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
}
"""npm instead of bun, and no calls to Reflex's own servers."""
RELOADING = "COURSEBOOK_GALLERY"
"""Our own: set to 1 by `coursebook run --reload`, for builds and for the product."""
QUICK_BUILD = {"VITE_MINIFY": "false", "REFLEX_NO_AUTOPREFIXER": "true"}
"""A build that nobody downloads over a slow line."""
MAX_MESSAGE_SIZE = "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE"
"""Maximum characters of a message that Socket.IO accepts."""
LOCK_PER_EVENT = "REFLEX_OPLOCK_ENABLED"
"""One lock in Redis per event instead of one per access."""
PING_INTERVAL, PING_TIMEOUT = "REFLEX_SOCKET_INTERVAL", "REFLEX_SOCKET_TIMEOUT"
"""How often the server pings a socket, and how long it waits for the answer."""
CLIENT = ("build", "client")
"""The folder of the static pages, below the web folder."""
SERVER = ("build", "server", "index.js")
"""The server's copy of the pages, which Reflex keeps but never runs."""
FALLBACK = "404.html"
"""The static page of every address without its own page; it loads its content in the browser."""
BUILT_IN_ADDRESSES = ("/_upload", "/_health", "/_all_routes", "/auth-codespace", "/ping")
"""Further addresses that Reflex serves beside the socket; the first middleware blocks them."""


def _of(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


def _knows(*names: str) -> bool:
    variables = _of("reflex_base.environment", "EnvironmentVariables")
    return all(getattr(variables, name.lstrip("_")).name == name for name in names)


def _built_in_addresses() -> set[str]:
    endpoints = {f"/{endpoint.value}" for endpoint in _of("reflex_base.constants", "Endpoint")}
    return endpoints - {SOCKET}


SEAMS = (
    Seam(
        "the variables of the environment",
        "a built product starts without compiling, and its tools make no network calls",
        lambda: (
            _knows(*SERVE_BUILT_PAGES, WEB_FOLDER, CACHE_FOLDER, MAX_MESSAGE_SIZE)
            and _knows(LOCK_PER_EVENT, PING_INTERVAL, PING_TIMEOUT)
            and _knows(*(name for name in QUIET_TOOLS if name != TELEMETRY), *QUICK_BUILD)
            and hasattr(_of("reflex_base.config", "Config"), "telemetry_enabled")
        ),
    ),
    Seam(
        "the built-in addresses",
        "the first middleware blocks all of them",
        lambda: _built_in_addresses() == set(BUILT_IN_ADDRESSES),
    ),
    Seam(
        "the folders of a build",
        "the built pages are read from there",
        lambda: (
            _of("reflex_base.constants", "Dirs").WEB == DEFAULT_WEB_FOLDER
            and "/".join(CLIENT) == _of("reflex_base.constants", "Dirs").STATIC
        ),
    ),
)
