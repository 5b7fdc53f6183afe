"""The people of a course over HTTP: lists, search, order, pages, and what each role may see."""

import csv
import io
import re
import zipfile
from dataclasses import fields
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from coursebook.domain.actor import WORKER, Actor
from coursebook.domain.booking import SeatState
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import AuditEntry, Booking, Course, User
from coursebook.persistence.unit_of_work import writing
from coursebook.services.bookings.offline_payments import (
    Handover,
    expect_payment,
    give_back_by_hand,
    mark_given_back,
    receive_payment,
)
from coursebook.services.locked_booking import lock_booking
from coursebook.services.manage import roster_export
from coursebook.services.views import BookingView
from tests.contract.test_api_public_route_cost import counting
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness, Student

CANARY = "kestrel"
NAMES = ("Zoë Lindqvist", "amara lima", "Bruno 100%", "Öner Demir")


def path_of(course: Course) -> str:
    return f"/api/manage/courses/{course.id}/people"


async def people(
    harness: Harness, course: Course, who: Student = OPERATOR, **parameters: Any
) -> dict[str, Any]:
    answer = await harness.get(path_of(course), who, params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def add_people(
    harness: Harness, course: Course, *names: str, place: SeatState = SeatState.CANCELLED
) -> None:
    """Add people whose bookings hold no seat and no money."""
    now = harness.clock()
    async with writing(harness.services.context.database) as work:
        for name in names:
            subject = new_id("usr")
            user = User(
                id=subject,
                subject=subject,
                name=name,
                email=f"{subject}@example.test",
                created_at=now,
                seen_at=now,
            )
            booking = Booking(
                id=new_id("bkg"),
                user_id=user.id,
                course_id=course.id,
                place=place.value,
                price=0,
                currency="eur",
                created_at=now,
                updated_at=now,
            )
            work.session.add(user)
            await work.flush()
            work.session.add(booking)
            change = Change(booking.id, "booking", "added", None, place.value)
            work.audit.write(change, actor=Actor("test"), request_id="", now=now)


def names_of(answer: dict[str, Any]) -> list[str]:
    return [item["name"] for item in answer["items"]]


async def test_each_list_has_its_people_and_what_they_paid(harness: Harness):
    course = await harness.course()
    paid, paying = harness.student("pia"), harness.student("paul")
    started = await harness.confirmed(paid, course)
    await harness.checkout(paying, course)
    await add_people(harness, course, "Carla Gone")
    await add_people(harness, course, "Ed Late", place=SeatState.EXPIRED)
    answer = await people(harness, course)
    assert answer["counts"] == {"coming": 1, "paying": 1, "owes": 0, "waiting": 0, "cancelled": 1}
    assert [item["place"] for item in answer["items"]] == ["held", "confirmed"]
    (item,) = (await people(harness, course, state="coming"))["items"]
    money = {"amount": course.price, "currency": course.currency}
    assert (item["booking_id"], item["email"]) == (started.booking_id, paid.email)
    assert item["number"] == f"CB-{started.booking_id[-6:].upper()}"
    assert (item["payment_status"], item["price"], item["received"]) == ("paid", money, money)
    (item,) = (await people(harness, course, state="paying"))["items"]
    assert (item["payment_status"], item["received"]["amount"]) == ("unpaid", 0)
    assert names_of(await people(harness, course, state="cancelled")) == ["Carla Gone"]
    assert (await people(harness, course, state="owes"))["items"] == []


async def test_whoever_has_a_place_and_paid_less_than_the_price_owes(harness: Harness):
    course = await harness.course()
    started = await harness.confirmed(harness.student("owen"), course)
    async with writing(harness.services.context.database) as work:
        booking = await work.bookings.lock(started.booking_id)
        assert booking is not None
        booking.price += 1000
    answer = await people(harness, course, state="owes")
    assert [item["booking_id"] for item in answer["items"]] == [started.booking_id]
    assert answer["counts"]["owes"] == 1
    assert answer["items"][0]["received"]["amount"] == course.price


@pytest.mark.both_databases
@pytest.mark.parametrize("sort", ["name", "booked"])
async def test_pages_follow_each_other_without_gaps(harness: Harness, sort: str):
    course = await harness.course()
    await add_people(harness, course, *NAMES, "Bruno 100%")
    whole = await people(harness, course, state="cancelled", sort=sort)
    pages, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = await people(harness, course, state="cancelled", sort=sort, limit=2, **more)
        pages += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == whole["items"]
    assert len(pages) == len(NAMES) + 1
    if sort == "name":
        names = names_of(whole)
        assert names.index("amara lima") < names.index("Bruno 100%") < names.index("Zoë Lindqvist")


@pytest.mark.both_databases
async def test_the_search_takes_part_of_a_name_of_a_mail_address_or_of_a_number(harness: Harness):
    course = await harness.course()
    await add_people(harness, course, *NAMES)

    async def hits(words: str) -> list[str]:
        return names_of(await people(harness, course, state="cancelled", q=words))

    assert await hits("lindq") == ["Zoë Lindqvist"]
    assert await hits("Öner") == ["Öner Demir"]
    assert await hits("%") == ["Bruno 100%"]
    assert await hits("nobody") == []
    (item,) = (await people(harness, course, state="cancelled", q="Lima"))["items"]
    assert await hits(item["email"][:-5].upper()) == ["amara lima"]
    assert await hits(item["number"]) == ["amara lima"]


@pytest.mark.both_databases
async def test_the_search_ignores_accents_and_capitals_and_takes_words_in_any_order(
    harness: Harness,
):
    course = await harness.course()
    await add_people(harness, course, *NAMES, "ŁUKASZ Straße", "Ωμέγα")

    async def hits(words: str) -> list[str]:
        return names_of(await people(harness, course, state="cancelled", q=words))

    for words in ("zoe", "ZOË", "lindqvist zoe", "Zoe\u0308"):
        assert await hits(words) == ["Zoë Lindqvist"], words
    assert await hits("öner") == await hits("ONER") == ["Öner Demir"]
    assert await hits("lukasz") == ["ŁUKASZ Straße"]
    assert await hits("ωμεγα") == ["Ωμέγα"]
    whole = names_of(await people(harness, course, state="cancelled", sort="name"))
    assert whole.index("Öner Demir") < whole.index("Zoë Lindqvist")


async def test_signs_of_a_query_language_match_only_themselves(harness: Harness):
    course = await harness.course()
    signs = ("%", "a_a", "\\", "'", '"', "%%%%")
    await add_people(harness, course, "Amara Lima", *(f"Hit{sign}Mark" for sign in signs))
    for sign in signs:
        answer = await people(harness, course, state="cancelled", q=f"Hit{sign}Mark")
        assert names_of(answer) == [f"Hit{sign}Mark"]
    for sign in ("x' OR 1=1 --", "\u202e"):
        assert names_of(await people(harness, course, state="cancelled", q=sign)) == []


async def test_an_impossible_value_is_refused(harness: Harness):
    course = await harness.course()
    for path in (path_of(course), f"{path_of(course)}.csv", f"{path_of(course)}.xlsx"):
        for name in ("q", "ids", "cursor", "sort", "state"):
            for value in ("a" * 20_000, "a\x00b"):
                answer = await harness.get(f"{path}?{name}={quote(value)}", OPERATOR)
                assert code_of(answer) == (422, "invalid"), (path, name)


async def test_who_takes_part_stands_before_who_booked_and_both_are_found(harness: Harness):
    course = await harness.course()
    await add_people(harness, course, "Carla Lima")
    async with writing(harness.services.context.database) as work:
        booking = (await work.session.scalars(sa.select(Booking))).one()
        booking.participant_name, booking.participant_email = "Bruno Gast", "bruno@guest.test"
        booking.note, booking.tags = "Nut allergy", ["choir"]
    for words in ("gast", "carla", "bruno@guest", "CARLA bruno"):
        (item,) = (await people(harness, course, state="cancelled", q=words))["items"]
        assert (item["name"], item["booked_by"]) == ("Bruno Gast", "Carla Lima")
        assert (item["email"], item["note"]) == ("bruno@guest.test", "Nut allergy")
        assert item["tags"] == ["choir"]


async def test_money_by_hand_counts_and_what_went_back_is_not_owed_again(harness: Harness):
    course = await harness.course()
    await harness.checkout(harness.student("paul"), course)
    await harness.confirmed(harness.student("pia"), course)
    owing = await harness.confirmed(harness.student("owen"), course)
    cash = Handover(Method.CASH)
    async with writing(harness.services.context.database) as work:
        locked = await lock_booking(work, owing.booking_id, WORKER, harness.clock())
        locked.booking.price += 1500
        receive_payment(locked, 500, cash)
        expect_payment(locked, 900, cash, "")
    answer = await people(harness, course, sort="payment")
    assert answer["items"][0]["booking_id"] == owing.booking_id
    assert [item["place"] for item in answer["items"]] == ["confirmed", "held", "confirmed"]
    first = answer["items"][0]
    assert (first["owed"]["amount"], first["received"]["amount"]) == (1000, course.price + 500)
    async with writing(harness.services.context.database) as work:
        locked = await lock_booking(work, owing.booking_id, WORKER, harness.clock())
        receive_payment(locked, 1000, cash)
        payment = await give_back_by_hand(locked, 700, "")
        await mark_given_back(locked, payment, locked.today)
    answer = await people(harness, course, state="coming", sort="name", q=first["number"])
    (item,) = answer["items"]
    assert (item["owed"]["amount"], item["received"]["amount"]) == (0, course.price + 800)
    assert answer["counts"]["owes"] == 0


async def test_a_page_costs_as_many_queries_for_any_number_of_people(harness: Harness):
    course = await harness.course()
    await add_people(harness, course, "One")
    await people(harness, course, state="cancelled")
    with counting(harness) as alone:
        await people(harness, course, state="cancelled")
    await add_people(harness, course, *NAMES)
    with counting(harness) as crowd:
        await people(harness, course, state="cancelled")
    assert alone.total() == crowd.total() > 0


async def test_a_teacher_sees_names_but_neither_money_nor_addresses(harness: Harness):
    course, other = await harness.course(), await harness.course()
    thea, _ = await join(harness, "thea", "teacher", course.id)
    pia = harness.student("pia")
    await harness.confirmed(pia, course)
    answer = await people(harness, course, thea)
    (item,) = answer["items"]
    assert item["name"] == (await people(harness, course))["items"][0]["name"]
    hidden = ("email", "payment_status", "price", "received", "owed")
    assert [item[name] for name in hidden] == [None] * 5
    assert answer["counts"] == {
        "coming": 1,
        "paying": 0,
        "owes": None,
        "waiting": 0,
        "cancelled": 0,
    }
    assert (await people(harness, course, thea, q=pia.email))["items"] == []
    assert code_of(await harness.get(path_of(other), thea)) == (404, "course_not_found")
    settings = "/api/manage/settings"
    allowed = await harness.call("PATCH", settings, OPERATOR, json={"teacher_contacts": True})
    assert allowed.json()["teacher_contacts"] is True
    (seen,) = (await people(harness, course, thea, q=pia.email))["items"]
    assert (seen["email"], seen["received"]) == (pia.email, None)
    assert code_of(await harness.get(path_of(other), thea)) == (404, "course_not_found")
    await harness.call("PATCH", settings, OPERATOR, json={"teacher_contacts": False})
    assert (await people(harness, course, thea))["items"][0]["email"] is None
    for money in ({"state": "owes"}, {"sort": "payment"}):
        owing = await harness.get(path_of(course), thea, params=money)
        assert code_of(owing) == (403, "forbidden")


async def test_nobody_else_sees_who_is_coming(harness: Harness):
    course = await harness.course()
    ari, _ = await join(harness, "ari", "accountant")
    assert code_of(await harness.get(path_of(course), ari)) == (403, "forbidden")
    assert code_of(await harness.get(path_of(course), harness.student("sam"))) == (403, "forbidden")
    assert code_of(await harness.get(path_of(course))) == (401, "unauthenticated")
    missing = "/api/manage/courses/crs_missing/people"
    assert code_of(await harness.get(missing, OPERATOR)) == (404, "course_not_found")
    bad = await harness.get(path_of(course), OPERATOR, params={"cursor": "abc"})
    assert code_of(bad) == (422, "invalid")


async def test_an_export_has_what_the_caller_may_see_and_no_formula(harness: Harness):
    course = await harness.course()
    thea, _ = await join(harness, "thea", "teacher", course.id)
    evil = '=HYPERLINK("http://x","y")'
    await add_people(harness, course, evil, "Zoë Lindqvist")
    await harness.confirmed(harness.student("pia"), course)
    answer = await harness.get(f"{path_of(course)}.csv", OPERATOR, params={"state": "cancelled"})
    assert answer.content.startswith("\ufeff".encode())
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    base = ["Number", "Name", "Booked by", "Place", "Booked", "Attendance", "Note", "Tags"]
    assert head == [*base, "Mail address", "Payment", "Price", "Received", "Owed"]
    assert [row[1] for row in rows] == [f"'{evil}", "Zoë Lindqvist"]
    assert f'filename="{course.slug}-' in answer.headers["content-disposition"]
    german = {"Accept-Language": "de"}
    answer = await harness.get(f"{path_of(course)}.csv", OPERATOR, headers=german)
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert (row["Platz"], row["Zahlung"], row["Erhalten"][-1]) == ("kommt", "bezahlt", "€")
    answer = await harness.get(f"{path_of(course)}.csv", thea)
    head, row_of_thea = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (head, len(row_of_thea)) == (base, len(base))
    trail = [row for row in await harness.rows_of(AuditEntry) if row.course_id == course.id]
    exports = [row for row in trail if row.about == "export"]
    assert [row.data["list"] for row in exports] == ["cancelled", "", ""]


async def test_a_spreadsheet_has_numbers_days_and_no_formula(harness: Harness):
    course = await harness.course()
    evil = '=HYPERLINK("http://x","y")'
    await add_people(harness, course, evil)
    started = await harness.confirmed(harness.student("pia"), course)
    answer = await harness.get(f"{path_of(course)}.xlsx", OPERATOR)
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    assert re.search(
        rf'filename="{course.slug}-[0-9-]+\.xlsx"', answer.headers["content-disposition"]
    )
    sheet = sheet_of(answer.content)
    assert re.search(r"<v>%g</v>" % (course.price / 100), sheet)
    assert "<f>" not in sheet
    params = {"state": "cancelled"}
    answer = await harness.get(f"{path_of(course)}.xlsx", OPERATOR, params=params)
    assert "HYPERLINK" in sheet_of(answer.content)
    assert "<f>" not in sheet_of(answer.content)
    params = {"ids": f"{started.booking_id},bkg_missing"}
    answer = await harness.get(f"{path_of(course)}.csv", OPERATOR, params=params)
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["Number"] == f"CB-{started.booking_id[-6:].upper()}"
    params = {"ids": ",".join(["bkg_x"] * 201)}
    answer = await harness.get(f"{path_of(course)}.csv", OPERATOR, params=params)
    assert code_of(answer) == (422, "invalid")


def sheet_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


async def test_an_export_of_many_people_comes_in_pieces(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(roster_export, "PEOPLE_AT_ONCE", 2)
    course = await harness.course()
    manager, _ = await join(harness, "mia", "manager")
    await add_people(harness, course, *NAMES)
    path, cancelled = f"{path_of(course)}.csv", {"state": "cancelled"}
    answer = await harness.get(path, manager, params=cancelled)
    assert len(answer.text.splitlines()) == 1 + len(NAMES)
    ari, _ = await join(harness, "ari", "accountant")
    assert code_of(await harness.get(path, ari)) == (403, "forbidden")


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_no_answer_to_the_student_has_a_word_of_note_or_tags(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    started = await harness.confirmed(sam, course)
    operator, managed = await harness.principal(OPERATOR), harness.services.managed_bookings
    await managed.set_note(operator, started.booking_id, f"{CANARY} owes me a pot")
    await managed.set_tags(operator, started.booking_id, [CANARY])
    seen = await harness.get(f"/api/manage/bookings/{started.booking_id}", OPERATOR)
    assert seen.text.count(CANARY) == 2

    paths = (await harness.get("/api/openapi.json")).json()["paths"]
    ids = {"booking_id": started.booking_id, "course_id": course.id, "slug": course.slug}
    answers = []
    for path in (path for path, calls in paths.items() if "get" in calls):
        filled = re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], course.slug), path)
        answers.append(await harness.get(filled, sam))
    await managed.resend(operator, started.booking_id)
    answers.append(await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam))
    await harness.worker_round()
    assert sum(answer.is_success for answer in answers) > 8
    assert [str(answer.url) for answer in answers if CANARY in answer.text] == []
    mails = await harness.mails(sam)
    assert len(mails) > 1
    assert CANARY not in str(mails)
    assert {"note", "tags"}.isdisjoint(field.name for field in fields(BookingView))
