"""The test for API requests. Reflex's pages and sockets pass through the same middleware."""

from starlette.types import Scope


def is_api_request(scope: Scope) -> bool:
    """Tell whether an ASGI scope is an HTTP request to the API or to the metrics."""
    if scope["type"] != "http":
        return False
    path = scope["path"]
    return path.startswith("/api/") or path in ("/api", "/metrics")
