"""The people of a course over HTTP: lists, search, order, pages, and what each role may see."""

import csv
import io
from typing import Any

import httpx
import pytest

from coursebook.domain.actor import Actor
from coursebook.domain.booking import SeatState
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import AuditEntry, Booking, Course, User
from coursebook.persistence.unit_of_work import writing
from coursebook.services.manage import roster_export
from tests.contract.test_api_public_route_cost import counting
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness, Student

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
            await work.session.flush()
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
    assert answer["counts"] == {"coming": 1, "paying": 1, "owes": 0, "cancelled": 1}
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
    hidden = ("email", "payment_status", "price", "received")
    assert [item[name] for name in hidden] == [None] * 4
    assert answer["counts"] == {"coming": 1, "paying": 0, "owes": None, "cancelled": 0}
    assert (await people(harness, course, thea, q=pia.email))["items"] == []
    assert code_of(await harness.get(path_of(other), thea)) == (404, "course_not_found")
    owing = await harness.get(path_of(course), thea, params={"state": "owes"})
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
    assert head == ["Number", "Name", "Place", "Booked", "Mail address", "Payment", "Received"]
    assert [row[1] for row in rows] == [f"'{evil}", "Zoë Lindqvist"]
    assert f'filename="{course.slug}-' in answer.headers["content-disposition"]
    german = {"Accept-Language": "de"}
    answer = await harness.get(f"{path_of(course)}.csv", OPERATOR, headers=german)
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert (row["Platz"], row["Zahlung"], row["Erhalten"][-1]) == ("kommt", "bezahlt", "€")
    answer = await harness.get(f"{path_of(course)}.csv", thea)
    head, row_of_thea = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head == ["Number", "Name", "Place", "Booked"]
    assert len(row_of_thea) == 4
    trail = [row for row in await harness.rows_of(AuditEntry) if row.course_id == course.id]
    exports = [row for row in trail if row.about == "export"]
    assert [row.data["list"] for row in exports] == ["cancelled", "", ""]


async def test_an_export_of_many_people_comes_in_pieces_ten_times_an_hour(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(roster_export, "PEOPLE_AT_ONCE", 2)
    course = await harness.course()
    manager, _ = await join(harness, "mia", "manager")
    await add_people(harness, course, *NAMES)
    path, cancelled = f"{path_of(course)}.csv", {"state": "cancelled"}
    answer = await harness.get(path, manager, params=cancelled)
    assert len(answer.text.splitlines()) == 1 + len(NAMES)
    for _ in range(9):
        assert (await harness.get(path, manager, params=cancelled)).status_code == 200
    assert code_of(await harness.get(path, manager)) == (429, "rate_limited")
    ari, _ = await join(harness, "ari", "accountant")
    assert code_of(await harness.get(path, ari)) == (403, "forbidden")


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
