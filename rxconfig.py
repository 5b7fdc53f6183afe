"""How Reflex is set up: read by the build and by the running product.

Nothing here may depend on the port: the build is made once and works on any address (the plugin
sees to that). What differs between machines arrives by environment variables.
"""

import os

import reflex as rx

from coursebook.identity.provider import pins
from coursebook.ui.build.bundle_size import LightPages
from coursebook.ui.build.languages import Languages
from coursebook.ui.build.same_origin import SameOrigin
from coursebook.ui.build.server_rendering import ServerRendering
from coursebook.ui.reflex_compat.environment import PING_INTERVAL, PING_TIMEOUT
from coursebook.ui.reflex_compat.exporting import use_pins

PUBLIC_URL = os.environ.get("PUBLIC_URL", "").rstrip("/") or "http://localhost:3000"
REDIS_URL = os.environ.get("REDIS_URL") or None
# coursebook/ui/connection_status/line.js notices a silent line after 8 seconds, so the server says
# something every 4. A browser that does not answer is given up after 24.
os.environ.setdefault(PING_INTERVAL, "4s")
os.environ.setdefault(PING_TIMEOUT, "20s")
# Pages with Clerk have pins of their own, so pages without it know nothing of its packages.
use_pins(pins())

config = rx.Config(
    app_name="coursebook",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # Reflex's default "*" would let every site open a socket with the visitor's cookies.
    cors_allowed_origins=[PUBLIC_URL],
    # In this order: a browser that takes both gets brotli, 13 % less.
    frontend_compression_formats=["brotli", "gzip"],
    redis_url=REDIS_URL,
    state_manager_mode="redis" if REDIS_URL else "memory",
    trusted_proxy_hops=int(os.environ.get("TRUSTED_PROXIES") or 0),
    redis_token_expiration=1800,  # seconds a left tab's state is kept
    plugins=[
        rx.plugins.TailwindV4Plugin(),
        SameOrigin(),
        ServerRendering(),
        LightPages(),
        Languages(),
    ],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
