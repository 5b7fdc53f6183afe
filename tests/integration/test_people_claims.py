"""A person's name and address follow their newest token, wherever it arrives."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from coursebook.identity.clerk import Verifier
from coursebook.identity.signing_keys import KeyRing
from coursebook.persistence.unit_of_work import reading
from coursebook.ui.states.session import SessionState
from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.harness import Harness, Student
from tests.support.tokens import Forge
from tests.ui.tabs import Tab

pytestmark = pytest.mark.both_databases

FORGE = Forge()


@dataclass
class Person:
    """A person whose claims change."""

    harness: Harness
    subject: str = "user_changing"

    def token(self, **claims: Any) -> str:
        settings = self.harness.services.settings
        return FORGE.token(
            iss=settings.token_issuer, azp=settings.public_url, sub=self.subject, **claims
        )

    async def calls(self, method: str = "GET", path: str = "/api/bookings", **more: Any) -> Any:
        body = more.pop("json", None)
        headers = {"Authorization": f"Bearer {self.token(**more)}"}
        return await self.harness.api.request(method, path, headers=headers, json=body)

    async def stored(self) -> tuple[str, str]:
        async with reading(self.harness.services.context.database) as work:
            user = await work.users.by_subject(self.subject)
        assert user is not None
        return user.name, user.email


@pytest.fixture
async def person(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Person:
    settings = harness.services.settings
    verifier = Verifier(KeyRing(pem=FORGE.pem), settings.token_issuer, [settings.public_url])
    monkeypatch.setattr(harness.services.authentication, "_verifier", verifier)
    visitor = Person(harness)
    course = await harness.course()
    answer = await visitor.calls(
        "POST", "/api/stripe/checkout", json={"course_id": course.id}, name="Ann", email="a@x.test"
    )
    assert answer.status_code == 201, answer.text
    return visitor


async def by_api(person: Person, **claims: Any) -> None:
    assert (await person.calls(**claims)).status_code == 200


async def by_the_page(person: Person, **claims: Any) -> None:
    await Tab("/bookings").fire(SessionState.token_received, person.token(**claims))


WAYS: list[Callable[..., Awaitable[None]]] = [by_api, by_the_page]


@pytest.mark.parametrize("way", WAYS)
async def test_a_new_name_and_a_new_address_are_taken_over(person: Person, way):
    await way(person, name="Ann Neu", email="neu@x.test")
    assert await person.stored() == ("Ann Neu", "neu@x.test")


async def test_the_address_of_mails_of_the_page_and_at_stripe_agree(person: Person):
    harness = person.harness
    await by_api(person, name="Ann Neu", email="neu@x.test")
    [before] = (await read_books(harness)).attempts
    assert before.session_id
    await harness.services.context.gateway.expire_session(before.session_id)
    await harness.quiet()
    path = f"/api/bookings/{before.booking_id}/retry"
    claims = {"name": "Ann Neu", "email": "neu@x.test"}
    assert (await person.calls("POST", path, **claims)).status_code == 201
    first, second = sorted((await read_books(harness)).attempts, key=lambda one: one.number)
    assert (first.params["customer_email"], second.params["customer_email"]) == (
        "a@x.test",
        "neu@x.test",
    )
    await harness.control(f"sessions/{second.session_id}/pay", card=cards.VISA)
    await harness.services.webhooks.drain()
    await harness.worker_round()
    mails = await harness.mails(Student("neu@x.test"))
    assert any(mail["subject"].startswith("Booked") for mail in mails)


async def test_the_name_shown_follows_while_the_tab_is_open(person: Person):
    tab = Tab("/bookings")
    await tab.fire(SessionState.token_received, person.token(name="Ann", email="a@x.test"))
    await tab.fire(SessionState.token_received, person.token(name="Ann Neu", email="a@x.test"))
    assert (await tab.state(SessionState)).display_name == "Ann Neu"


async def test_a_token_without_claims_removes_nothing(person: Person):
    await by_api(person, name=None, email="")
    assert await person.stored() == ("Ann", "a@x.test")


async def test_an_older_token_changes_nothing_back(person: Person):
    now = int(time.time())
    await by_api(person, name="Ann Neu", email="neu@x.test", iat=now, exp=now + 60)
    await by_api(person, name="Ann", email="a@x.test", iat=now - 30, exp=now + 30)
    assert await person.stored() == ("Ann Neu", "neu@x.test")


async def test_what_another_process_wrote_is_seen_after_a_while(person: Person):
    await by_api(person, name="Ann Neu", email="neu@x.test")
    other = person.harness.services.authentication._claims.__class__(
        person.harness.services.context
    )
    principal = await person.harness.services.verifier.principal("")
    assert principal is None
    stale = await person.harness.services.authentication._verifier.principal(
        person.token(name="Ann", email="a@x.test")
    )
    assert stale is not None
    await other.take_over(stale)
    assert await person.stored() == ("Ann", "a@x.test")
    person.harness.clock.advance(timedelta(minutes=2))
    await by_api(person, name="Ann Neu", email="neu@x.test")
    assert await person.stored() == ("Ann Neu", "neu@x.test")


async def test_nothing_is_written_when_nothing_changed(person: Person):
    """Pages send their token often, so an unchanged one causes no query either."""
    await by_api(person, name="Ann", email="a@x.test")
    asked: list[str] = []
    engines = person.harness.services.context.database
    for engine in (engines.writing, engines.reading):
        event.listen(
            engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _k, statement, *_more: asked.append(statement),
        )
    for _ in range(5):
        await by_the_page(person, name="Ann", email="a@x.test")
    assert not [one for one in asked if one.startswith("UPDATE")]
