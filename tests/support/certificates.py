"""The certificates of this machine, read once for all HTTP clients of a test process.

httpx reads them anew for every client, also for plain HTTP, which takes 50 ms; the tests make
hundreds of clients.
"""

import os
from functools import cache
from typing import Any

from httpx._transports import default


def keep_certificates() -> None:
    """Let clients that ask for the same share what was read."""
    read = default.create_ssl_context

    @cache
    def kept(verify: Any, cert: Any, trust_env: bool, *_places: str | None) -> Any:
        return read(verify=verify, cert=cert, trust_env=trust_env)

    def context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> Any:
        places = (os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
        return kept(verify, cert, trust_env, *places)

    default.create_ssl_context = context
