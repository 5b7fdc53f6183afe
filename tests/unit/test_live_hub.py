"""The live-update hub: batching, retries and links between processes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from structlog.testing import capture_logs

from coursebook.live import batcher, connection
from coursebook.live.connection import Transport, TransportLost
from coursebook.live.hub import Hub
from coursebook.live.recent import RecentNotifications
from coursebook.live.topics import CATALOG, EVERYTHING, SCHOOL


class Subscriber:
    """Records its notifications; fails as often as requested."""

    def __init__(self, breaks: int = 0) -> None:
        self.told: list[frozenset[str]] = []
        self.breaks = breaks
        self.news = asyncio.Event()

    async def hear(self, topics: frozenset[str]) -> None:
        if self.breaks:
            self.breaks -= 1
            raise ConnectionError("the database is away")
        self.told.append(topics)
        self.news.set()

    async def next(self) -> None:
        async with asyncio.timeout(10):
            await self.news.wait()
        self.news.clear()


class FakeTransport(Transport):
    """A transport between the hubs of one test, which can be cut."""

    max_topics = 2

    def __init__(self) -> None:
        self.ends: list[asyncio.Queue[str | Exception | None]] = []
        self.is_cut = False
        self.sent: list[str] = []
        self.surprises = 0

    async def send(self, text: str) -> None:
        if self.surprises:
            self.surprises -= 1
            raise RuntimeError("unexpected")
        if self.is_cut:
            raise TransportLost("cut")
        self.sent.append(text)
        for end in self.ends:
            end.put_nowait(text)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[str]]:
        if self.is_cut:
            raise TransportLost("cut")
        end: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self.ends.append(end)
        try:
            yield self._texts(end)
        finally:
            self.ends.remove(end)

    async def _texts(self, end: asyncio.Queue[str | Exception | None]) -> AsyncIterator[str]:
        while (text := await end.get()) is not None:
            if isinstance(text, Exception):
                raise text
            yield text
        raise TransportLost("cut")

    def cut(self) -> None:
        self.is_cut = True
        for end in self.ends:
            end.put_nowait(None)

    async def close(self) -> None:
        """Nothing to release."""

    async def ends_are(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.ends) != count:  # noqa: ASYNC110 - the transport has no event for it
                await asyncio.sleep(0.005)


async def test_changes_within_the_window_are_batched():
    hub, listener = Hub(), Subscriber()
    async with hub.notifying(listener.hear, seconds=0.02):
        for number in range(50):
            hub.publish([f"course:{number % 3}"])
        await listener.next()
        hub.publish(["course:9"])
        await listener.next()
    assert listener.told == [{"course:0", "course:1", "course:2"}, {"course:9"}]


async def test_nothing_is_notified_before_the_window_ends():
    hub, listener = Hub(), Subscriber()
    async with hub.notifying(listener.hear, seconds=60.0):
        await asyncio.sleep(0)
        hub.publish(["course:1"])
        await asyncio.sleep(0.01)
        assert listener.told == []


async def test_changes_during_a_notification_are_sent_next(monkeypatch):
    monkeypatch.setattr(batcher, "MAX_REST_SECONDS", 0.01)
    hub, listener = Hub(), Subscriber()

    async def hear(topics: frozenset[str]) -> None:
        if not listener.told:
            hub.publish(["course:1"])
        await listener.hear(topics)

    async with hub.notifying(hear, seconds=0.01):
        hub.publish(["course:1"])
        await listener.next()
        await listener.next()
    assert listener.told == [{"course:1"}, {"course:1"}]


async def test_a_failed_notification_is_retried(monkeypatch):
    monkeypatch.setattr(batcher, "RETRY_DELAY", 0.01)
    monkeypatch.setattr(batcher, "MAX_REST_SECONDS", 0.0)
    hub, listener = Hub(), Subscriber(breaks=2)
    with capture_logs() as log_entries:
        async with hub.notifying(listener.hear, seconds=0.0):
            hub.publish(["course:1"])
            await listener.next()
    assert listener.told == [{"course:1"}]
    assert [entry["event"] for entry in log_entries] == [
        "live_notification.failed",
        "live_notification.failed",
    ]


async def test_a_notification_is_recorded_before_it_is_sent_and_expires():
    now = [5.0]
    hub, listener = Hub(), Subscriber()
    hub.recent = recent = RecentNotifications(lambda: now[0])
    noted = []

    async def hear(topics: frozenset[str]) -> None:
        noted.append(recent.since(topics, 5.0))
        await listener.hear(topics)

    async with hub.notifying(hear, seconds=0.0):
        hub.publish(["course:1"])
        await listener.next()
    assert noted == [True]
    assert [recent.since([topic], 5.0) for topic in ("course:1", "course:2")] == [True, False]
    assert not recent.since(["course:1"], 5.1)
    now[0] = 60.0
    recent.record([EVERYTHING])
    assert recent.since(["course:2"], 60.0), "EVERYTHING must cover every topic"
    assert list(recent._notified_at) == [EVERYTHING]


async def test_an_edit_of_the_catalog_is_recorded_at_its_commit():
    hub = Hub()
    hub.recent = recent = RecentNotifications(lambda: 5.0)
    hub.publish([CATALOG, "course:1"])
    assert recent.since([CATALOG], 5.0), "a kept page must not outlive the edit"
    assert not recent.since(["course:1"], 5.0), "places change too often to draw pages each time"
    async with two_hubs(FakeTransport()) as (one, other, _, also_hears):
        one.publish([SCHOOL])
        await also_hears.next()
        assert other.recent.since([SCHOOL], 0.0)


async def test_no_task_or_notification_remains_after_closing():
    hub, listener = Hub(), Subscriber()
    before = asyncio.all_tasks()
    async with hub.notifying(listener.hear, seconds=0.0):
        pass
    hub.publish(["course:1"])
    assert (hub._batchers, asyncio.all_tasks()) == ([], before)


async def test_publishing_without_subscribers_does_nothing():
    hub = Hub()
    hub.publish(["course:1"])
    hub.publish([])


@asynccontextmanager
async def two_hubs(cable: FakeTransport) -> AsyncIterator[tuple[Hub, Hub, Subscriber, Subscriber]]:
    first, other = Hub(cable), Hub(cable)
    hears, also_hears = Subscriber(), Subscriber()
    async with (
        first.opened(),
        other.opened(),
        first.notifying(hears.hear, seconds=0.0),
        other.notifying(also_hears.hear, seconds=0.0),
    ):
        for listener in (hears, also_hears):
            await listener.next()
            assert listener.told.pop() == {EVERYTHING}, "a change may have been missed before"
        yield first, other, hears, also_hears


async def test_changes_before_a_late_first_connection_arrive_with_it(monkeypatch):
    monkeypatch.setattr(connection, "RETRY_DELAYS", (0.01,))
    cable, hears = FakeTransport(), Subscriber()
    cable.cut()
    hub = Hub(cable)
    async with hub.opened(), hub.notifying(hears.hear, seconds=0.0):
        await asyncio.sleep(0.05)  # another process publishes, and this one does not listen yet
        assert hears.told == []
        cable.is_cut = False
        await hears.next()
    assert hears.told == [{EVERYTHING}]


async def test_a_change_reaches_the_other_process_and_its_own_once():
    async with two_hubs(FakeTransport()) as (one, _, hears, also_hears):
        one.publish(["course:1"])
        await also_hears.next()
        await hears.next()
        await asyncio.sleep(0.02)
    assert (hears.told, also_hears.told) == ([{"course:1"}], [{"course:1"}])


async def test_changes_during_a_cut_arrive_after_reconnecting(monkeypatch):
    monkeypatch.setattr(connection, "RETRY_DELAYS", (0.01,))
    cable = FakeTransport()
    async with two_hubs(cable) as (one, _, hears, also_hears):
        with capture_logs() as log_entries:
            cable.cut()
            one.publish(["course:1"])
            await hears.next()  # its own process is not affected
            await cable.ends_are(0)
            assert one.is_alone
            assert also_hears.told == []
            cable.is_cut = False
            told: set[str] = set()
            while told != {EVERYTHING, "course:1"}:  # after a cut, anything may have changed
                await also_hears.next()
                told = set().union(*also_hears.told)
            await cable.ends_are(2)
        assert not one.is_alone
    assert [e["event"] for e in log_entries].count("live_connection.lost") == 2, (
        "expected one log line for each process"
    )


async def test_an_unexpected_error_stops_neither_sending_nor_receiving(monkeypatch):
    monkeypatch.setattr(connection, "RETRY_DELAYS", (0.01,))
    cable = FakeTransport()
    async with two_hubs(cable) as (one, _, _, also_hears):
        with capture_logs() as log_entries:
            cable.surprises = 2
            one.publish(["course:1"])
            await also_hears.next()
            cable.ends[1].put_nowait(RuntimeError("also unexpected"))
            while frozenset({EVERYTHING}) not in also_hears.told:
                await also_hears.next()
            one.publish(["course:2"])
            while frozenset({"course:2"}) not in also_hears.told:
                await also_hears.next()
    assert [e["event"] for e in log_entries].count("live_connection.failed") == 3


async def test_pending_topics_are_sent_on_close():
    cable = FakeTransport()
    hub = Hub(cable)
    async with hub.opened():
        hub.publish(["a", "b", "c"])
        await cable.ends_are(1)
        assert not hub.is_alone
    assert hub.is_alone
    assert len(cable.sent) == 2, "expected two topics in one message"


async def test_malformed_messages_are_ignored():
    cable = FakeTransport()
    async with two_hubs(cable) as (_, _, hears, _):
        for text in ("", "[]", "7", '{"from": "x"}', '{"from": "x", "topics": 7}', "\x00"):
            await cable.send(text)
        await cable.send('{"from": "x", "topics": ["course:1", 7, null]}')
        await hears.next()
    assert hears.told == [{"course:1"}]


async def test_a_long_outage_collapses_pending_topics_into_everything(monkeypatch):
    monkeypatch.setattr(connection, "MAX_PENDING_TOPICS", 3)
    messages: list[str] = []
    end = connection.Connection(FakeTransport(), messages.extend)
    end.publish([f"course:{n}" for n in range(5)])
    assert end._pending == {EVERYTHING}
    with suppress(TimeoutError):
        await end._send_pending()


async def test_many_changes_are_sent_in_few_messages(monkeypatch):
    monkeypatch.setattr(FakeTransport, "max_topics", 1000)
    monkeypatch.setattr(connection, "SEND_INTERVAL", 60)  # longer than this test, on any machine
    cable = FakeTransport()
    hub = Hub(cable)
    async with hub.opened():
        for number in range(200):
            hub.publish([f"course:{number}"])
            await asyncio.sleep(0)
    body = [topic for text in cable.sent for topic in json.loads(text)["topics"]]
    assert sorted(body) == sorted(f"course:{number}" for number in range(200)), "a topic was lost"
    assert len(cable.sent) == 2, "expected the first at once and the rest in one batch"


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(batcher, "CANCEL_SECONDS", 0.01)
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 2:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(batcher.cancel_and_wait(task))
    ended, _ = await asyncio.wait([waiting], timeout=2)  # a timeout would cancel the task itself
    assert ended
    assert task.cancelled()
