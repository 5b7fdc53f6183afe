"""Courses from TOML and CSV: every value is read exactly, every mistake named with its place."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from coursebook.domain.terms import STANDARD, Terms, TermStep
from coursebook.services.catalog.course_files import CannotRead, CourseRow, read_courses

GOOD = {
    "title": '"Raku"',
    "summary": '"Fire."',
    "description": '"Text."',
    "category": '"Crafts"',
    "instructor": '"Ines"',
    "place_name": '"Atelier"',
    "place_address": '"Rua 1, Lisbon"',
    "timezone": '"Europe/Lisbon"',
    "starts_at": '"2099-07-14 10:00"',
    "ends_at": '"2099-07-14 12:00"',
    "price": '"45"',
    "currency": '"eur"',
    "capacity": "8",
}


def read(tmp_path: Path, **changes: str | None) -> CourseRow:
    """Read a TOML file of one good course with other values; None leaves a column out."""
    values = {name: value for name, value in (GOOD | changes).items() if value is not None}
    file = tmp_path / "courses.toml"
    lines = "".join(f"{name} = {value}\n" for name, value in values.items())
    file.write_text(f"[[course]]\n{lines}", "utf-8")
    return read_courses(file)[0]


def problem(row: CourseRow) -> str:
    assert row.draft is None
    assert len(row.problems) == 1, row.problems
    return row.problems[0].detail


def test_a_good_course_is_read(tmp_path):
    row = read(tmp_path)
    assert row.problems == ()
    assert row.draft is not None
    assert (row.slug, row.draft.price, row.draft.capacity) == ("raku", 4500, 8)
    assert row.draft.starts_at == datetime(2099, 7, 14, 9, tzinfo=UTC), "summer time in Lisbon"
    assert (row.draft.terms, row.draft.level, row.status) == (STANDARD, "All levels", None)


@pytest.mark.parametrize(
    ("price", "currency", "minor"),
    [("45", "eur", 4500), ("45.5", "EUR", 4550), ("45,50", "eur", 4550), ("5000", "jpy", 5000)],
)
def test_prices_are_in_major_units(tmp_path, price, currency, minor):
    row = read(tmp_path, price=f'"{price}"', currency=f'"{currency}"')
    assert row.draft is not None
    assert row.draft.price == minor


@pytest.mark.parametrize("price", ["45.005", "1,234.56", "€45", "free", "nan", "1e999999999"])
def test_a_price_that_is_not_exact_is_refused(tmp_path, price):
    assert "must be an amount of EUR" in problem(read(tmp_path, price=f'"{price}"'))


def test_a_price_as_a_number_of_toml_is_exact(tmp_path):
    row = read(tmp_path, price="19.99")
    assert row.draft is not None
    assert row.draft.price == 1999


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("starts_at", '"14.7.2099"', "Write the starts_at like 2027-03-14 10:00"),
        ("starts_at", "2099-07-14", "has no time"),
        ("starts_at", '"2027-03-28 01:30"', "does not exist in Europe/Lisbon"),
        ("starts_at", '"2027-10-31 01:30"', "happens twice in Europe/Lisbon"),
        ("capacity", '"many"', "whole number"),
        ("capacity", "true", "whole number"),
        ("online", '"perhaps"', "online must be yes or no"),
        ("terms", '"soon"', "Write the terms as hours"),
        ("terms", "[[48, 50], [336, 100]]", "from the earliest step to the latest"),
        ("status", '"hidden"', "published or draft"),
        ("title", "7", "must be text in quotes"),
        ("title", '"a\\u0000b"', "cannot be stored"),
        ("prize", '"45"', "The column prize is unknown. Did you mean price?"),
        ("price", None, "The price is missing."),
        ("ends_at", None, "The ends_at is missing."),
    ],
)
def test_a_mistake_is_named(tmp_path, column, value, sentence):
    assert sentence in problem(read(tmp_path, **{column: value}))


def test_a_time_with_an_offset_is_that_moment(tmp_path):
    row = read(tmp_path, starts_at='"2027-10-31 01:30+00:00"', ends_at='"2027-10-31 03:00"')
    assert row.draft is not None
    assert row.draft.starts_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_terms_of_a_spreadsheet(tmp_path):
    row = read(tmp_path, terms='"336:100, 48:50"')
    assert row.draft is not None
    assert row.draft.terms == Terms((TermStep(336, 100), TermStep(48, 50)))
    none = read(tmp_path, terms='"none"').draft
    assert none is not None
    assert none.terms == Terms()


def test_the_same_address_twice_is_a_problem(tmp_path):
    file = tmp_path / "c.csv"
    file.write_text("slug,title\nraku,Raku\nraku,Raku again\n")
    first, second = read_courses(file)
    assert "already used by line 2" in second.problems[-1].detail
    assert all("already used" not in p.detail for p in first.problems)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("c.xlsx", "", "the name must end in .toml or .csv"),
        ("c.toml", "", "has no courses in it"),
        ("c.toml", "title = 'x'", "begins with [[course]]"),
        ("c.toml", "[[course]", "line 1"),
        ("c.csv", "title,title\na,b\n", "stands twice"),
        ("c.csv", "title,slug\na,b,c\n", "line 2: more values than columns"),
        ("c.csv", 'title\n"open', "unexpected end of data"),
        ("c.csv", b"title\n\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, name, text, sentence):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CannotRead, match=sentence.replace("[", r"\[").replace(".", r"\.")):
        read_courses(file)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(CannotRead, match=r"cannot be read: No such file or directory\."):
        read_courses(tmp_path / "c.toml")
