"""A column of the table of courses is in each file that a column needs; a forgotten one is named.

docs/extend.md ("A column") is the walk through these files.
"""

from dataclasses import fields

import sqlalchemy as sa

from coursebook.api.schemas.models import CourseDetail
from coursebook.domain.course import MAX_LENGTHS, CourseDraft
from coursebook.persistence.schema.tables import Course
from coursebook.services.catalog.course_files import COLUMNS
from coursebook.services.views import CourseDetailView
from tests.support.documents import ROOT, marked, page

SET_BY_US = {
    *("id", "held", "confirmed", "status", "created_at", "created_by", "updated_at", "updated_by"),
    *("series_id", "version", "revision", "unset", "is_open", "published_at", "archived_at"),
    *("cancelled_at", "cancel_reason", "waiting", "offer_minutes"),
}
"""The columns that nobody enters."""
ONLY_BY_FORM = {
    *("booking_closes_at", "attendee_info", "internal_note", "reminder_minutes"),
    *("has_waiting_list", "offer_minutes"),
}
"""The columns that a file of courses does not have."""
RULED_OTHERWISE = {"level": "LEVELS", "timezone": "known zones", "currency": "CURRENCIES"}
"""The texts that have no length in the rules, since they are one of a list."""
SHOWN_AS = {
    "is_online": "location",
    "place_name": "location",
    "place_address": "location",
    "currency": "price",
    "join_url": "room of a confirmed booking",
}
"""The columns that a view shows as part of something else."""
FOR_PAGES = {"image", "read_at", "closed", "offer", "version", "more_dates", "has_open_list"}
"""The fields of a view that programs do not get."""
MADE = {
    *("location", "meetings", "seats_left", "read_at", "closed", "offer", "more_dates"),
    "has_open_list",
    *("online", "picture"),
}
"""The fields of a view, and the columns of a file, that are stored under another name or not."""
STORED = set(Course.model_fields)
DRAFTED = {field.name for field in fields(CourseDraft)}
VIEWED = {field.name for field in fields(CourseDetailView)}


def test_what_is_entered_is_a_column_of_the_table():
    named = DRAFTED | VIEWED | set(COLUMNS)
    assert named - STORED - MADE == set(), "missing in coursebook/persistence/schema/tables.py"


def test_every_column_is_in_a_migration():
    texts = [path.read_text() for path in (ROOT / "alembic" / "versions").glob("*.py")]
    source = "".join(text for text in texts if '"course"' in text)
    assert [name for name in STORED if f'"{name}"' not in source] == [], (
        "missing in alembic/versions"
    )


def test_every_column_can_be_entered():
    assert not STORED - SET_BY_US - DRAFTED, "missing in coursebook/domain/course.py"


def test_every_text_has_the_length_of_its_column_in_the_rules():
    lengths = {
        column.name: column.type.length
        for column in Course.__table__.columns
        if isinstance(column.type, sa.String) and column.type.length
    }
    entered = {n: lengths[n] for n in lengths if n not in SET_BY_US | {*RULED_OTHERWISE}}
    ruled = {name: length for name, length in MAX_LENGTHS.items() if name in lengths}
    assert ruled == entered, "MAX_LENGTHS of coursebook/domain/course.py"


def test_every_column_is_in_a_view():
    assert DRAFTED - VIEWED - set(SHOWN_AS) - ONLY_BY_FORM == set(), (
        "missing in coursebook/services/views.py"
    )


def test_programs_get_what_a_view_shows():
    answered = set(CourseDetail.model_fields)
    assert VIEWED - FOR_PAGES - answered == set(), "missing in coursebook/api/schemas/models.py"


def test_every_column_of_a_file_is_documented():
    documented = marked(page("docs/courses.md").section("Columns"))
    assert set(COLUMNS) - documented == set(), "missing in docs/courses.md"
