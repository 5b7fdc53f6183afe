"""The fields that a school adds to its courses, in words. Pure; `language` is an argument."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel.numbers import format_decimal

from coursebook.cldr import date_text, locale_of
from coursebook.domain.course_fields import CourseField, FieldValue, value_of
from coursebook.ui import i18n
from coursebook.ui.presenters.rows import FieldRow


def label(declared: CourseField, language: str) -> str:
    """Return the name of a field for people."""
    return str(getattr(i18n.of(language), declared.label))


def value_words(declared: CourseField, value: FieldValue, language: str) -> str:
    """Return a value as people read it: "German", "Yes", "1,200", "Sun 14 Mar 2027"."""
    words = i18n.of(language)
    if declared.kind == "choice":
        return str(getattr(words, declared.choices[str(value)]))
    if declared.kind == "boolean":
        return str(words.FIELD_YES if value else words.FIELD_NO)
    if declared.kind == "integer":
        return str(format_decimal(int(value), locale=locale_of(language)))
    if declared.kind == "date":
        return date_text(date.fromisoformat(str(value)), words.DAY_PATTERN, language)
    return str(value)


def filter_words(declared: CourseField, value: FieldValue, language: str) -> str:
    """Return a set filter in words: "Taught in: German"; a boolean is its label."""
    name = label(declared, language)
    if declared.kind == "boolean":
        return name
    words = value_words(declared, value, language)
    return str(i18n.of(language).FIELD_LINE.format(label=name, value=words))


def page_rows(
    fields: Sequence[CourseField], stored: Mapping[str, Any], language: str
) -> list[FieldRow]:
    """Return the fields of the course page that have a value."""
    values = [(declared, value_of(declared, stored)) for declared in fields if declared.is_on_page]
    return [
        FieldRow(label(declared, language), value_words(declared, value, language))
        for declared, value in values
        if value is not None
    ]


def card_lines(
    fields: Sequence[CourseField], stored: Mapping[str, Any], language: str
) -> list[str]:
    """Return the lines of a card: fields with a value, except booleans that are false."""
    values = [(declared, value_of(declared, stored)) for declared in fields if declared.is_on_card]
    return [
        filter_words(declared, value, language)
        for declared, value in values
        if value is not None and value is not False
    ]
