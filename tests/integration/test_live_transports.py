"""Live updates between two processes over Redis and PostgreSQL, also during outages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest

from coursebook.live.connection import TransportLost
from coursebook.live.hub import Hub
from coursebook.live.postgres import PostgresTransport
from coursebook.live.topics import EVERYTHING
from tests.support.peer_process import (
    PATIENCE_SECONDS,
    QUICK,
    peer_process,
    transport_to,
    wait_until_connected,
)
from tests.support.postgres import PostgresCluster
from tests.support.redis import cut_connections


@pytest.fixture(params=["redis", "postgres"])
def wire_url(request: pytest.FixtureRequest) -> str:
    """The address of Redis, or of a database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def cut(wire_url: str, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Close every connection at the server, as a restart or a network failure does."""
    if wire_url.startswith("redis"):
        return lambda: cut_connections(wire_url)
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return lambda: cluster.cut_connections(wire_url)


async def until_told(hears: Callable[[], Awaitable[Collection[str]]], wanted: set[str]) -> None:
    """Read notifications until all the wanted topics have arrived."""
    told: set[str] = set()
    while not wanted <= told:
        told |= await hears()


@asynccontextmanager
async def publishing(hub: Hub, topic: str) -> AsyncIterator[None]:
    """Publish repeatedly: during a connect, a change may arrive as `EVERYTHING`."""

    async def publish() -> None:
        while True:
            hub.publish([topic])
            await asyncio.sleep(0.1)

    saying = asyncio.create_task(publish())
    try:
        yield
    finally:
        saying.cancel()
        await asyncio.wait([saying])


async def test_a_change_in_one_process_is_told_in_the_other_and_both_hear_all_after_a_cut(
    wire_url: str, cut: Callable[[], None]
):
    hub, notifications = Hub(transport_to(wire_url)), asyncio.Queue[frozenset[str]]()
    async with (
        peer_process(wire_url) as other,
        hub.opened(),
        hub.notifying(notifications.put, seconds=QUICK),
        asyncio.timeout(PATIENCE_SECONDS),
    ):
        await wait_until_connected(hub)
        many = {f"course:{n}" for n in range(150)}
        hub.publish(many)
        await until_told(other.hears, many)
        await until_told(notifications.get, many)
        await other.publish("user:7")
        await until_told(notifications.get, {"user:7"})
        await until_told(other.hears, {"user:7"})
        await asyncio.to_thread(cut)
        hub.publish(["course:151"])
        await other.publish("course:152")
        await until_told(notifications.get, {EVERYTHING})
        await until_told(other.hears, {EVERYTHING})
        async with publishing(hub, "course:153"):
            await until_told(other.hears, {"course:153"})


async def test_nothing_is_said_over_a_connection_that_is_still_beginning_to_listen(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    """asyncpg fails on two concurrent operations on one connection, which looks like no outage."""
    wire, begin = PostgresTransport(postgres_url), asyncpg.Connection.add_listener
    too_early: list[str] = []

    async def beginning(connection: asyncpg.Connection, *arguments: object) -> None:
        with suppress(TransportLost):
            await wire.send("early")
            too_early.append("said")
        await begin(connection, *arguments)

    monkeypatch.setattr(asyncpg.Connection, "add_listener", beginning)
    async with asyncio.timeout(PATIENCE_SECONDS), wire.listening() as texts:
        assert too_early == []
        await wire.send("now")
        assert await anext(texts) == "now"


async def test_an_unreachable_transport_blocks_nobody():
    for url in ("redis://127.0.0.1:1/0", "postgresql://nobody@127.0.0.1:1/none"):
        hub, notifications = Hub(transport_to(url)), asyncio.Queue[frozenset[str]]()
        async with hub.opened(), hub.notifying(notifications.put, seconds=0.0), asyncio.timeout(5):
            hub.publish(["course:1"])
            assert await notifications.get() == {"course:1"}
            assert hub.is_alone


async def test_a_connection_that_dies_while_sending_is_dropped(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    """asyncpg raises InternalClientError when the server goes away during a statement."""

    async def dies(*_said: object) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 12")

    wire = PostgresTransport(postgres_url)
    async with asyncio.timeout(PATIENCE_SECONDS), wire.listening() as texts:
        with monkeypatch.context() as patch:
            patch.setattr(asyncpg.Connection, "execute", dies)
            with pytest.raises(TransportLost, match="state 12"):
                await wire.send("a word")
        with pytest.raises(TransportLost, match="ended the connection"):
            await anext(texts)
