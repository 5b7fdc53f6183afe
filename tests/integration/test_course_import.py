"""`coursebook courses import`: courses from a file, all of them or none, as a school types it."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlmodel import col
from typer.testing import CliRunner

from coursebook.cli import app
from coursebook.persistence.schema.tables import AuditEntry
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.run.commands import courses as command
from coursebook.run.problem import CannotStart
from tests.support.harness import Harness

pytestmark = pytest.mark.both_databases

TOML = """
[[course]]
slug = "{slug}"
title = "Raku Firing"
summary = "Fire your own bowl."
description = "Bring **old clothes**."
category = "Crafts"
level = "Beginner"
instructor = "Ines Duarte"
place_name = "Atelier Alfama"
place_address = "Rua da Regueira 40, Lisbon"
timezone = "Europe/Lisbon"
starts_at = 2099-03-14 10:00:00
ends_at = 2099-03-14 16:00:00
price = "{price}"
currency = "eur"
capacity = {capacity}
terms = [[336, 100], [48, 50]]
{more}
"""


@pytest.fixture
def slug(harness: Harness) -> str:
    """A slug of this test alone."""
    return f"raku-{harness.student('x').email.split('.')[1].split('@')[0]}"


@pytest.fixture
def imported(harness: Harness, monkeypatch, tmp_path: Path) -> Any:
    """Types the command for a file of this text; returns its result."""
    monkeypatch.setenv("DATABASE_URL", harness.services.settings.database_url)

    async def type_it(text: str, *words: str, answer: str = "y\n", name: str = "c.toml") -> Any:
        file = tmp_path / name
        file.write_text(text, "utf-8")
        words = ("courses", "import", str(file), *words)
        result = await asyncio.to_thread(CliRunner().invoke, app, words, input=answer)
        if isinstance(result.exception, CannotStart):
            result.sentence = str(result.exception)
        return result

    return type_it


def toml(slug: str, price: str = "45.00", capacity: int = 8, more: str = "") -> str:
    return TOML.format(slug=slug, price=price, capacity=capacity, more=more)


async def shown(harness: Harness, slug: str) -> dict[str, Any]:
    return dict((await harness.get(f"/api/courses/{slug}")).json())


async def test_a_new_course_is_shown_first_and_then_offered(harness, imported, slug):
    asked = await imported(toml(slug), answer="n\n")
    assert asked.exit_code == 1
    assert f"new      {slug} (course 1): Raku Firing, Sat 14 Mar 2099 10:00" in asked.output
    assert "45.00 EUR" in asked.output
    assert (await harness.get(f"/api/courses/{slug}")).status_code == 404

    done = await imported(toml(slug))
    assert (done.exit_code, "Imported: 1 new, 0 changed." in done.output) == (0, True), done.output
    course = await shown(harness, slug)
    assert course["price"] == {"amount": 4500, "currency": "eur"}
    assert course["starts_at"].startswith("2099-03-14T10:00:00")
    listed = (await harness.get("/api/courses", params={"q": "raku"})).json()["items"]
    assert slug in [c["slug"] for c in listed], "the search knows it"


async def test_a_dry_run_writes_nothing(harness, imported, slug):
    asked = await imported(toml(slug), "--dry-run")
    assert (asked.exit_code, "1 new" in asked.output) == (0, True)
    assert (await harness.get(f"/api/courses/{slug}")).status_code == 404


async def test_the_same_file_again_changes_nothing(harness, imported, slug):
    await imported(toml(slug), "--yes")
    again = await imported(toml(slug), "--yes")
    assert again.exit_code == 0
    assert f"same     {slug}" in again.output
    assert "There is nothing to import." in again.output


async def test_a_change_is_shown_value_by_value_and_leaves_a_trail(harness, imported, slug):
    await imported(toml(slug), "--yes")
    done = await imported(toml(slug, price="50", capacity=9), "--yes")
    assert "price: 45.00 -> 50.00" in done.output
    assert "capacity: 8 -> 9" in done.output
    course = await shown(harness, slug)
    assert (course["price"]["amount"], course["capacity"]) == (5000, 9)
    query = sa.select(AuditEntry.event, AuditEntry.data).where(
        col(AuditEntry.course_id) == course["id"]
    )
    async with reading(harness.services.context.database) as work:
        trail = (await work.session.execute(query.order_by(col(AuditEntry.id)))).all()
    assert [row.event for row in trail] == ["created", "published", "edited", "changed"]
    assert trail[2].data == {"price": [4500, 5000], "capacity": [8, 9]}


@pytest.mark.parametrize(
    "change",
    [
        ('"45.00"', '"46.00"'),
        ("Regueira 40", "Regueira 41"),
        ("[48, 50]", "[24, 50]"),
        ("2099-03-14 1", "2099-03-15 1"),
    ],
)
async def test_what_people_were_promised_stays_theirs(harness, imported, slug, change):
    before, after = change
    await imported(toml(slug), "--yes")
    course = await harness.services.catalog.course(slug)
    started = await harness.checkout(harness.student("sam"), course)
    booking = await harness.booking(started)
    done = await imported(toml(slug).replace(before, after), "--yes")
    assert done.exit_code == 0, done.output
    assert (await shown(harness, slug))["revision"] == 2
    kept = await harness.booking(started)
    assert kept["amount"] == booking["amount"]
    assert [step for step in booking["promise"] if step not in kept["promise"]] == []


async def test_who_would_come_too_late_is_told(harness, imported, slug):
    await imported(toml(slug), "--yes")
    course = await harness.services.catalog.course(slug)
    await harness.confirmed(harness.student("sam"), course)
    earlier = toml(slug).replace("2099-03-14 1", "2099-03-13 1")
    refused = await imported(earlier + toml(f"{slug}-2"), "--yes")
    assert refused.exit_code == 1
    assert "would begin earlier" in refused.output
    assert "Nothing was imported" in refused.output
    assert (await harness.get(f"/api/courses/{slug}-2")).status_code == 404, "all or nothing"
    done = await imported(earlier, "--yes", "--tell")
    assert done.exit_code == 0, done.output
    await harness.worker_round()
    assert any(
        m["subject"].startswith("Changed:") for m in await harness.mails(harness.student("sam"))
    )


async def test_columns_that_a_file_does_not_have_stay_as_they_are(harness, imported, slug):
    await imported(toml(slug), "--yes")
    stored = await harness.services.catalog.course(slug)
    async with writing(harness.services.context.database) as work:
        course = await work.courses.lock(stored.id)
        course.internal_note, course.terms, course.level = "Kiln 2.", [], "Advanced"
    lines = toml(slug, capacity=9).splitlines()
    text = "\n".join(line for line in lines if not line.startswith(("terms", "level", "summary")))
    done = await imported(text, "--yes")
    assert "capacity: 8 -> 9" in done.output, done.output
    now = await harness.course_now(course)
    assert (now.capacity, now.terms, now.level) == (9, [], "Advanced")
    assert (now.internal_note, now.summary) == ("Kiln 2.", course.summary)


async def test_a_course_that_people_have_booked_cannot_be_hidden(harness, imported, slug):
    await imported(toml(slug), "--yes")
    course = await harness.services.catalog.course(slug)
    hidden = toml(slug, more='status = "draft"')
    sam = await harness.checkout(harness.student("sam"), course)
    refused = await imported(hidden, "--yes")
    assert "People have places on this course" in refused.output
    await harness.post(f"/api/bookings/{sam.booking_id}/cancel", sam.student)
    assert (await imported(hidden, "--yes")).exit_code == 0
    assert (await harness.get(f"/api/courses/{slug}")).status_code == 404


async def test_other_words_of_a_booked_course_may_change(harness, imported, slug):
    await imported(toml(slug), "--yes")
    course = await harness.services.catalog.course(slug)
    await harness.checkout(harness.student("sam"), course)
    done = await imported(toml(slug).replace("Raku Firing", "Raku at Night"), "--yes")
    assert done.exit_code == 0, done.output
    assert (await shown(harness, slug))["title"] == "Raku at Night"


async def test_there_cannot_be_fewer_places_than_are_taken(harness, imported, slug):
    await imported(toml(slug), "--yes")
    course = await harness.services.catalog.course(slug)
    for name in ("sam", "sally"):
        await harness.checkout(harness.student(name), course)
    refused = await imported(toml(slug, capacity=1), "--yes")
    assert refused.exit_code == 1
    assert "2 places are taken, so there cannot be fewer." in refused.output


async def test_a_course_that_changes_in_the_meantime_stops_the_import(
    harness, imported, slug, monkeypatch
):
    await imported(toml(slug), "--yes")
    original = command.plan_import

    async def plan_then_change(context, prepared, fields, **more):
        plan = await original(context, prepared, fields, **more)
        async with writing(context.database) as work:
            course = (await work.courses.by_slugs({slug}, is_locking=True))[slug]
            course.price = 9900
        return plan

    monkeypatch.setattr(command, "plan_import", plan_then_change)
    refused = await imported(toml(slug, price="50"), "--yes")
    assert refused.sentence == "The catalog has changed: run the import again."
    assert (await shown(harness, slug))["price"]["amount"] == 9900


async def test_csv_of_a_german_spreadsheet(harness, imported, slug):
    head = (
        "slug;title;summary;description;category;instructor;place_name;place_address;"
        "timezone;starts_at;ends_at;price;currency;capacity;terms"
    )
    line = (
        f"{slug};Töpfern;Eine Schale.;Zwei Zeilen;Handwerk;Ines Duarte;Atelier;Gasse 1, Wien;"
        "Europe/Vienna;2099-03-14 10:00;2099-03-14 16:00;45,50;EUR;8;336:100, 48:50"
    )
    done = await imported(f"\ufeff{head}\n{line}\n", "--yes", name="kurse.csv")
    assert done.exit_code == 0, done.output
    course = await shown(harness, slug)
    assert (course["title"], course["price"]["amount"]) == ("Töpfern", 4550)


async def test_a_picture_is_stored_small_and_served(harness, imported, slug, tmp_path):
    photo = Image.effect_noise((1800, 2400), 12).convert("RGB")  # a phone held upright
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "taken at home"
    photo.save(tmp_path / "bowl.jpg", exif=exif, quality=90)
    done = await imported(toml(slug, more='picture = "bowl.jpg"'), "--yes")
    assert done.exit_code == 0, done.output
    course = await harness.services.catalog.course(slug)
    assert course.image.startswith("/media/")
    answer = await harness.get(course.image)
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]
    with Image.open(io.BytesIO(answer.content)) as stored:
        assert stored.size == (1600, 1000)
        assert not stored.getexif()
    small = await harness.get(course.image.replace(".webp", "-s.webp"))
    assert 0 < len(small.content) <= 80 * 1024 < 400 * 1024
    assert (await harness.get("/media/nothing.webp")).status_code == 404
    kept = await imported(toml(slug), "--yes")
    assert f"same     {slug}" in kept.output, "a row without a picture leaves it"
    photo.rotate(180).save(tmp_path / "bowl.jpg")
    other = await imported(toml(slug, more='picture = "bowl.jpg"'), "--yes")
    assert "1 changed" in other.output
    image = (await harness.services.catalog.course(slug)).image
    assert image != course.image
    assert (await harness.get(image)).status_code == 200


async def test_a_file_that_is_no_picture_is_a_problem(imported, slug, tmp_path):
    (tmp_path / "bowl.jpg").write_text("<svg>")
    refused = await imported(toml(slug, more='picture = "bowl.jpg"'), "--yes")
    assert refused.exit_code == 1
    assert "The picture must be a JPEG, PNG or WebP file." in refused.output
    missing = await imported(toml(slug, more='picture = "cup.jpg"'), "--yes")
    assert "cannot be read: No such file or directory." in missing.output
