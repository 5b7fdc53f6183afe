"""Fields that a school adds to its courses: declarations, values of each kind, and defaults."""

from datetime import date, datetime
from typing import Any

import pytest

from coursebook.api.schemas.models import CourseDetail
from coursebook.api.schemas.parameters import CourseParameters
from coursebook.domain.course_fields import (
    RESERVED,
    CourseField,
    FieldDeclarationError,
    WrongValue,
    merged,
    problems_of,
    read_value,
    values_of,
)
from coursebook.extensions.declaration import Extension, ExtensionError
from coursebook.persistence.schema.tables import Course
from coursebook.services.catalog.course_files import COLUMNS
from coursebook.ui.presenters.catalog_filters import NAMES

CHOICES = {"de": "GERMAN", "pt-BR": "PORTUGUESE"}


def a_field(kind: Any = "text", **values: Any) -> CourseField:
    choices = CHOICES if kind == "choice" else {}
    return CourseField(
        **{"name": "extra_field", "label": "A", "choices": choices, **values}, kind=kind
    )


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("text", " Bring shoes ", "Bring shoes"),
        ("choice", "DE", "de"),
        ("choice", "pt-br", "pt-BR"),
        ("integer", "12", 12),
        ("integer", 12, 12),
        ("integer", "-1", -1),
        ("boolean", "yes", True),
        ("boolean", False, False),
        ("boolean", "0", False),
        ("date", "2027-03-14", "2027-03-14"),
        ("date", date(2027, 3, 14), "2027-03-14"),
        ("text", "  ", None),
        ("integer", "", None),
    ],
)
def test_a_value_is_read_by_its_kind(kind, written, value):
    read = read_value(a_field(kind), written)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "written", "sentence"),
    [
        ("text", "x" * 201, "text of at most 200 characters"),
        ("text", "a\x00b", "text of at most 200 characters"),
        ("text", 5, "text of at most 200 characters"),
        ("choice", "fr", "one of: de, pt-BR, not fr."),
        ("integer", "1.5", "a whole number, not 1.5."),
        ("integer", True, "a whole number"),
        ("integer", "9" * 13, "a whole number"),
        ("boolean", "maybe", "yes or no, not maybe."),
        ("date", "14.3.2027", "a day such as 2027-03-14"),
        ("date", datetime(2027, 3, 14), "a day such as 2027-03-14"),  # noqa: DTZ001
        ("date", "2027-02-30", "a day such as 2027-03-14"),
    ],
)
def test_a_wrong_value_is_one_sentence(kind, written, sentence):
    with pytest.raises(WrongValue) as raised:
        read_value(a_field(kind), written)
    assert f"The extra_field must be {sentence}" in str(raised.value)


def test_an_integer_stays_within_its_bounds():
    age = a_field("integer", minimum=6, maximum=99)
    assert read_value(age, "6") == 6
    with pytest.raises(WrongValue, match="a whole number from 6 to 99, not 100"):
        read_value(age, "100")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": "Language"}, "needs a name such as teaching_language"),
        ({"name": "price"}, "needs another name: courses have that one already"),
        ({"kind": "colour"}, "has no kind 'colour'; kinds are text, choice,"),
        ({"label": "Language"}, "needs names of texts such as TEACHING_LANGUAGE, not 'Language'"),
        ({"help": "what"}, "needs names of texts"),
        ({"choices": CHOICES}, "must have choices if it is a choice"),
        ({"kind": "choice", "choices": {}}, "must have choices if it is a choice"),
        ({"kind": "choice", "choices": {"a b": "A"}}, "has the choice 'a b'"),
        ({"is_filter": True}, "cannot be a filter; kinds of filters are choice, boolean"),
        ({"default": 5}, "has the default 5, which does not fit its kind"),
        ({"kind": "choice", "default": "fr"}, "has the default 'fr'"),
    ],
)
def test_a_wrong_declaration_is_one_sentence(values, sentence):
    with pytest.raises(FieldDeclarationError) as raised:
        a_field(**values)
    assert str(raised.value).startswith("The field ")
    assert sentence in str(raised.value)


def test_an_extension_takes_only_fields():
    with pytest.raises(ExtensionError, match="The field 'language' must be a CourseField"):
        Extension(name="a", fields=("language",))  # type: ignore[arg-type]


def test_names_that_courses_have_already_are_reserved():
    ours = {*COLUMNS, *Course.model_fields, *CourseDetail.model_fields, *NAMES}
    ours |= {field.alias or name for name, field in CourseParameters.model_fields.items()}
    assert ours == RESERVED


def test_only_values_that_fit_are_shown_and_a_default_stands_in():
    language, age = a_field("choice", name="language", default="de"), a_field("integer", name="age")
    stored = {"language": "fr", "age": "old", "gone": "kept"}
    assert values_of([language, age], stored) == {"language": "de", "age": None}
    assert values_of([language, age], {"language": "pt-BR", "age": 7}) == {
        "language": "pt-BR",
        "age": 7,
    }


def test_a_field_that_is_no_longer_declared_loses_nothing():
    stored = {"language": "de", "gone": "kept"}
    assert merged(stored, {"language": None, "age": 7}) == {"gone": "kept", "age": 7}


def test_a_required_field_needs_a_value_or_a_default():
    needed = a_field(is_required=True)
    assert [p.detail for p in problems_of([needed], {})] == ["The extra_field is missing."]
    assert list(problems_of([needed], {"extra_field": "x"})) == []
    assert list(problems_of([a_field(is_required=True, default="x")], {})) == []
