"""Several installations of coursebook on one Stripe account never act on each other's money."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from coursebook.cli import app
from coursebook.errors import Unavailable
from coursebook.identity.principal import Principal
from coursebook.persistence.maintenance.backup import back_up, restore
from coursebook.persistence.schema.tables import InstallationRow, PaymentAttempt, WebhookEvent
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.run.commands.prepare_database import main as prepare
from coursebook.run.doctor.local_checks import installation
from coursebook.run.doctor.result import Verdict
from coursebook.run.problem import CannotStart
from coursebook.run.supervisor import locks
from coursebook.run.supervisor.locks import lock_for_serving
from coursebook.services.reconciliation.reconciler import Reconciler
from coursebook.settings import Settings, SettingsError
from coursebook.wiring import opened, standalone_services
from coursebook.worker.tasks import one_round
from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.harness import Harness, Started, Student
from tests.support.product import product_settings
from tests.support.sandbox import SandboxProcess
from tests.support.stripe_objects import ask_stripe, session_at_stripe, signature

OTHER = "https://other.example.test"
FAR = "https://far.example.test"
CLERK = "pk_test_" + "Y2xlcmsuZXhhbXBsZS50ZXN0JA=="
"""The address clerk.example.test, as Clerk writes it into its key."""


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, harness: Harness) -> Callable[[], str]:
    """Create another database of the harness's kind."""
    numbers = iter(range(9))

    def make() -> str:
        if not harness.services.context.database.is_sqlite:
            return str(request.getfixturevalue("postgres").fresh_database())
        template = request.getfixturevalue("sqlite_template")
        path = request.getfixturevalue("tmp_path") / f"other-{next(numbers)}.db"
        path.write_bytes(template.read_bytes())
        return f"sqlite:///{path}"

    return make


@asynccontextmanager
async def beside(harness: Harness, chosen: Settings) -> AsyncIterator[Harness]:
    """Build a second product on the same account; only the test calls it."""
    async with standalone_services(chosen, clock=harness.clock) as services:
        yield Harness(services, harness.clock, harness.api, harness._sandbox)


def real(sandbox: SandboxProcess, url: str, address: str) -> Settings:
    """Return settings with real-looking keys whose Stripe is the sandbox."""
    return product_settings(
        sandbox,
        url,
        public_url=address,
        coursebook_sandbox_url="",
        stripe_api_base=sandbox.url,
        clerk_publishable_key=CLERK,
        clerk_secret_key="sk_test_x",
        mail_from="School <school@example.test>",
        smtp_url="",
    )


def person(name: str) -> Principal:
    return Principal(f"user_{name}", "sess_1", "student", f"{name}@example.test", name, 0)


async def book(other: Harness, name: str = "bea") -> Started:
    """Book a course at an installation without an API server."""
    course = await other.course()
    view = await other.services.checkout.start_checkout(person(name), course.id)
    student = Student(f"{name}@example.test")
    return Started(student, 201, view.booking_id, view.session_id, view.checkout_url, None)


async def hear_all(other: Harness, since: set[str]) -> None:
    """Deliver every event since then to an installation, as to its own endpoint."""
    events = (await ask_stripe(other, "events", limit=100))["data"]
    for event in reversed([e for e in events if e["id"] not in since]):
        body = json.dumps(event)
        await other.services.webhooks.receive(body.encode(), signature(other, body))
    await other.services.webhooks.drain()
    for row in await other.rows_of(WebhookEvent):  # it is postponed while the database is busy
        assert await other.services.webhooks.handle(row.id)


async def known_events(harness: Harness) -> set[str]:
    return {e["id"] for e in (await ask_stripe(harness, "events", limit=100))["data"]}


async def differences(harness: Harness) -> list[str]:
    began = harness.clock() - timedelta(minutes=30)
    run = None
    reconciler = Reconciler(harness.services.context, every=timedelta(), pause=0)
    async for seen in reconciler.run_to_end(began):
        run = seen.run
    assert run is not None
    return [f"{difference.key}: {difference.cause}" for difference in run.differences]


async def outcomes(harness: Harness, about: str | None) -> set[str | None]:
    async with reading(harness.services.context.database) as work:
        query = sa.select(WebhookEvent).where(col(WebhookEvent.object_id) == about)
        return {event.outcome for event in (await work.session.scalars(query)).all()}


async def row_of(harness: Harness) -> InstallationRow:
    async with reading(harness.services.context.database) as work:
        row = await work.installations.find()
    assert row is not None
    return row


async def test_each_hears_of_the_others_payments_and_leaves_them_alone(
    harness: Harness, sandbox_of_the_run: SandboxProcess, fresh_url
):
    chosen = product_settings(sandbox_of_the_run, fresh_url(), public_url=OTHER)
    async with beside(harness, chosen) as other:
        await harness.control("clock/advance", seconds=2)
        since = await known_events(harness)
        ours = await harness.confirmed(harness.student("sam"), await harness.course())
        open_page = await harness.checkout(harness.student("sue"), await harness.course())
        theirs = await book(other)
        await harness.pay(theirs)
        still_open = await book(other, "ben")
        payment = (await session_at_stripe(harness, theirs))["payment_intent"]
        charge = (await ask_stripe(harness, f"payment_intents/{payment}"))["latest_charge"]
        await harness.control(f"charges/{charge}/refund", amount=500)
        await harness.quiet()
        await hear_all(other, since)

        assert await outcomes(harness, theirs.session_id) == {
            "Of another installation of coursebook, no effect."
        }
        assert await outcomes(other, ours.session_id) == {
            "Of another installation of coursebook, no effect."
        }
        for one, mine in ((harness, ours), (other, theirs)):
            await one.worker_round()
            books = await read_books(one)
            assert {b.place for b in books.bookings if b.id == mine.booking_id} == {"confirmed"}
            kinds = [e.kind for e in books.inbox]
            assert kinds == ([] if one is harness else ["refund_from_outside"])
        assert await differences(harness) == []
        assert await differences(other) == []
        for page in (open_page, still_open):
            assert (await session_at_stripe(harness, page))["status"] == "open"
        marks = [(await session_at_stripe(harness, one))["metadata"] for one in (ours, theirs)]
        assert marks[0]["installation"] != marks[1]["installation"]
        assert marks[1]["address"] == OTHER


@pytest.mark.parametrize("paid", [True, False])
async def test_a_page_of_another_installation_is_never_in_our_inbox(harness: Harness, paid: bool):
    mark = await harness.mark(booking_id="bkg_nobody", attempt="1") | {"installation": "ins_other"}
    await harness.control("clock/advance", seconds=2)
    if paid:
        await harness.control("events/foreign", metadata=mark)
        await harness.quiet()
    assert (await read_books(harness)).inbox == []
    assert await differences(harness) == []


async def test_a_mark_without_an_id_is_ours_only_when_our_books_know_the_attempt(harness: Harness):
    """As before installations had ids: what was sold then is settled, nothing else."""
    await harness.control("clock/advance", seconds=2)
    started = await harness.checkout(harness.student("sam"), await harness.course())
    (ours,) = (await read_books(harness)).attempts
    old = {"app": "coursebook", "booking_id": started.booking_id, "attempt": "1"}
    await harness.control("deliveries/mode", mode="drop")  # else the place ends before the update
    await harness.services.context.gateway.expire_session(str(ours.session_id))
    await harness.control("deliveries/mode", mode="normal")
    page = await _page(harness, ours, old, f"old-{ours.id}")
    async with writing(harness.services.context.database) as work:
        values = {"session_id": page, "checkout_url": None}
        await work.session.execute(sa.update(PaymentAttempt).values(**values))
    await harness.control(f"sessions/{page}/pay", card=cards.VISA)
    await harness.quiet()
    assert await harness.status_of(started) == "confirmed"

    nobody = old | {"booking_id": "bkg_nobody"}
    lost = await _page(harness, ours, nobody, f"lost-{ours.id}")
    await harness.control(f"sessions/{lost}/pay", card=cards.VISA)
    await harness.quiet()
    assert (await read_books(harness)).inbox == []
    assert await outcomes(harness, lost) == {"Not ours, no effect."}
    assert not [d for d in await differences(harness) if lost in d]


async def _page(harness: Harness, ours: PaymentAttempt, mark: dict[str, Any], key: str) -> str:
    params = ours.params | {"metadata": mark, "payment_intent_data": {"metadata": mark}}
    return (await harness.services.context.gateway.create_session(params, key)).id


async def test_the_sandbox_asks_nobody_about_the_address(
    harness: Harness, sandbox_of_the_run: SandboxProcess, fresh_url
):
    url = fresh_url()
    ids = set()
    for address in (OTHER, FAR):
        chosen = product_settings(sandbox_of_the_run, url, public_url=address)
        async with opened(chosen), beside(harness, chosen) as product:
            row = await row_of(product)
            ids.add(row.id)
            assert (row.public_address, row.has_keys) == (address, False)
    assert len(ids) == 1


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    """Release the locks that commands hold for the lifetime of their process."""
    yield
    while locks._held:
        locks._held.pop().release()


@pytest.fixture
def typed(monkeypatch) -> Callable[..., Any]:
    """Run commands with the environment of given settings."""

    async def type_it(chosen: Settings, run: Callable[[], Any]) -> Any:
        for name in ("public_url", "database_url", "stripe_api_base", "stripe_secret_key"):
            monkeypatch.setenv(name.upper(), str(getattr(chosen, name)))
        monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", ",".join(chosen.stripe_webhook_secret))
        monkeypatch.setenv("CLERK_PUBLISHABLE_KEY", chosen.clerk_publishable_key)
        monkeypatch.setenv("CLERK_SECRET_KEY", "sk_test_x")
        monkeypatch.setenv("MAIL_FROM", chosen.mail_from)
        return await asyncio.to_thread(run)

    return type_it


def command(*words: str) -> Callable[[], Any]:
    return lambda: app(list(words), standalone_mode=False)


@pytest.fixture
async def a_copy(
    harness: Harness, sandbox_of_the_run: SandboxProcess, fresh_url: Callable[[], str], tmp_path
) -> AsyncIterator[tuple[Harness, Started, Settings]]:
    """An original with real keys and an open page, and the settings of its copy elsewhere."""
    url = fresh_url()
    async with beside(harness, real(sandbox_of_the_run, url, OTHER)) as original:
        confirmed = await book(original)
        await harness.pay(confirmed)
        await hear_all(original, set())
        held = await book(original, "ben")
        copied = fresh_url()
        file = tmp_path / "copy"
        await asyncio.to_thread(back_up, url, file)
        await asyncio.to_thread(restore, copied, file, harness.clock(), may_replace=True)
        yield original, held, real(sandbox_of_the_run, copied, FAR)


SENTENCE = (
    "PUBLIC_URL is https://far.example.test, but this database was last used at "
    "https://other.example.test: if the same installation has moved, run "
    "`coursebook installation moved`; if this is a copy of it, run `coursebook installation copy`."
)


async def test_a_copy_at_another_address_does_not_start(
    harness: Harness, a_copy: tuple[Harness, Started, Settings], typed, capsys
):
    original, held, chosen = a_copy
    assert await typed(chosen, lambda: prepare(["--start"])) == 1
    assert capsys.readouterr().err.splitlines()[-1] == SENTENCE
    with pytest.raises(SettingsError) as error:
        async with opened(chosen):
            pass
    assert str(error.value) == SENTENCE
    with pytest.raises(CannotStart) as refused:
        await typed(chosen, command("reconcile", "--fix"))
    assert str(refused.value) == SENTENCE

    harness.clock.advance(timedelta(hours=2))
    async with beside(harness, chosen) as copy:  # its database was away when it started, say
        with pytest.raises(Unavailable):
            await copy.services.checkout.start_checkout(person("eve"), "any")
        await one_round(copy.services)
        assert (await session_at_stripe(harness, held))["status"] == "open"
        assert {b.place for b in (await read_books(copy)).bookings} == {"confirmed", "held"}
    assert (await row_of(original)).public_address == OTHER


async def test_an_installation_that_moved_goes_on_as_it_was(
    harness: Harness, a_copy: tuple[Harness, Started, Settings], typed
):
    original, held, chosen = a_copy
    await typed(chosen, command("installation", "moved"))
    assert await typed(chosen, lambda: prepare(["--start"])) == 0
    async with opened(chosen), beside(harness, chosen) as moved:
        assert (await row_of(moved)).id == (await row_of(original)).id
        await harness.pay(held)
        await hear_all(moved, set())
        assert {b.place for b in (await read_books(moved)).bookings} == {"confirmed"}
        assert [a for a in (await read_books(moved)).audit if a.subject == "installation"]


async def test_a_copy_never_acts_for_its_original(
    harness: Harness, a_copy: tuple[Harness, Started, Settings], typed, capsys
):
    original, held, chosen = a_copy
    await typed(chosen, command("installation", "copy"))
    assert "1 held places" in capsys.readouterr().out
    async with opened(chosen, clock=harness.clock), beside(harness, chosen) as copy:
        assert (await row_of(copy)).id != (await row_of(original)).id
        books = await read_books(copy)
        assert sorted(b.place for b in books.bookings) == ["confirmed", "expired"]
        assert all(course.held == 0 for course in books.courses)
        assert [m for m in books.outbox if m.done_at is None] == []
        await one_round(copy.services)
        assert (await session_at_stripe(harness, held))["status"] == "open"

        await harness.pay(held)
        await hear_all(copy, set())
        books = await read_books(copy)
        assert sorted(b.place for b in books.bookings) == ["confirmed", "expired"]
        assert (books.inbox, books.refunds) == ([], [])
        paid = next(b for b in books.bookings if b.place == "confirmed")
        with pytest.raises(Exception, match="the installation that this database was copied"):
            await copy.services.bookings.cancel(person("bea"), paid.id)
        assert await differences(copy) == []

        again = await copy.services.checkout.retry(person("ben"), held.booking_id)
        assert again.session_id != held.session_id
    await hear_all(original, set())
    assert {b.place for b in (await read_books(original)).bookings} == {"confirmed"}


async def test_what_does_not_look_like_a_copy_is_not_made_one_by_mistake(
    harness: Harness, sandbox_of_the_run: SandboxProcess, fresh_url, typed
):
    chosen = real(sandbox_of_the_run, fresh_url(), OTHER)
    async with beside(harness, chosen) as product:
        await book(product)
        before = (await row_of(product)).id
    with pytest.raises(CannotStart, match="Use --yes if it is one"):
        await typed(chosen, command("installation", "copy"))
    async with beside(harness, chosen) as product:
        assert (await row_of(product)).id == before
        assert [b.place for b in (await read_books(product)).bookings] == ["held"]


async def test_nothing_is_said_of_an_installation_that_runs(
    harness: Harness, sandbox_of_the_run: SandboxProcess, fresh_url, typed
):
    """A running process keeps using the id that it has read."""
    chosen = real(sandbox_of_the_run, fresh_url(), OTHER)
    async with beside(harness, chosen) as product:
        await book(product)
        before = (await row_of(product)).id
        lock_for_serving(chosen, seconds=0)  # as the product does when it starts on SQLite
        with pytest.raises(CannotStart, match=r"stop it first|supports only one"):
            await typed(chosen, command("installation", "copy", "--yes"))
        assert (await row_of(product)).id == before


async def test_doctor_says_whose_the_database_is(
    harness: Harness, sandbox_of_the_run: SandboxProcess, a_copy: tuple[Harness, Started, Settings]
):
    original, _held, chosen = a_copy
    assert (await installation(original.services)).verdict is Verdict.OK
    async with beside(harness, chosen) as copy:
        found = await installation(copy.services)
        assert (found.verdict, found.observation) == (Verdict.WRONG, SENTENCE)
