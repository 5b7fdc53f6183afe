"""Mails speak the language in which a person booked."""

from icalendar import Calendar

from coursebook.domain.reader import Reader
from coursebook.persistence.unit_of_work import reading
from tests.support.harness import Harness, Student, eur

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}


async def booked(harness: Harness, student: Student, language: str | None, **course: object) -> str:
    """Book and pay with this header; return the booking's id."""
    headers = {"Accept-Language": language} if language else {}
    opened = await harness.course(price=eur(45), **course)
    answer = await harness.post(
        "/api/stripe/checkout", student, json={"course_id": opened.id}, headers=headers
    )
    assert answer.status_code == 201, answer.text
    await harness.control(f"sessions/{answer.json()['session_id']}/pay", card="4242424242424242")
    await harness.services.webhooks.drain()
    await harness.worker_round()
    return str(answer.json()["booking_id"])


async def test_a_booking_in_german_gets_german_mails_to_its_end(harness: Harness):
    sam = harness.student("sam")
    booking_id = await booked(harness, sam, GERMAN["Accept-Language"], title="Ton")
    [mail] = await harness.mails(sam)
    assert mail["subject"] == "Gebucht: Ton"
    assert "Wir haben 45,00\N{NO-BREAK SPACE}€ erhalten." in mail["text"]
    await harness.post(f"/api/bookings/{booking_id}/cancel", sam)
    await harness.worker_round()
    subjects = [mail["subject"] for mail in await harness.mails(sam)]
    assert "Abgesagt: Ton" in subjects
    assert "Erstattung von 45,00 €: Ton" in subjects


async def test_a_language_that_we_lack_falls_back_to_english(harness: Harness):
    sam = harness.student("sam")
    await booked(harness, sam, "tlh", title="Clay")
    [mail] = await harness.mails(sam)
    assert mail["subject"] == "Booked: Clay"


async def test_a_call_without_a_language_changes_nothing(harness: Harness):
    sam = harness.student("sam")
    await booked(harness, sam, "de", title="Ton")
    await booked(harness, sam, None, title="Holz")
    assert [mail["subject"] for mail in await harness.mails(sam)] == [
        "Gebucht: Ton",
        "Gebucht: Holz",
    ]


async def test_the_calendar_speaks_the_language_and_a_change_of_it_is_no_change_of_the_entry(
    harness: Harness,
):
    sam = harness.student("sam")
    room = {"is_online": True, "join_url": "https://meet.example/j/1", "place_name": "Online"}
    booking_id = await booked(harness, sam, "de", title="Tabla", **room)
    path = f"/api/bookings/{booking_id}/calendar.ics"
    [german] = Calendar.from_ical((await harness.get(path, sam)).content).walk("VEVENT")
    assert str(german["DESCRIPTION"]).startswith("Online teilnehmen: https://meet.example/j/1")
    await booked(harness, sam, "en", title="Clay")
    [english] = Calendar.from_ical((await harness.get(path, sam)).content).walk("VEVENT")
    assert str(english["DESCRIPTION"]).startswith("Join online: ")
    assert german["SEQUENCE"] == english["SEQUENCE"]


async def test_language_and_zone_of_the_person_are_stored(harness: Harness):
    sam = harness.student("sam")
    principal, course = await harness.principal(sam), await harness.course(price=eur(45))
    reader = Reader("de", "America/New_York")
    await harness.services.checkout.start_checkout(principal, course.id, reader=reader)
    await harness.services.checkout.start_checkout(principal, course.id)
    async with reading(harness.services.context.database) as work:
        user = await work.users.by_subject(principal.user_id)
    assert user is not None
    assert (user.language, user.timezone) == ("de", "America/New_York")
