"""A field of every course: the language in which it is taught."""

from coursebook.extend import CourseField, Extension

extension = Extension(
    name="teaching",
    fields=(
        CourseField(
            name="teaching_language",
            kind="choice",
            label="TEACHING_LANGUAGE",
            choices={"en": "IN_ENGLISH", "de": "IN_GERMAN", "pt": "IN_PORTUGUESE"},
            default="en",
            is_on_card=True,
            is_filter=True,
        ),
    ),
)
