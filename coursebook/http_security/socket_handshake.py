"""The request that opens a socket of the pages, reduced to what the programs behind may see.

Reflex keeps every header and the whole query string for as long as it keeps a tab, and its
parsers read them in ways of their own. So they get a request that is written anew.
"""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode

from coursebook.client_address import address_of

TAB = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
"""The id of a tab: a UUID, as Reflex's script makes it."""
TAB_PARAMETER = "token"
"""The parameter of the handshake that names the tab."""
PROTOCOL = {"EIO": "4", "transport": "websocket"}
"""The other parameters: Engine.IO 4, over a WebSocket and nothing else."""
MOST_PARAMETERS = 10
LONGEST_QUERY = 500
LONGEST_LANGUAGES = 200
"""Characters of `Accept-Language`, the only header that pages read."""
NEEDED = (b"host", b"connection", b"upgrade", b"sec-websocket-version", b"sec-websocket-key")
LONGEST_HEADER = 300
_VERSION = re.compile(r"[A-Za-z0-9.+-]{1,40}", re.ASCII)

Scope = MutableMapping[str, Any]
Headers = Sequence[tuple[bytes, bytes]]


def tab_of(query: str) -> str:
    """Return the id of the tab that a query string names, or "" unless it names exactly one.

    It is read as Reflex reads it, whatever is percent-encoded in it.
    """
    found = _parameters(query).get(TAB_PARAMETER, [])
    return found[0] if len(found) == 1 and TAB.fullmatch(found[0]) else ""


def reduced(scope: Scope, origin: str, trusted_proxies: int) -> Scope | None:
    """Return the request to pass on, or None when our own script would not send it."""
    headers: Headers = scope.get("headers", ())
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    said, tab = _parameters(query), tab_of(query)
    if not tab or any(said.get(name) != [value] for name, value in PROTOCOL.items()):
        return None
    versions = scope.get("subprotocols") or []
    if len(versions) > 1 or not all(_VERSION.fullmatch(str(one)) for one in versions):
        return None
    if any(value.decode("latin-1") != origin for value in _all(headers, b"origin")):
        return None
    address = caller_of(scope, trusted_proxies)
    return {
        **scope,
        "query_string": urlencode({TAB_PARAMETER: tab, **PROTOCOL}).encode(),
        "headers": _kept(headers, versions),
        "client": (address, 0) if address else scope.get("client"),
    }


def caller_of(scope: Scope, trusted_proxies: int) -> str:
    """Return the network address of who made a request, "" when the server does not know it."""
    peer = str(scope["client"][0]) if scope.get("client") else ""
    forwarded = b",".join(_all(scope.get("headers", ()), b"x-forwarded-for")).decode("latin-1")
    return address_of(peer, forwarded, trusted_proxies)


def _parameters(query: str) -> Mapping[str, list[str]]:
    if len(query) > LONGEST_QUERY:
        return {}
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return {}


def _kept(headers: Headers, versions: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """Return the headers that the handshake needs, each once, and the visitor's languages."""
    kept = [(name, values[0]) for name in NEEDED if (values := _all(headers, name))]
    kept += [(b"origin", value) for value in _all(headers, b"origin")[:1]]
    kept += [(b"sec-websocket-protocol", str(one).encode()) for one in versions]
    languages = b",".join(_all(headers, b"accept-language"))[:LONGEST_LANGUAGES]
    if languages and languages.isascii():
        kept.append((b"accept-language", languages))
    return [(name, value) for name, value in kept if len(value) <= LONGEST_HEADER]


def _all(headers: Headers, name: bytes) -> list[bytes]:
    return [value for key, value in headers if key.lower() == name]
