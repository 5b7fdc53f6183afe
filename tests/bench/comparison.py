"""Product against bare route in one run: bookings, webhooks and the catalog."""

import json
import secrets
import statistics
from collections.abc import Callable

from coursebook.api.schemas.models import CourseList
from coursebook.identity.principal import Principal
from coursebook.services.catalog.courses import CourseQuery
from coursebook.wiring import Services
from tests.bench.environment import Ground, Server, told
from tests.bench.load_generator import call, load
from tests.bench.statement_log import Script, recording
from tests.bench.webhooks import Settled, signed_event

CLIENTS = 8
JSON = {"Content-Type": "application/json"}
Calls = Callable[[], list[bytes]]


class Sides:
    """One database, and how fast both sides do the same work on it."""

    def __init__(self, name: str, ground: Ground, rounds: int, calls: int) -> None:
        self._name = name
        self._ground = ground
        self._rounds = rounds
        self._calls = calls
        self.book = Script()

    async def run(self) -> None:
        """Run every measurement."""
        async with self._ground.services() as services:
            courses = await self._ground.courses(services, 100)
            self._courses = courses
            self._files = await self._record(services, courses[0])
        hot = told(courses[:1], courses[0])
        with (
            self._ground.serving("product") as product,
            self._ground.serving("bare", **self._files, **hot) as bare,
        ):
            await self._compare("bookings, one hot course", product, bare, self._bookings(1))
            await self._compare("webhooks stored", product, bare, self._events)
            await self._settle(courses[0], product, bare)
            listed = [call("GET", "/api/courses", {})] * self._calls
            ready = [call("GET", "/ready", {})] * self._calls
            await self._compare("catalog, 20 courses", product, bare, lambda: listed)
            await self._compare(
                "catalog, bytes at hand", product, bare, lambda: listed, lambda: ready
            )
        spread = told(courses, courses[0])
        with (
            self._ground.serving("product") as product,
            self._ground.serving("bare", **self._files, **spread) as bare,
        ):
            await self._compare("bookings, 100 courses", product, bare, self._bookings(100))

    async def _record(self, services: Services, course: str) -> dict[str, str]:
        """Record the product's statements, after one warm-up."""
        database, folder = services.context.database, self._ground.folder
        for last in (False, True):
            principal = _student()
            async with recording(database) as book:
                await services.checkout.start_checkout(principal, course)
            async with recording(database) as store:
                await services.webhooks.receive(
                    *signed_event(self._ground.stripe.webhook_secret, "customer.created")
                )
            async with recording(database) as listing:
                await services.catalog.list_courses(CourseQuery(is_counted=False))
            if last:
                self.book = book
                listed = folder / "listed.json"
                listed.write_bytes(await _listed(services))
        return {
            "BENCH_BOOK": str(book.save(folder / "book")),
            "BENCH_STORE": str(store.save(folder / "store")),
            "BENCH_LIST": str(listing.save(folder / "list")),
            "BENCH_BYTES": str(listed),
        }

    def _bookings(self, courses: int) -> Calls:
        def made() -> list[bytes]:
            chosen = [self._courses[n % courses] for n in range(self._calls)]
            bodies = [json.dumps({"course_id": course}).encode() for course in chosen]
            heads = [{**JSON, **self._ground.bearer()} for _ in bodies]
            path = "/api/stripe/checkout"
            return [call("POST", path, h, b) for h, b in zip(heads, bodies, strict=True)]

        return made

    def _events(self) -> list[bytes]:
        events = [
            signed_event(self._ground.stripe.webhook_secret, "customer.created")
            for _ in range(self._calls)
        ]
        path = "/api/stripe/webhook"
        return [call("POST", path, {**JSON, "Stripe-Signature": s}, body) for body, s in events]

    async def _settle(self, course: str, product: Server, bare: Server) -> None:
        """Compare settling events with the bare side, which only stores them."""
        ground, rates = self._ground, list[list[float]]([[], []])
        settled = Settled(ground.url, ground.stripe.webhook_secret, CLIENTS)
        for number in range(self._rounds + 1):
            body = json.dumps({"course_id": course}).encode()
            heads = [{**JSON, **ground.bearer()} for _ in range(self._calls)]
            asks = [call("POST", "/api/stripe/checkout", head, body) for head in heads]
            events = await settled.events(product.port, asks)
            ours = await settled.settle(product.port, events)
            theirs = (await load(bare.port, events, CLIENTS)).per_second
            if number:
                rates[0].append(ours)
                rates[1].append(theirs)
        self._say("webhooks settled", _row(rates))

    async def _compare(
        self, what: str, product: Server, bare: Server, ours: Calls, theirs: Calls | None = None
    ) -> None:
        """Run both sides in turn after a warm-up; record the medians."""
        rates: list[list[float]] = [[], []]
        work: list[list[float]] = [[], []]
        for number in range(self._rounds + 1):
            for side, (server, calls) in enumerate(((product, ours), (bare, theirs or ours))):
                before = server.cpu_seconds()
                rate = await load(server.port, calls(), CLIENTS)
                assert set(rate.statuses) <= {200, 201}, (what, rate)
                if number:
                    rates[side].append(rate.per_second)
                    work[side].append((server.cpu_seconds() - before) / self._calls * 1000)
        self._say(what, f"{_row(rates)}{_row(work[::-1])}")

    def _say(self, what: str, figures: str) -> None:
        print(f"{self._name:<12}{what:<26}{figures}", flush=True)


def _row(both: list[list[float]]) -> str:
    """Return the medians of both sides and of the per-round ratio."""
    shares = [a / b for a, b in zip(*both, strict=True) if b]
    first, second = statistics.median(both[0]), statistics.median(both[1])
    share = statistics.median(shares) if shares else 0.0
    return f"{first:>9.4g}{second:>9.4g}{share:>8.0%}"


def _student() -> Principal:
    name = secrets.token_hex(10)
    email = f"{name}@example.test"
    return Principal(f"user_sandbox_{name}", "sess_bench", "student", email, "", 2**40)


async def _listed(services: Services) -> bytes:
    page = await services.catalog.list_courses(CourseQuery())
    return CourseList.model_validate(page).model_dump_json().encode()
