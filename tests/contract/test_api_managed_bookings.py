"""One booking for the people who manage it: what they see of it, by role."""

from typing import Any

import httpx
import pytest

from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import AuditEntry
from coursebook.services.bookings.dashboard import BookingSearch
from tests.support.harness import OPERATOR, Harness, Started, Student
from tests.support.stripe_objects import charge_of
from tests.support.team import give_role


def path_of(started: Started, act: str = "") -> str:
    return f"/api/manage/bookings/{started.booking_id}{act}"


async def seen(harness: Harness, started: Started, who: Student = OPERATOR) -> dict[str, Any]:
    answer = await harness.get(path_of(started), who)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "eur"}


async def test_an_operator_sees_everything_about_a_booking(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    started = await harness.confirmed(sam, course)
    await harness.worker_round()
    view = await seen(harness, started)
    assert view["number"] == f"CB-{started.booking_id[-6:].upper()}"
    assert (view["course"]["id"], view["course"]["title"]) == (course.id, course.title)
    assert (view["place"], view["source"], view["participant"]) == ("confirmed", "student", None)
    assert view["payer"]["email"] == sam.email
    sums = view["money"]
    assert (sums["payment_status"], sums["price"]) == ("paid", money(4500))
    assert sums["received"] == sums["kept"] == sums["refundable"] == money(4500)
    assert sums["given_back"] == sums["stays"] == sums["at_the_bank"] == money(0)
    assert (view["expect"], sums["promised_now"]) == (money(4500), money(4500))
    (line,) = sums["lines"]
    assert (line["kind"], line["direction"], line["method"]) == ("payment", "in", "card")
    assert (line["state"], line["amount"]) == ("succeeded", money(4500))
    facts = [step["fact"] for step in view["story"]]
    assert facts[0] == "booked"
    assert {"received", "confirmed", "mail_sent"} <= set(facts)
    assert all(act["is_possible"] for act in view["acts"].values())


async def test_a_held_place_has_nothing_to_give_back(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    acts = (await seen(harness, started))["acts"]
    assert acts["refund"] == {"is_possible": False, "why_not": "nothing_to_refund"}
    assert acts["resend"] == {"is_possible": False, "why_not": "not_confirmed"}
    assert acts["move"] == {"is_possible": False, "why_not": "not_movable"}
    assert acts["cancel"]["is_possible"]


async def test_a_disputed_payment_is_at_the_bank(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control(f"charges/{await charge_of(harness, started)}/dispute")
    await harness.quiet()
    view = await seen(harness, started)
    assert view["money"]["payment_status"] == "disputed"
    assert (view["money"]["at_the_bank"], view["expect"]) == (money(4500), money(4500))
    assert view["acts"]["refund"]["why_not"] == "disputed"


async def test_a_teacher_sees_names_and_notes_of_the_own_course_only(harness: Harness):
    course = await harness.course()
    tara, other = harness.student("tara"), harness.student("other")
    await give_role(harness, tara, Role.TEACHER, course.id)
    await give_role(harness, other, Role.TEACHER, (await harness.course()).id)
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.worker_round()
    view = await seen(harness, started, tara)
    assert view["name"]
    assert (view["payer"]["email"], view["payer"]["phone"]) == (None, None)
    assert (view["money"], view["expect"]) == (None, None)
    assert {step["amount"] for step in view["story"]} == {None}
    assert {step["detail"] for step in view["story"]} == {""}
    assert [step["fact"] for step in view["story"]] == ["booked", "confirmed"]
    assert {act["why_not"] for act in view["acts"].values()} == {"forbidden"}
    assert problem(await harness.get(path_of(started), other)) == (404, "booking_not_found")


@pytest.mark.parametrize("role", [Role.ACCOUNTANT, None])
async def test_nobody_else_sees_the_people(harness: Harness, role: Role | None):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    who = harness.student("who")
    if role:
        await give_role(harness, who, role)
    assert problem(await harness.get(path_of(started), who)) == (403, "forbidden")
    assert problem(await harness.get(path_of(started), started.student)) == (403, "forbidden")
    assert problem(await harness.get(path_of(started))) == (401, "unauthenticated")


async def test_an_unknown_booking_is_not_found(harness: Harness):
    answer = await harness.get("/api/manage/bookings/bkg_nobody", OPERATOR)
    assert problem(answer) == (404, "booking_not_found")


async def test_the_confirmation_is_sent_again_as_often_as_it_is_asked(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.worker_round()
    for _ in range(2):  # a repeated call with one key sends one mail
        answer = await harness.post(
            path_of(started, "/resend"), OPERATOR, headers={"Idempotency-Key": "again"}
        )
        assert answer.status_code == 200, answer.text
    await harness.worker_round()
    assert len(await harness.mails(started.student)) == 2
    await harness.post(path_of(started, "/resend"), OPERATOR)
    await harness.worker_round()
    mails = await harness.mails(started.student)
    assert len({mail["subject"] for mail in mails}) == 1
    assert len(mails) == 3
    held = await harness.checkout(harness.student("paul"), await harness.course())
    refused = await harness.post(path_of(held, "/resend"), OPERATOR)
    assert problem(refused) == (409, "not_actionable")


SECRET = "Owes-us-a-lot"


async def test_note_and_tags_reach_no_answer_to_the_student(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    noted = await harness.call(
        "PUT", path_of(started, "/note"), OPERATOR, json={"note": f" {SECRET}\nnut allergy "}
    )
    tagged = await harness.call(
        "POST", path_of(started, "/tags"), OPERATOR, json={"tags": [SECRET, "vip", "VIP", " "]}
    )
    assert noted.json()["note"] == f"{SECRET}\nnut allergy"
    assert tagged.json()["tags"] == [SECRET, "vip"]
    assert [step["fact"] for step in tagged.json()["story"]][-2:] == [
        "note_changed",
        "tags_changed",
    ]
    assert SECRET not in str(await harness.rows_of(AuditEntry))
    await harness.post(path_of(started, "/resend"), OPERATOR)
    await harness.worker_round()
    sam = started.student
    answers = [
        await harness.get("/api/bookings", sam),
        await harness.get(f"/api/bookings/{started.booking_id}", sam),
        await harness.get(f"/api/bookings/{started.booking_id}/calendar.ics", sam),
        await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam),
    ]
    await harness.worker_round()
    for answer in answers:
        assert answer.status_code == 200
        assert SECRET not in answer.text
    who = await harness.principal(sam)
    sections = await harness.services.dashboard.sections(who, BookingSearch(), 10)
    assert SECRET not in str(sections)
    mails = await harness.mails(sam)
    assert len(mails) >= 3
    assert SECRET not in str(mails)


async def test_notes_and_tags_that_are_too_long_are_refused(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    for act, body, pointer in (
        ("/note", {"note": "x" * 2001}, "/note"),
        ("/tags", {"tags": ["x" * 41]}, "/tags/0"),
        ("/tags", {"tags": [str(number) for number in range(21)]}, "/tags"),
    ):
        answer = await harness.call("PUT", path_of(started, act), OPERATOR, json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer
