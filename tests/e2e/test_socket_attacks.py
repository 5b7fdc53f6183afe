"""A stranger with a socket cannot stop the product, with one message or a million.

Runs the attacks that once worked, bounded, and a fuzz over every packet. Each test checks the
product's log output and memory growth.
"""

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from coursebook.ui.reflex_compat.events import BROWSER_EXCEPTION_EVENT, UPDATE_VARS_EVENT
from coursebook.ui.reflex_compat.hydration import IS_HYDRATED
from tests.support.socket_attacks import (
    BOOT,
    MEGABYTE,
    NOT_TO_CALL,
    SPACE,
    STATE,
    Costs,
    Fuzz,
    RawSocket,
    at,
    event,
    raw_socket,
)
from tests.support.socket_client import socket_client
from tests.support.stack import Stack, running_stack

FUZZ_SECONDS = 60
"""`--fuzz-scale N` makes it N times longer."""
PARTS = 3
MOST_LINES = 1000
MOST_GROWTH = 20.0
"""Megabytes."""
MOST_AT_THE_END = 6.0
"""Megabytes in the last part of the fuzz. A leak goes on; what is needed once does not.

Measured on a new process of 190: 5 while each request is answered once (modules loaded on demand,
caches, pools), then 8 to 10 in 60 s of the fuzz, most of it in the first 20 s. One of these is
in use at the end; the others are free again, and kept by the allocators of Python and libc since
the moment when most sockets were open.
"""
VISITED = (
    *("/", "/courses", "/courses?q=pottery", "/bookings", "/sign-in", "/manage/inbox/x", "/none"),
    *("/payment/success?session_id=cs_x", "/payment/cancel?booking_id=x"),
    *("/api/health", "/api/ready", "/metrics", "/sitemap.xml", "/robots.txt", "/api/docs"),
    *("/api/openapi.json", "/api/courses", "/api/courses?q=pottery", "/api/bookings"),
)
"""Every kind of page and of request, but for single courses."""
MOST_IN_PIECES = 64 * MEGABYTE
"""The limit of granian's library for one message (tungstenite, `max_message_size`)."""
PIECE = b"x" * MEGABYTE
SENT_AHEAD = 32 * MEGABYTE
"""What may be on its way when the server closes."""
UNPARSABLE = ("@[", "//[", "\u2100.evil", {}, [], 7, "/" + "x" * 60_000)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A product only for these tests, since they affect its memory."""
    with running_stack(tmp_path_factory.mktemp("attacked")) as stack:
        yield stack


@pytest.fixture
def costs(attacked: Stack) -> Costs:
    return Costs.begin(attacked)


def assert_quiet(costs: Costs, most: int = 100) -> None:
    said = costs.log()
    assert "Traceback" not in said, said[:3000]
    assert said.count("\n") <= most, said[:3000]
    assert httpx.get(f"{costs.stack.url}/api/health", timeout=5).status_code == 200


@pytest.mark.parametrize("path", UNPARSABLE, ids=lambda path: repr(path)[:20])
async def test_one_message_with_an_address_that_cannot_be_parsed(costs: Costs, path: Any):
    for part in ("asPath", "pathname"):
        async with raw_socket(costs.stack.url) as socket:
            await socket.connect()
            await socket.say("event", at(**{part: path}))
            await socket.hear(0.2)
        async with raw_socket(costs.stack.url) as socket:
            await socket.connect({"event": at(**{part: path})})
            await socket.hear(0.2)
    await asyncio.sleep(1)
    assert_quiet(costs, 20)


async def test_further_keys_in_an_address_do_not_make_a_tab_grow(costs: Costs):
    async def inflate(number: int) -> None:
        async with raw_socket(costs.stack.url) as socket:
            await socket.connect()
            for turn in range(100):
                await socket.say("event", at(**{f"k{number}-{turn}": "x" * 60_000}))
                await socket.say("event", at(query={f"k{turn}": "x" * 60_000}))
            await socket.hear(0.2)

    await asyncio.gather(*(inflate(number) for number in range(10)))
    assert costs.growth() < MOST_GROWTH
    assert_quiet(costs)


async def open_tabs(stack: Stack, number: int, headers: dict[str, str]) -> str:
    """Open that many tabs at once and close them; return their messages."""
    opened = [await RawSocket.open(stack.url, **headers) for _ in range(number)]
    for socket in opened:
        await socket.connect({"event": event(name=BOOT, payload={"vars": {}, "hashes": []})})
    messages = "".join([part for socket in opened for part in await socket.hear(0.02)])
    for socket in opened:
        await socket.close()
    return messages


async def test_large_headers_do_not_make_a_tab_grow(attacked: Stack):
    await open_tabs(attacked, 100, {})  # the memory of 100 tabs at once without such headers
    costs = Costs.begin(attacked)
    large = {f"x_{number}": "x" * 6000 for number in range(8)} | {"cookie": "a=" + "x" * 7000}
    assert "xxxxx" not in await open_tabs(attacked, 100, large)
    assert costs.growth() < MOST_GROWTH  # the headers alone would take 38 MB if kept
    assert_quiet(costs)


@pytest.mark.parametrize("name", [*(f"{STATE}.{name}" for name in NOT_TO_CALL), UPDATE_VARS_EVENT])
async def test_the_connecting_packet_calls_nothing_that_a_message_may_not(costs: Costs, name: str):
    payload = {"var_name": IS_HYDRATED, "value": True}
    async with raw_socket(costs.stack.url) as socket:
        await socket.connect({"event": event(name=name, payload=payload)})
        messages = await socket.hear(0.3)
    assert [said for said in messages if said.startswith("42")] == []
    assert_quiet(costs, 20)


@pytest.mark.parametrize("name", ["%74oken", "tok%65n", "token"])
async def test_nobody_names_a_tab_as_he_likes(costs: Costs, name: str):
    mine = f"{name}=ANYTHING&token={uuid.uuid4()}&EIO=4&transport=websocket"
    with pytest.raises(ConnectionError):
        await RawSocket.open(costs.stack.url, mine)


async def test_nobody_gets_a_second_tab_or_another_room_over_one_socket(costs: Costs):
    for second in (f"40{SPACE},", "40", "40/other,", f"40{SPACE}?a=b,", f'42{SPACE},7["ping"]'):
        async with raw_socket(costs.stack.url) as socket:
            await socket.connect()
            await socket.hear(0.1)
            await socket.text(second)
            await socket.say("ping")
            assert [said for said in await socket.hear(0.2) if "pong" in said] == []
    assert_quiet(costs)


async def sent_in_pieces(socket: RawSocket, most: int) -> int:
    """Send a message that never ends; return the bytes sent until the server closed."""
    sent = 0
    with suppress(ConnectionError):
        while sent < most:
            await socket.piece(PIECE, is_first=sent == 0)
            sent += len(PIECE)
    return sent


async def test_a_message_in_pieces_without_an_end_ends_the_socket(costs: Costs):
    """The server puts the pieces together before we see any: up to 64 MiB, and no further."""
    async with raw_socket(costs.stack.url) as socket:
        await socket.connect()
        assert await sent_in_pieces(socket, 2 * MOST_IN_PIECES) < MOST_IN_PIECES + SENT_AHEAD
    await asyncio.sleep(1)
    assert costs.growth() < MOST_IN_PIECES / MEGABYTE, "what was put together is given back"
    assert_quiet(costs, 20)


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT"])
def test_the_socket_has_no_other_transport(costs: Costs, method: str):
    for query in (f"token={uuid.uuid4()}&EIO=4&transport=polling", "", "EIO=4&transport=websocket"):
        answer = httpx.request(
            method, f"{costs.stack.url}{SPACE}/?{query}", content=f"40{SPACE},".encode()
        )
        assert answer.status_code == 404
    assert_quiet(costs, 20)


async def test_what_browsers_report_of_themselves_fills_no_log(costs: Costs):
    info = {"info": "x\ny" * 10_000, "component_stack": "z" * 10_000}
    for _ in range(5):
        async with raw_socket(costs.stack.url) as socket:
            await socket.connect()
            for _ in range(60):
                await socket.say("event", event(name=BROWSER_EXCEPTION_EVENT, payload=info))
                await socket.say("client_error", {"message": "x\ny" * 10_000})
            await socket.hear(0.2)
    assert_quiet(costs, 200)


async def visit_everything(stack: Stack) -> None:
    """Request each kind of page in each language, and open a tab on each kind."""
    async with httpx.AsyncClient(base_url=stack.url, timeout=20) as visitor:
        slug = (await visitor.get("/api/courses")).json()["items"][0]["slug"]
        for path in (*VISITED, f"/courses/{slug}", f"/api/courses/{slug}"):
            for language in ("en", "de"):
                answer = await visitor.get(path, headers={"Accept-Language": language})
                assert answer.status_code < 500, path
        for path in ("checkout", "webhook"):
            answer = await visitor.post(f"/api/stripe/{path}", content=b"{}")
            assert answer.status_code in (400, 401), (path, answer.text)
    for path in ("/", "/courses", f"/courses/{slug}", "/bookings", "/sign-in"):
        place = {"pathname": path, "asPath": path, "query": {}}
        first = event(name=BOOT, payload={"vars": {}, "hashes": []}, router_data=place)
        async with raw_socket(stack.url) as socket:
            await socket.connect({"event": first})
            await socket.hear(0.3)


async def fuzz(stack: Stack, seconds: float, turn: int) -> int:
    """Send random messages over six sockets at a time; return the number of sockets."""
    fuzzes = [Fuzz(stack.url, 6 * turn + seed) for seed in range(6)]
    await asyncio.gather(*(fuzz_run.run_for(seconds) for fuzz_run in fuzzes))
    return sum(fuzz_run.sockets for fuzz_run in fuzzes)


async def test_any_json_at_any_place_of_any_packet(attacked: Stack, pytestconfig: pytest.Config):
    seconds = FUZZ_SECONDS * float(pytestconfig.getoption("--fuzz-scale"))
    await visit_everything(attacked)  # warm up first, as any serving process has
    costs, begun = Costs.begin(attacked), time.monotonic()
    sockets, grown = 0, [0.0]
    for part in range(PARTS):
        sockets += await fuzz(attacked, seconds / PARTS, part)
        grown.append(costs.growth())
    assert time.monotonic() - begun < seconds + 15
    said = costs.log().count("\n")
    figures = f"{sockets} sockets, {said} lines, MB after each part: {grown}"
    assert sockets > 8 * seconds, figures
    assert grown[-1] < MOST_GROWTH, figures
    assert grown[-1] - grown[-2] < MOST_AT_THE_END, figures
    assert_quiet(costs, MOST_LINES)
    async with socket_client(costs.stack.url) as tab:
        assert await tab.is_open(), "other clients must still be served"
