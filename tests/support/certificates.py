"""Caches the TLS context for the HTTP clients of a test process.

httpx loads the certificates for every client, even for plain HTTP. That takes 50 ms, and the tests
create hundreds of clients.
"""

import os
from functools import cache
from typing import Any

from httpx._transports import default


def keep_certificates() -> None:
    """Make clients with equal options share one TLS context."""
    read = default.create_ssl_context

    @cache
    def kept(verify: Any, cert: Any, trust_env: bool, *_places: str | None) -> Any:
        return read(verify=verify, cert=cert, trust_env=trust_env)

    def context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> Any:
        places = (os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
        return kept(verify, cert, trust_env, *places)

    default.create_ssl_context = context
