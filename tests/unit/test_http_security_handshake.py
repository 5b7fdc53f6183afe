"""Which parts of a WebSocket handshake are passed on to the application."""

from typing import Any

import pytest

from coursebook.http_security.socket_handshake import reduce_handshake, tab_of

TAB = "3b241101-e2bb-4255-8caf-4136c566a962"
QUERY = f"token={TAB}&EIO=4&transport=websocket"
ORIGIN = "https://courses.example.org"
BROWSER = [
    (b"host", b"courses.example.org"),
    (b"connection", b"Upgrade"),
    (b"upgrade", b"websocket"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"x3JJHMbDL1EzLkh9GBhXDw=="),
    (b"origin", ORIGIN.encode()),
    (b"accept-language", b"de-DE,de;q=0.9"),
]


def asked(
    query: str = QUERY,
    headers: list[tuple[bytes, bytes]] | None = None,
    proxies: int = 0,
    **other: Any,
) -> Any:
    scope = {
        "type": "websocket",
        "path": "/_event/",
        "query_string": query.encode("latin-1"),
        "headers": BROWSER if headers is None else headers,
        "client": ("10.0.0.1", 4711),
        "subprotocols": ["0.10.1"],
        **other,
    }
    return reduce_handshake(scope, ORIGIN, proxies)


def test_a_browsers_handshake_passes():
    handshake = asked()
    assert handshake["query_string"].decode() == QUERY
    assert set(BROWSER) <= set(handshake["headers"])
    assert asked(QUERY + "&t=abc")["query_string"].decode() == QUERY


@pytest.mark.parametrize(
    "query",
    [
        "",
        "EIO=4&transport=websocket",
        f"token={TAB}x&EIO=4&transport=websocket",
        f"%74oken=ANYTHING&token={TAB}&EIO=4&transport=websocket",
        f"token={TAB}&%74oken=ANYTHING&EIO=4&transport=websocket",
        f"token={TAB}&token={TAB}&EIO=4&transport=websocket",
        f"token={TAB}%00&EIO=4&transport=websocket",
        f"token={TAB}&EIO=3&transport=websocket",
        f"token={TAB}&EIO=4&transport=polling",
        f"token={TAB}&EIO=4",
        QUERY + "&a=1" * 20,
        QUERY + "&a=" + "x" * 1000,
        "token=\xff\xfe&EIO=4&transport=websocket",
    ],
)
def test_a_query_without_exactly_one_tab_is_refused(query: str):
    assert asked(query) is None


def test_the_tab_is_parsed_as_reflex_parses_it():
    assert tab_of(f"%74oken={TAB}") == TAB
    assert tab_of(f"%74oken=x&token={TAB}") == ""
    assert tab_of(f"token={TAB}%0a") == ""


def test_unneeded_headers_are_dropped():
    strange = [
        (b"cookie", b"a=" + b"x" * 250_000),
        (b"self", b"x"),
        (b"authorization", b"Bearer x"),
        (b"x-real-ip", b"6.6.6.6"),
        (b"user-agent", b"x" * 8000),
        *((b"x-%d" % number, b"x") for number in range(500)),
    ]
    assert asked(headers=BROWSER + strange)["headers"] == asked()["headers"]


@pytest.mark.parametrize("languages", [b"\xff\xfe", b"d\xc3\xa9", b""])
def test_malformed_languages_are_dropped(languages: bytes):
    handshake = asked(headers=[*BROWSER[:-1], (b"accept-language", languages)])
    assert b"accept-language" not in dict(handshake["headers"])


def test_the_passed_handshake_is_small():
    long = [(name, b"x" * 100_000) for name, _ in BROWSER if name != b"origin"]
    handshake = asked(headers=[*long, *BROWSER, *long])
    assert sum(len(name) + len(value) for name, value in handshake["headers"]) < 2000


@pytest.mark.parametrize(
    "origins", [[b"https://evil.example"], [ORIGIN.encode(), b"//["], [b"null"], [b"\xff"], [b""]]
)
def test_another_origin_is_refused(origins: list[bytes]):
    assert asked(headers=[*BROWSER[:5], *((b"origin", origin) for origin in origins)]) is None


@pytest.mark.parametrize("versions", [["a b"], ["x" * 100], ["0.10.1", "other"], ["a\nb"]])
def test_the_socket_version_must_be_valid(versions: list[str]):
    assert asked(subprotocols=versions) is None


def test_the_client_address_comes_from_our_own_proxies():
    forged = [*BROWSER, (b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"203.0.113.7")]
    assert asked(headers=forged)["client"] == ("10.0.0.1", 0)
    assert asked(headers=forged, proxies=1)["client"] == ("203.0.113.7", 0)
