"""Reflex's configuration, read by the build and by the running product.

Nothing here may depend on the port: one build works at every address (the plugin `SameOrigin`).
Values that differ between machines are environment variables.
"""

import os

import reflex as rx

from coursebook.identity.provider import pins
from coursebook.ui.build.bundle_size import LightPages
from coursebook.ui.build.console import ConsoleApart
from coursebook.ui.build.languages import Languages
from coursebook.ui.build.same_origin import SameOrigin
from coursebook.ui.build.server_rendering import ServerRendering
from coursebook.ui.build.styled_pages import StyledPages
from coursebook.ui.reflex_compat.environment import PING_INTERVAL, PING_TIMEOUT, RELOADING
from coursebook.ui.reflex_compat.page_build import use_pins

PUBLIC_URL = os.environ.get("PUBLIC_URL", "").rstrip("/") or "http://localhost:3000"
IS_RELOADING = os.environ.get(RELOADING) == "1"
REDIS_URL = os.environ.get("REDIS_URL") or None
# coursebook/ui/connection_status/connection.js reports a lost connection after 8 seconds of
# silence, so the server pings every 4. A browser that does not answer is disconnected after 24.
os.environ.setdefault(PING_INTERVAL, "4s")
os.environ.setdefault(PING_TIMEOUT, "20s")
# Pages with Clerk have separate pins, so pages without it do not install its packages.
use_pins(pins())

config = rx.Config(
    app_name="coursebook",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # Reflex's default "*" would let every site open a socket with the visitor's cookies.
    cors_allowed_origins=[PUBLIC_URL],
    # In this order: a browser that accepts both gets brotli, 13 % smaller.
    frontend_compression_formats=[] if IS_RELOADING else ["brotli", "gzip"],
    redis_url=REDIS_URL,
    state_manager_mode="redis" if REDIS_URL else "memory",
    trusted_proxy_hops=int(os.environ.get("TRUSTED_PROXIES") or 0),
    redis_token_expiration=1800,  # seconds that the state of a closed tab is kept
    plugins=[
        rx.plugins.TailwindV4Plugin(),
        SameOrigin(),
        ServerRendering(),
        LightPages(),
        ConsoleApart(),
        StyledPages(),
        Languages(),
    ],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
