"""A booking to write mails about."""

from datetime import UTC, datetime

from coursebook.domain.online_room import Room
from coursebook.domain.promise import Share
from coursebook.mail.facts import MailFacts, School

SCHOOL = School("Coursebook", "hello@example.test", "", "hello@example.test")
FACTS = MailFacts(
    booking_id="bk_1",
    student_name="Sam Student",
    student_email="sam@example.test",
    course_title="Bread & Butter <Baking>",
    starts_at=datetime(2027, 1, 5, 17, 0, tzinfo=UTC),
    ends_at=datetime(2027, 1, 5, 19, 30, tzinfo=UTC),
    timezone="Europe/Berlin",
    place="Mill Lane 3, Berlin",
    room=Room(),
    amount_text="€45.00",
    sequence=0,
    school=SCHOOL,
    booking_url="http://localhost:3000/bookings?a=1&b=2",
    written_at=datetime(2026, 12, 1, tzinfo=UTC),
    promise=(Share(datetime(2027, 1, 2, 17, 0, tzinfo=UTC), 100),),
)
