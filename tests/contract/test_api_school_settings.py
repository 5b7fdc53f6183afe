"""The settings of the school over HTTP: what wins, what is refused, and where it is used."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from icalendar import Calendar

from coursebook.persistence.schema.tables import AuditEntry
from tests.support.harness import OPERATOR, Harness, a_harness
from tests.support.sandbox import SandboxProcess

SETTINGS = "/api/manage/settings"
EMPTY = {
    **dict.fromkeys(("name", "email", "address", "timezone", "payment_details"), ""),
    "reminder_minutes": 1440,
    "offer_minutes": 720,
    "teacher_messages": False,
    "teacher_contacts": False,
    "fixed": [],
}


async def patch(harness: Harness, **values: Any):
    return await harness.call("PATCH", SETTINGS, OPERATOR, json=values)


@pytest.fixture
async def fixed(sandbox_of_the_run: SandboxProcess, sqlite_url: str) -> AsyncIterator[Harness]:
    """A product with the school's name in the environment."""
    async with a_harness(sandbox_of_the_run, sqlite_url, school_name="Barro") as harness:
        yield harness


async def test_settings_are_empty_then_stored_then_empty_again(harness: Harness):
    assert (await harness.get(SETTINGS, OPERATOR)).json() == EMPTY
    values = {
        "name": "Atelier Barro",
        "email": "hello@barro.example",
        "address": "Rua da Regueira 40, Lisbon",
        "timezone": "Europe/Lisbon",
        "payment_details": "Atelier Barro, IBAN PT50 0002",
    }
    stored = await patch(harness, **{name: f" {value} " for name, value in values.items()})
    assert stored.json() == EMPTY | values
    assert (await patch(harness, name="Barro")).json()["address"] == values["address"]
    assert (await harness.get("/api/manage/me", OPERATOR)).json()["school"] == "Barro"
    assert (await patch(harness, **dict.fromkeys(values, ""))).json() == EMPTY


async def test_what_the_environment_sets_is_fixed(fixed: Harness):
    before = (await fixed.get(SETTINGS, OPERATOR)).json()
    assert (before["name"], before["fixed"]) == ("Barro", ["name"])
    refused = await patch(fixed, name="Other", address="Porto")
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["pointer"] == "/name"
    assert "SCHOOL_NAME" in error["detail"]
    assert (await fixed.get(SETTINGS, OPERATOR)).json() == before, "nothing is stored"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "no address"),
        ("timezone", "Europe/Atlantis"),
        ("timezone", "../etc/passwd"),
        ("name", "a\nb"),
        ("name", "x" * 121),
        ("address", "x" * 301),
        ("reminder_minutes", 14),
        ("reminder_minutes", 20161),
        ("offer_minutes", 59),
        ("offer_minutes", 10081),
        ("reminder_minutes", -60),
    ],
)
async def test_a_wrong_value_names_its_field(sqlite_harness: Harness, name: str, value: str):
    refused = await patch(sqlite_harness, **{name: value})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{name}")


async def test_mails_and_calendar_files_have_the_new_name_and_address(harness: Harness):
    await patch(harness, name="Atelier Barro", email="hello@barro.example", address="Lisbon")
    sam = harness.student("sam")
    paid = await harness.confirmed(sam, await harness.course())
    await harness.worker_round()
    mail = (await harness.mails(sam))[-1]
    assert mail["from"].startswith("Atelier Barro <")
    assert "Atelier Barro\nLisbon\nhello@barro.example" in mail["text"].replace("\r\n", "\n")
    file = await harness.get(f"/api/bookings/{paid.booking_id}/calendar.ics", sam)
    (event,) = Calendar.from_ical(file.content).walk("VEVENT")
    assert event["organizer"] == "mailto:hello@barro.example"
    assert event["organizer"].params["CN"] == "Atelier Barro"


async def test_the_trail_has_old_and_new(harness: Harness):
    await patch(harness, name="Barro")
    await patch(harness, name="Barro", address="Lisbon")
    trail = [row for row in await harness.rows_of(AuditEntry) if row.about == "settings"]
    assert [(row.subject, row.event, row.data) for row in trail] == [
        ("name", "changed", {"before": "", "after": "Barro"}),
        ("address", "changed", {"before": "", "after": "Lisbon"}),
    ]
    assert all(row.actor.startswith("operator user_") for row in trail)
