"""Sentences of the services about values of a course, on pages in another language."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from coursebook.domain.course import CourseDraft, malformed, missing
from coursebook.ui.presenters.manage.service_sentences import sentence_in

NOW = datetime(2026, 12, 1, tzinfo=UTC)
GOOD = CourseDraft(
    slug="bowls",
    title="Bowls",
    summary="A day with clay.",
    description="Two bowls.",
    category="Crafts",
    level="Beginner",
    instructor="Ines",
    is_online=False,
    place_name="Atelier",
    place_address="Lisbon",
    timezone="Europe/Lisbon",
    starts_at=NOW + timedelta(days=9),
    ends_at=NOW + timedelta(days=9, hours=3),
    price=4500,
    currency="eur",
    capacity=10,
)
WRONG = (
    replace(GOOD, title="x" * 200, price=1, capacity=0),
    replace(GOOD, summary="x" * 500, price=10**9, instructor="x" * 200),
    replace(GOOD, currency="huf", price=50_050, ends_at=GOOD.starts_at),
    replace(GOOD, is_online=True, place_name="https://zoom.example/1", join_url="http://x"),
    replace(GOOD, ends_at=GOOD.starts_at + timedelta(days=400), place_address="x" * 400),
    replace(GOOD, timezone="Nowhere"),
)


def test_every_mistake_of_a_person_is_told_in_german():
    details = {error.detail for draft in WRONG for error in malformed(draft)}
    details |= {error.detail for error in missing(GOOD, ["title", "summary", "capacity", "price"])}
    assert len(details) > 12
    for detail in details:
        assert sentence_in(detail, "de") != detail, detail
        assert sentence_in(detail, "en") == detail


def test_labels_are_those_of_the_form():
    assert sentence_in("The title may have 160 characters at most.", "de") == (
        "Titel: höchstens 160 Zeichen."
    )
    assert sentence_in("The place is missing.", "de") == "Ort: Das fehlt noch."


def test_an_unknown_sentence_stays_as_it_is():
    assert sentence_in("Something else.", "de") == "Something else."
