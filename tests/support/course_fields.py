"""A school with fields of its courses, for tests of everything that follows from them."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from coursebook.domain.course_fields import CourseField
from coursebook.extensions.declaration import Extension

LANGUAGE = CourseField(
    name="language",
    kind="choice",
    label="LANGUAGE_OF_COURSE",
    choices={"de": "IN_GERMAN", "en": "IN_ENGLISH"},
    default="en",
    is_on_card=True,
    is_filter=True,
)
STEPLESS = CourseField(name="stepless", kind="boolean", label="STEPLESS", is_filter=True)
MATERIAL = CourseField(name="material", kind="text", label="MATERIAL", max_length=40)
AGE = CourseField(name="age", kind="integer", label="AGE", minimum=6, maximum=99)
BEGUN = CourseField(name="begun", kind="date", label="BEGUN")
FIELDS = (LANGUAGE, STEPLESS, MATERIAL, AGE, BEGUN)


@contextmanager
def declared(*fields: CourseField) -> Iterator[None]:
    """Let an extension declare these fields."""
    extension = Extension(name="mine", fields=fields)
    with patch("coursebook.extensions.loader.extensions", lambda: (extension,)):
        yield
