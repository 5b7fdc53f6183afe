"""The join link of an online course: visible only with a confirmed seat."""

from email import message_from_string
from email.policy import default

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from coursebook.persistence.maintenance.migrate import downgrade_to, upgrade_to_head
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from tests.support.catalog import a_school
from tests.support.harness import OPERATOR, Harness, eur

ROOM = "https://zoom.example/j/123456?pwd=secret"
ONLINE = {"is_online": True, "place_name": "Live online", "place_address": ""}


async def online_course(harness: Harness, written: str, **values) -> Course:
    """Create an online course; `written` is the column that contains the link."""
    course = await harness.course(**ONLINE, **values)
    async with writing(harness.services.context.database) as work:
        change = sa.update(Course).where(Course.id == course.id).values({written: ROOM})
        await work.session.execute(change)
    return course


@pytest.mark.parametrize("written", ["join_url", "place_address", "place_name"])
async def test_only_a_confirmed_seat_shows_the_join_link(sqlite_harness: Harness, written: str):
    harness = sqlite_harness
    course = await online_course(harness, written, title=f"Stars {written}")
    sam, sally = harness.student("sam"), harness.student("sally")
    public = [
        await harness.get(f"/api/courses/{course.slug}"),
        await harness.get("/api/courses?q=zoom"),
        await harness.get("/api/courses?q=secret"),
        await harness.get(f"/api/courses?q=stars {written}"),
    ]
    held = await harness.checkout(sally, course)
    public.append(await harness.get(f"/api/bookings/{held.booking_id}", sally))
    started = await harness.confirmed(sam, course)
    public.append(await harness.get(f"/api/bookings/{started.booking_id}", OPERATOR))
    for answer in public:
        assert answer.status_code == 200
        assert "zoom" not in answer.text
    assert public[0].json()["location"]["address"] == ""
    own = (await harness.get(f"/api/bookings/{started.booking_id}", sam)).json()
    assert own["room"] == {"link": ROOM, "note": ""}
    listed = (await harness.get("/api/bookings", sam)).json()["items"]
    assert listed[0]["room"]["link"] == ROOM
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    assert "zoom" not in (await harness.get(f"/api/bookings/{started.booking_id}", sam)).text


async def test_the_join_link_is_in_the_mail_and_calendar_of_a_confirmed_seat(
    sqlite_harness: Harness,
):
    harness = sqlite_harness
    course = await online_course(harness, "join_url", price=eur(45))
    sam = harness.student("sam")
    started = await harness.confirmed(sam, course)
    file = await harness.get(f"/api/bookings/{started.booking_id}/calendar.ics", sam)
    (entry,) = Calendar.from_ical(file.content).walk("VEVENT")
    assert ROOM in entry["DESCRIPTION"]
    await harness.worker_round()
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await harness.worker_round()
    mails = {mail["subject"].partition(":")[0]: mail["raw"] for mail in await harness.mails(sam)}
    booked, cancelled = (
        message_from_string(mails[name], policy=default) for name in ("Booked", "Cancelled")
    )
    for part in booked.walk():
        if part.get_content_maintype() == "text":
            assert "zoom.example" in part.get_content(), part.get_content_type()
    for part in cancelled.walk():
        if part.get_content_maintype() == "text":
            assert "zoom.example" not in part.get_content(), part.get_content_type()


async def test_the_upgrade_takes_links_out_of_public_fields(database_url: str):
    async with a_school(database_url) as school:
        await school.has("Stars", "Clay")
        await downgrade_to(database_url, "0008")
        async with writing(school.context.database) as work:
            old = sa.text(
                "UPDATE course SET is_online = :yes, place_address = :room WHERE title = 'Stars'"
            )
            await work.session.execute(old, {"yes": True, "room": f"{ROOM} code 7"})
        await upgrade_to_head(database_url)
        async with writing(school.context.database) as work:
            query = sa.select(Course).where(sa.column("title") == "Stars")
            stars = (await work.session.execute(query)).scalar_one()
        assert (stars.join_url, stars.place_address) == (ROOM, "code 7")
        assert await school.finds("zoom") == []
        assert await school.finds("stars") == ["Stars"]
