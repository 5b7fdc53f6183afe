"""A harness for tests: a small school with courses and students, the sandbox and the real product.

Every step uses the production path: HTTP to our API, the Stripe SDK to the sandbox, signed webhooks
back. Only the clock and the worker are driven by the test.
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import httpx
import sqlalchemy as sa
from fastapi import FastAPI

from coursebook.api.app import build_api
from coursebook.domain.course import CourseDraft
from coursebook.domain.money import Money
from coursebook.domain.terms import STANDARD, Terms
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.payments.gateway import installation_metadata
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.installation import installation_of
from coursebook.services.seeding.seed import course_values
from coursebook.wiring import Services, in_use, standalone_services
from coursebook.worker.tasks import one_round
from tests.support import cards
from tests.support.openapi_oracle import OpenApiOracle
from tests.support.product import MovableClock, product_settings, serving
from tests.support.sandbox import SandboxProcess

T = TypeVar("T")
TOKEN_KEPT = 30.0
"""Seconds after which a test takes a fresh token; they live for 60."""


@dataclass(frozen=True)
class Student:
    """A student who can sign in."""

    email: str


OPERATOR = Student("olga@example.test")


@dataclass(frozen=True)
class Started:
    """The answer to a checkout, and the student who sent it."""

    student: Student
    status_code: int
    booking_id: str
    session_id: str | None
    checkout_url: str
    expires_at: str | None


def eur(whole: int) -> Money:
    """Return an amount in whole euros."""
    return Money(whole * 100, "eur")


class Harness:
    """Builders and steps that read like sentences. `api` is a client of the product."""

    def __init__(
        self,
        services: Services,
        clock: MovableClock,
        api: httpx.AsyncClient,
        sandbox: httpx.AsyncClient,
    ) -> None:
        self.services = services
        self.clock = clock
        self.api = api
        self._sandbox = sandbox
        self._tag = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self._tokens: dict[Student, tuple[float, str]] = {}

    # the school

    async def course(self, *, price: Money | None = None, **said: Any) -> Course:
        """Create a course: €45, 10 seats, in 30 days, unless overridden.

        `starts_in` is a timedelta. `status` and every field of a CourseDraft can be overridden.
        """
        number, now = next(self._numbers), self.clock()
        status = said.pop("status", "published")
        starts_at: datetime = said.pop("starts_at", now + said.pop("starts_in", timedelta(days=30)))
        draft = replace(_usual_draft(number, self._tag, starts_at, price or eur(45)), **said)
        values = course_values(draft, min(now, starts_at - timedelta(days=1)))
        values |= {"status": status, "created_at": now, "updated_at": now}
        course = Course(**values)
        async with writing(self.services.context.database) as work:
            work.courses.add(course)
            work.mark_changed(topics.CATALOG)
        return course

    async def course_now(self, course: Course) -> Course:
        """Return the course as it is stored now."""
        async with reading(self.services.context.database) as work:
            stored_course = await work.courses.find(course.id)
        assert stored_course is not None
        return stored_course

    def student(self, name: str) -> Student:
        """Return a student that no other test uses."""
        return Student(f"{name}.{self._tag}@example.test")

    async def rows_of(self, table: type[T]) -> list[T]:
        """Return every row of a table, in the order of its key."""
        async with reading(self.services.context.database) as work:
            key = sa.inspect(table).primary_key
            return list((await work.session.scalars(sa.select(table).order_by(*key))).all())

    # calling the product

    async def token(self, student: Student) -> str:
        """Return a session token that is good for the next call."""
        made, token = self._tokens.get(student, (0.0, ""))
        if time.monotonic() - made > TOKEN_KEPT or not token:
            token = (await self.control("token", email=student.email))["token"]
            self._tokens[student] = (time.monotonic(), token)
        return token

    async def principal(self, student: Student) -> Principal:
        """Return the student as the services see them."""
        principal = await self.services.verifier.principal(await self.token(student))
        assert principal is not None
        return principal

    async def call(
        self, method: str, path: str, who: Student | None = None, **more: Any
    ) -> httpx.Response:
        """Call the API, signed in as `who` if given."""
        headers = dict(more.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {await self.token(who)}"
        return await self.api.request(method, path, headers=headers, **more)

    async def get(self, path: str, who: Student | None = None, **more: Any) -> httpx.Response:
        """GET, signed in as `who` if given."""
        return await self.call("GET", path, who, **more)

    async def post(self, path: str, who: Student | None = None, **more: Any) -> httpx.Response:
        """POST, signed in as `who` if given."""
        return await self.call("POST", path, who, **more)

    # steps of a student

    async def checkout(self, student: Student, course: Course) -> Started:
        """Book a course and expect success: a session to pay, or a confirmed seat if it is free."""
        answer = await self.post("/api/stripe/checkout", student, json={"course_id": course.id})
        assert answer.status_code in (200, 201), answer.text
        return Started(student, answer.status_code, **answer.json())

    async def pay(self, started: Started, card: str = cards.VISA, **values: Any) -> None:
        """Pay on the sandbox's payment page, and wait until we have handled the events."""
        await self.control(f"sessions/{started.session_id}/pay", card=card, **values)
        await self.services.webhooks.drain()

    async def confirmed(self, student: Student, course: Course) -> Started:
        """Book and pay."""
        started = await self.checkout(student, course)
        if started.session_id is not None:
            await self.pay(started)
        return started

    async def booking(self, started: Started) -> dict[str, Any]:
        """Return the booking as its owner sees it."""
        answer = await self.get(f"/api/bookings/{started.booking_id}", started.student)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def status_of(self, started: Started) -> str:
        """Return the booking's status: pending, confirmed, failed or cancelled."""
        return str((await self.booking(started))["status"])

    async def mark(self, **more: str) -> dict[str, str]:
        """Return the metadata that this installation sets on Stripe objects, and `more`."""
        return installation_metadata(await installation_of(self.services.context)) | more

    # the clock, the worker and the sandbox

    async def control(self, path: str, /, **values: Any) -> dict[str, Any]:
        """Use a test control: `await harness.control("faults", count=1, kind="500")`."""
        return _told(await self._sandbox.post(f"/_test/{path}", json=values))

    async def mails(self, student: Student) -> list[dict[str, Any]]:
        """Return the mails sent to a student, oldest first."""
        held = _told(await self._sandbox.get("/_test/mail", params={"to": student.email}))
        return list(reversed(held["mails"]))

    async def later(self, **by: float) -> None:
        """Advance our clock and the sandbox's: `await harness.later(minutes=40)`."""
        self.clock.advance(timedelta(**by))
        await self.control("clock/advance", seconds=timedelta(**by).total_seconds())

    async def worker_round(self) -> None:
        """Run one round of the worker."""
        await one_round(self.services)

    async def quiet(self) -> None:
        """Wait until every event that is being delivered has been answered and handled."""
        while await self._is_on_its_way():  # noqa: ASYNC110 - it is another process that we watch
            await asyncio.sleep(0.02)
        await self.services.webhooks.drain()

    async def tidy(self) -> None:
        """Let the sandbox forget the test: its objects, faults, deliveries and mails.

        The next test would otherwise hear of what happens to them later, and each of its worker
        rounds would read the payouts of all tests before it.
        """
        await self.control("forget")
        await self.services.webhooks.drain()

    async def _is_on_its_way(self) -> bool:
        body = _told(await self._sandbox.get("/_test/deliveries", params={"list": "no"}))
        return bool(body["underway"])


@asynccontextmanager
async def a_harness(
    sandbox: SandboxProcess, database_url: str, **settings: object
) -> AsyncIterator[Harness]:
    """Open the product beside a running sandbox, on the port that the sandbox calls back."""
    clock = MovableClock()
    chosen = product_settings(sandbox, database_url, **settings)
    async with (
        standalone_services(chosen, clock=clock) as services,
        harness_of(services, clock, sandbox) as harness,
    ):
        yield harness


@asynccontextmanager
async def harness_of(
    services: Services, clock: MovableClock, sandbox: SandboxProcess
) -> AsyncIterator[Harness]:
    """Serve services that are already built."""
    port = int(sandbox.product_url.rpartition(":")[2])
    app = _the_api()
    services.school_profile._names.forget()  # drop entries of the previous test
    services.outbox._bulk_pause = 0.0
    for stored in (services.health._cache, services.metrics._cache, services.catalog._slugs):
        stored.forget()
    async with (
        in_use(services),
        serving(app, port),
        _client(f"http://127.0.0.1:{port}") as api,
        _client(f"http://127.0.0.1:{sandbox.port}") as stand_ins,
    ):
        api.event_hooks["response"].append(OpenApiOracle(app.openapi()).check)
        harness = Harness(services, clock, api, stand_ins)
        try:
            yield harness
        finally:
            async with asyncio.timeout(20):
                await harness.tidy()


@cache
def _the_api() -> FastAPI:
    return build_api()


def _client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=30, trust_env=False, verify=False)


def _told(response: httpx.Response) -> dict[str, Any]:
    assert response.is_success, f"{response.status_code} from {response.url}: {response.text}"
    return dict(response.json())


def _usual_draft(number: int, tag: str, starts_at: datetime, price: Money) -> CourseDraft:
    return CourseDraft(
        slug=f"course-{number}-{tag}",
        title=f"Course {number}",
        summary="A day with clay.",
        description="You make **two bowls**.\n\n- clay\n- glaze",
        category="Crafts",
        level="Beginner",
        instructor="Ines Duarte",
        is_online=False,
        place_name="Atelier Alfama",
        place_address="Rua da Regueira 40, Lisbon",
        timezone="Europe/Lisbon",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        price=price.amount,
        currency=price.currency,
        capacity=10,
        terms=STANDARD,
    )


__all__ = ["OPERATOR", "Harness", "Started", "Student", "Terms", "a_harness", "eur", "harness_of"]
