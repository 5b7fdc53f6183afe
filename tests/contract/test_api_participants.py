"""Another person takes part: who gets which mail, and what stays with the payer."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from coursebook.domain.actor import WORKER
from coursebook.domain.rights import Role
from coursebook.mail.kinds import COPIES, MailKind
from coursebook.persistence.schema.tables import OutboxMessage
from coursebook.persistence.unit_of_work import writing
from coursebook.services.locked_booking import lock_booking
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Started, Student
from tests.support.mail_entries import entries
from tests.support.team import give_role


async def change(
    harness: Harness, started: Started, who: Student = OPERATOR, **person: Any
) -> httpx.Response:
    path = f"/api/manage/bookings/{started.booking_id}/participant"
    return await harness.post(path, who, json=person)


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def handed_on(harness: Harness) -> tuple[Started, Student]:
    started = await harness.confirmed(harness.student("carla"), await harness.course())
    await harness.worker_round()
    bruno = harness.student("bruno")
    answer = await change(harness, started, name="Bruno L.", email=bruno.email)
    assert answer.status_code == 200, answer.text
    return started, bruno


async def test_the_new_person_gets_the_confirmation_and_the_payer_keeps_the_money(
    harness: Harness,
):
    started, bruno = await handed_on(harness)
    await harness.worker_round()
    (for_bruno,) = await harness.mails(bruno)
    assert "A place for you" in for_bruno["subject"]
    assert "€" not in for_bruno["text"] + for_bruno["html"]
    booked, handed = await harness.mails(started.student)
    assert "now for Bruno L." in handed["text"]
    (first,), (removed,), (new,) = entries(booked), entries(handed), entries(for_bruno)
    assert first["uid"] == removed["uid"] == new["uid"]
    assert [e["sequence"] for e in (first, removed, new)] == [0, 1, 1]
    assert [e["status"] for e in (first, removed, new)] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert bruno.email in new["attendee"]
    own = await harness.booking(started)
    assert (own["payment_status"], len(own["attempts"])) == ("paid", 1)
    assert own["can_cancel"]
    await check_books(harness)


async def test_an_account_of_the_new_address_does_not_get_the_booking(harness: Harness):
    started, bruno = await handed_on(harness)
    path = f"/api/bookings/{started.booking_id}"
    assert problem(await harness.get(path, bruno)) == (404, "booking_not_found")
    assert problem(await harness.post(f"{path}/cancel", bruno)) == (404, "booking_not_found")
    assert problem(await harness.get(f"{path}/calendar.ics", bruno)) == (404, "booking_not_found")
    assert (await harness.get("/api/bookings", bruno)).json()["items"] == []


async def test_operators_see_who_takes_part_and_who_pays(harness: Harness):
    started, bruno = await handed_on(harness)
    view = (await harness.get(f"/api/manage/bookings/{started.booking_id}", OPERATOR)).json()
    assert view["name"] == "Bruno L."
    assert view["participant"]["email"] == bruno.email
    assert view["payer"]["email"] == started.student.email
    assert "participant_changed" in [step["fact"] for step in view["story"]]
    path = f"/api/manage/courses/{view['course']['id']}/people"
    (person,) = (await harness.get(path, OPERATOR)).json()["items"]
    assert person["name"] == "Bruno L."
    assert person["booked_by"]


async def test_mails_about_the_course_go_to_both_and_all_others_to_the_payer(harness: Harness):
    started, bruno = await handed_on(harness)
    async with writing(harness.services.context.database) as work:
        locked = await lock_booking(work, started.booking_id, WORKER, harness.clock())
        assert locked is not None
        for kind in MailKind:
            await locked.enqueue_mail(kind, occasion="a test")
    rows = [row for row in await harness.rows_of(OutboxMessage) if "a test" in row.dedupe_key]
    copies = [row for row in rows if "recipient" in row.payload]
    assert {row.payload["recipient"]["email"] for row in copies} == {bruno.email}
    assert sorted(row.kind for row in copies) == sorted(f"mail:{k}" for k in COPIES.values())
    assert len(rows) - len(copies) == len(MailKind)


async def test_a_cancelled_booking_is_told_to_both_with_money_only_to_the_payer(
    harness: Harness,
):
    started, bruno = await handed_on(harness)
    assert (
        await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    ).status_code == 200
    await harness.worker_round()
    await harness.quiet()
    await harness.worker_round()
    for_bruno = await harness.mails(bruno)
    assert [mail["subject"].split(":")[0] for mail in for_bruno] == ["A place for you", "Cancelled"]
    assert all("€" not in mail["text"] + mail["html"] for mail in for_bruno)
    (removed,) = entries(for_bruno[1])
    assert removed["status"] == "CANCELLED"
    assert any("€45.00" in mail["text"] for mail in await harness.mails(started.student))
    await check_books(harness)


async def test_a_next_person_and_the_payer_again(harness: Harness):
    started, bruno = await handed_on(harness)
    eva = harness.student("eva")
    assert (await change(harness, started, name="Eva", email=eva.email)).status_code == 200
    await harness.worker_round()
    assert "somebody else" in (await harness.mails(bruno))[1]["text"]
    assert len(await harness.mails(eva)) == 1
    same = await change(harness, started, name="Eva", email=eva.email)
    assert problem(same) == (409, "not_actionable")
    payer = (await harness.get(f"/api/manage/bookings/{started.booking_id}", OPERATOR)).json()
    back = await change(harness, started, name=payer["payer"]["name"], email=started.student.email)
    assert back.json()["participant"] is None
    await harness.worker_round()
    mail = (await harness.mails(started.student))[-1]
    assert "Booked" in mail["subject"]
    (entry,) = entries(mail)
    assert (entry["status"], entry["sequence"]) == ("CONFIRMED", 3)


async def test_only_a_name_and_no_mail(harness: Harness):
    started = await harness.confirmed(harness.student("carla"), await harness.course())
    await harness.worker_round()
    assert (await change(harness, started, name="Bruno", tell=False)).status_code == 200
    await harness.worker_round()
    assert len(await harness.mails(started.student)) == 1


@pytest.mark.parametrize(
    ("person", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"name": "Bruno", "email": "no address"}, "/email"),
        ({"email": "bruno@example.test"}, "/name"),
    ],
)
async def test_bad_input_is_refused(harness: Harness, person: dict[str, Any], pointer: str):
    started = await harness.confirmed(harness.student("carla"), await harness.course())
    answer = await change(harness, started, **person)
    assert problem(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_only_a_confirmed_place_is_handed_on_and_only_by_who_may(harness: Harness):
    course, tara = await harness.course(), harness.student("tara")
    await give_role(harness, tara, Role.TEACHER, course.id)
    started = await harness.checkout(harness.student("carla"), course)
    assert problem(await change(harness, started, name="Bruno")) == (409, "not_actionable")
    for who in (tara, started.student):
        assert problem(await change(harness, started, who, name="Bruno")) == (403, "forbidden")


async def test_a_move_is_told_to_both(harness: Harness):
    started, bruno = await handed_on(harness)
    target = await harness.course(starts_in=timedelta(days=40))
    path = f"/api/manage/bookings/{started.booking_id}/move"
    expect = {"amount": 4500, "currency": "eur"}
    shown = await harness.post(path, OPERATOR, json={"course_id": target.id, "dry_run": True})
    assert shown.json()["mails"] == [started.student.email, bruno.email]
    moved = await harness.post(path, OPERATOR, json={"course_id": target.id, "expect": expect})
    assert moved.status_code == 200
    await harness.worker_round()
    mail = (await harness.mails(bruno))[-1]
    assert "Moved" in mail["subject"]
    assert "€" not in mail["text"] + mail["html"]
    assert [entry["sequence"] for entry in entries(mail)] == [2]
    assert entries((await harness.mails(started.student))[-1]) == []
