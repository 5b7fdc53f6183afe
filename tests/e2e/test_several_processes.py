"""Two processes of the product on PostgreSQL and Redis, behind one port: one catalog, one truth."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import httpx
import psutil
import pytest

from coursebook.run.supervisor.heartbeats import HUNG_SECONDS
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.session import SessionState
from tests.e2e.people import Opened, eventually, open_course
from tests.support import cards
from tests.support.postgres import PostgresCluster
from tests.support.redis import RedisServer, stoppable_redis
from tests.support.socket_client import SocketClient, socket_client
from tests.support.stack import PRODUCT, Stack, running_stack

LIMIT = 5
MAX_TABS = 24
STUDENTS = 12


@dataclass(frozen=True)
class Twins:
    """The stack, its database and its Redis."""

    stack: Stack
    database: str
    redis: RedisServer
    before_redis: httpx.Response
    """The answer to a checkout while Redis was away, from the start on."""

    def workers(self) -> list[psutil.Process]:
        """Return the processes that serve."""
        for child in psutil.Process(self.stack.process.pid).children():
            if any(PRODUCT in part for part in child.cmdline()):
                return [one for one in child.children() if _is_serving(one)]
        return []

    def at(self, worker: psutil.Process, status: str = psutil.CONN_ESTABLISHED) -> int:
        """Return how many connections to our port a process has, or sockets of another status."""
        port = self.stack.port
        try:
            connections = worker.net_connections("tcp")
        except psutil.Error:  # it has just ended
            return 0
        return sum(c.status == status and c.laddr.port == port for c in connections)

    def all_listen(self) -> bool:
        """Tell whether two processes listen. Each has a socket, and the kernel deals them out."""
        serving = self.workers()
        return len(serving) > 1 and all(self.at(one, psutil.CONN_LISTEN) for one in serving)

    async def ask(self, who: str, path: str, **said: str) -> httpx.Response:
        """Call the API over a connection of its own, so that either process may answer."""
        token = await asyncio.to_thread(self.stack.token, who)
        headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
        async with httpx.AsyncClient(base_url=self.stack.url, timeout=30) as client:
            for _ in range(20):
                try:
                    return await client.post(path, json=said, headers=headers)
                except httpx.TransportError:  # it was killed: the other one answers
                    await asyncio.sleep(0.1)
        raise AssertionError("nobody answered")

    async def book(self, who: str, course: Opened) -> httpx.Response:
        """Ask for a place."""
        return await self.ask(who, "/api/stripe/checkout", course_id=course.id)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresCluster) -> Iterator[Twins]:
    """`coursebook run` as for production, with a Redis that comes after it."""
    database = postgres.fresh_database()
    with stoppable_redis() as redis:
        redis.stop()
        with running_stack(
            tmp_path_factory.mktemp("twins"),
            lacks_redis=True,
            DATABASE_URL=database,
            REDIS_URL=redis.url,
            CHECKOUT_LIMIT=f"{LIMIT}/minute",
            WORKER_SECONDS="0.5",
        ) as stack:
            course = asyncio.run(open_course(stack, capacity=3, database=database))
            with stack.api("early@example.test") as api:
                booked = api.post("/api/stripe/checkout", json={"course_id": course.id})
            redis.start()
            stack.wait_until_ready()
            stack.forget_trouble()
            yield Twins(stack, database, redis, booked)
    postgres.drop(database)


@pytest.fixture
def twins(both: Twins) -> Iterator[Twins]:
    """The same for each test, which fails when the server logs an error that it did not cause."""
    yield both
    both.stack.close_clients()
    assert not both.stack.trouble()


@asynccontextmanager
async def tabs_at_both(twins: Twins, course: Opened) -> AsyncIterator[list[SocketClient]]:
    """Open tabs at the page of a course until each process has one."""
    await eventually(twins.all_listen, seconds=120)  # one may just have been started again
    async with AsyncExitStack() as leaving:
        tabs: list[SocketClient] = []
        while not tabs or not all(twins.at(worker) for worker in twins.workers()):
            assert len(tabs) < MAX_TABS, "one process got them all"
            tab = await SocketClient.open(twins.stack.url, Origin=twins.stack.url)
            leaving.push_async_callback(tab.close)
            tabs.append(tab)
            await look(tab, course)
        yield tabs


async def look(tab: SocketClient, course: Opened) -> None:
    """Let a tab open the page of a course."""
    opened = f"{CourseState.get_full_name()}.page_opened"
    await tab.emit(opened, {}, f"/courses/{course.slug}")
    await tab.until(course.title)


async def test_two_processes_are_one_product_and_killing_one_loses_nothing(twins: Twins):
    course = await open_course(twins.stack, capacity=STUDENTS, database=twins.database)
    assert len(twins.workers()) > 1
    async with tabs_at_both(twins, course) as tabs:
        sam = tabs[0]
        token = await asyncio.to_thread(twins.stack.token, "sam@example.test")
        await sam.emit(f"{SessionState.get_full_name()}.token_received", {"token": token})
        await sam.until("Sam Student")
        people = [f"p{n}@example.test" for n in range(STUDENTS)]
        first = await twins.book(people[0], course)
        assert first.status_code == 201, first.text
        for tab in tabs:  # whichever process has it
            await tab.until(f"{STUDENTS - 1} places left")

        answers = [await twins.book("greedy@example.test", course) for _ in range(LIMIT + 2)]
        told = [answer.status_code for answer in answers]
        assert told == [201, *[200] * (LIMIT - 1), 429, 429], "they count together"

        buying = [asyncio.create_task(twins.book(who, course)) for who in people[1:]]
        await asyncio.sleep(0.2)
        os.kill(twins.workers()[0].pid, signal.SIGKILL)
        booked = [first, answers[0], *await asyncio.gather(*buying)]
        told = sorted(answer.status_code for answer in booked)
        assert told.count(409) == 1, "one more than there are places"
        assert set(told) <= {200, 201, 409}
        sessions = [a.json()["session_id"] for a in booked if a.status_code != 409]
        for session in sessions:
            await asyncio.to_thread(twins.stack.control, f"sessions/{session}/pay", card=cards.VISA)
        await eventually(lambda: _confirmed(twins, people) >= STUDENTS - 2)
        await eventually(lambda: len(twins.workers()) > 1)
        left = [tab for tab in tabs if await tab.is_open()]
        for tab in left:
            await tab.until('"Full"')
    twins.stack.forget_trouble()  # a process was killed, which was our doing


async def test_redis_is_stopped_and_started_and_nothing_is_lost_or_doubled(twins: Twins):
    course = await open_course(twins.stack, capacity=3, database=twins.database)
    async with tabs_at_both(twins, course) as tabs:
        await asyncio.to_thread(twins.redis.stop)
        await eventually(lambda: _lacks_redis(twins), seconds=15)  # an answer is kept for a second
        page = await asyncio.to_thread(httpx.get, f"{twins.stack.url}/courses/{course.slug}")
        assert course.title in page.text
        paid = await twins.book("paid@example.test", course)
        assert paid.status_code == 201, paid.text
        session = paid.json()["session_id"]
        await asyncio.to_thread(twins.stack.control, f"sessions/{session}/pay", card=cards.VISA)
        await eventually(lambda: _confirmed(twins, ["paid@example.test"]) == 1)
        await asyncio.to_thread(twins.redis.start)
        await asyncio.to_thread(twins.stack.wait_until_ready)
        again = await twins.book("again@example.test", course)
        assert again.status_code == 201
        for tab in tabs:
            await tab.until("1 place left")
    twins.stack.forget_trouble()


async def test_a_process_that_hangs_is_replaced(twins: Twins):
    stopped, other = twins.workers()[:2]
    os.kill(stopped.pid, signal.SIGSTOP)
    began = asyncio.get_running_loop().time()
    try:
        await eventually(lambda: stopped not in twins.workers(), seconds=30)
        took = asyncio.get_running_loop().time() - began
        assert took > HUNG_SECONDS / 2, "a short pause ends nobody"
        await eventually(lambda: len(twins.workers()) > 1, seconds=60)
    finally:
        with suppress(ProcessLookupError):
            os.kill(stopped.pid, signal.SIGCONT)
    assert other.is_running(), "only the one that hung"
    await asyncio.to_thread(twins.stack.wait_until_ready)
    said = twins.stack.log.read_text()
    assert f"The product (process {stopped.pid}) does not respond; replacing it." in said
    twins.stack.forget_trouble()


async def test_it_starts_while_redis_is_away_and_takes_it_up_when_it_is_back(twins: Twins):
    assert "Redis (REDIS_URL) does not answer" in twins.stack.log.read_text()
    assert twins.before_redis.status_code == 201, twins.before_redis.text
    course = await open_course(twins.stack, capacity=3, database=twins.database)
    async with socket_client(twins.stack.url, Origin=twins.stack.url) as tab:
        await look(tab, course)


def _confirmed(twins: Twins, people: list[str]) -> int:
    return sum(_has_a_place(twins, who) for who in people)


def _lacks_redis(twins: Twins) -> bool:
    ready = httpx.get(f"{twins.stack.url}/api/ready", timeout=30)
    return (ready.status_code, ready.json()["parts"]["redis"]) == (503, "does not answer")


def _has_a_place(twins: Twins, who: str) -> bool:
    with twins.stack.api(who) as api:
        items = api.get("/api/bookings").json()["items"]
    assert len(items) <= 1, "nothing is doubled"
    return any(item["status"] == "confirmed" for item in items)


def _is_serving(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and PRODUCT in " ".join(process.cmdline())
    except psutil.Error:
        return False
