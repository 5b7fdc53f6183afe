"""Which requests are the API's. Pages and sockets of Reflex pass through the same program."""

from starlette.types import Scope


def is_ours(scope: Scope) -> bool:
    """Tell whether an ASGI scope is an HTTP request to the API or to the metrics."""
    if scope["type"] != "http":
        return False
    path = scope["path"]
    return path.startswith("/api/") or path in ("/api", "/metrics")
