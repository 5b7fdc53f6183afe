"""`/manage/bookings/{id}`: what each role reads and may do, the panels, and what comes of them."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from coursebook.errors import Unavailable
from coursebook.live import topics
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services.manage.booking_story import STORY_FACTS
from coursebook.ui import i18n
from coursebook.ui.live import push
from coursebook.ui.presenters.manage.booking_rows import said_of, told_detail
from coursebook.ui.states.manage.booking import ManagedBookingState
from coursebook.wiring import services
from tests.contract.test_api_team import join
from tests.support.booking_invariants import read_books
from tests.support.harness import OPERATOR, Harness, Student, eur
from tests.ui.sockets import Sockets, a_tab
from tests.ui.tabs import Tab

State = ManagedBookingState


async def booked(harness: Harness, name: str = "sam") -> tuple[Course, str]:
    """Return a course with a paid booking, and the booking's id."""
    course = await harness.course(price=eur(45))
    started = await harness.confirmed(harness.student(name), course)
    return course, started.booking_id


async def opened(
    harness: Harness,
    booking_id: str,
    query: str = "",
    who: Student | None = OPERATOR,
    language: str = "",
) -> tuple[Tab, State]:
    tab = Tab(f"/manage/bookings/{booking_id}{query}", language)
    if who is not None:
        await tab.sign_in(harness, who)
    await tab.fire(State.viewer_arrived)
    return tab, await tab.state(State)


async def send(harness: Harness, tab: Tab, who: Student = OPERATOR, **texts: str) -> list[str]:
    return await tab.fire(State.act_sent, await harness.token(who), texts)


async def test_an_operator_reads_story_and_money(harness: Harness):
    course, booking_id = await booked(harness)
    _, page = await opened(harness, booking_id)
    row = page.booking
    assert (page.view_state, row.course, row.place, row.payment) == (
        "content",
        course.title,
        "Confirmed",
        "Paid",
    )
    assert row.title == f"{row.name} \N{EN DASH} {course.title}"
    assert [line.amount for line in row.money] == ["€45.00"]
    assert row.money[0].text.startswith("Paid by card, ")
    assert (row.price, row.kept) == ("€45.00", "€45.00")
    assert row.if_cancels.startswith(
        f"If {row.first_name} cancels now: €45.00 back. Free of charge"
    )
    texts = [step.text for step in row.story]
    assert texts[0] == "Booked, place held"
    assert "Confirmed" in texts
    assert row.people_href == f"/manage/courses/{course.id}/people"
    acts = ("refund", "cancel", "move", "change_person", "resend", "note")
    assert row.acts == dict.fromkeys(acts, "")


async def test_a_teacher_reads_no_sum_no_address_and_may_do_nothing(harness: Harness):
    course, booking_id = await booked(harness)
    other, foreign_id = await booked(harness, "eve")
    thea, _ = await join(harness, "thea", "teacher", course.id)
    tab, page = await opened(harness, booking_id, "?do=refund", thea)
    row = page.booking
    assert (row.kept, row.money, row.payment, row.contact, row.acts) == ("", [], "", "", {})
    assert page.panel.act == ""
    assert "45.00" not in str([vars(step) for step in row.story])
    await tab.fire(State.act_opened, "refund")
    assert page.panel.act == ""
    ari, _ = await join(harness, "ari", "accountant")
    for who, asked in (
        (thea, foreign_id),
        (ari, booking_id),
        (harness.student("sam"), booking_id),
        (None, booking_id),
        (OPERATOR, "bkg_x"),
        (OPERATOR, "a.b"),
    ):
        _, hidden = await opened(harness, asked, who=who)
        assert (hidden.view_state, hidden.booking.name) == ("missing", ""), (who, asked)
    assert other.title


async def test_half_is_given_back_and_the_place_stays(harness: Harness):
    _, booking_id = await booked(harness)
    tab, page = await opened(harness, booking_id, "?do=refund")
    assert (page.panel.act, page.panel.amount, page.panel.press) == (
        "refund",
        "45.00",
        "Give back €45.00",
    )
    await tab.fire(State.share_picked, "half")
    assert (page.panel.amount, page.panel.press, page.panel.stays) == (
        "22.50",
        "Give back €22.50",
        "€22.50",
    )
    await tab.fire(State.amount_typed, "15,00")
    assert (page.panel.picked, page.panel.press) == ("", "Give back €15.00")
    await send(harness, tab, amount="15,00", place="keeps", reason="Goodwill", note="Sorry")
    assert (page.panel.act, page.notice.tone) == ("", "good")
    assert page.notice.text.startswith("€15.00 goes back to ")
    assert (page.booking.kept, page.booking.payment) == ("€30.00", "Part back")
    (refund,) = (await read_books(harness)).refunds
    assert (refund.amount, refund.reason, refund.note) == (1500, "Goodwill", "Sorry")


async def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(harness: Harness):
    _, booking_id = await booked(harness)
    tab, page = await opened(harness, booking_id, "?do=refund", language="de")
    for amount, reason, field, text in (
        ("abc", "x", "amount", "Schreiben Sie den Betrag in Ziffern, zum Beispiel 22,50."),
        ("0", "x", "amount", "Der Betrag muss größer als 0 sein."),
        ("45,01", "x", "amount", "Das ist mehr, als von der Zahlung noch da ist."),
        ("5,00", " ", "reason", "Bitte nennen Sie einen Grund."),
    ):
        before = page.refused_stamp
        await send(harness, tab, amount=amount, place="keeps", reason=reason)
        assert page.panel.problems[field] == text
        assert (page.panel.act, page.refused_stamp) == ("refund", before + 1)
    assert (await read_books(harness)).refunds == []


async def test_other_sums_than_those_shown_move_nothing_and_are_shown(harness: Harness):
    _, booking_id = await booked(harness)
    tab, page = await opened(harness, booking_id, "?do=refund")
    other, second = await opened(harness, booking_id, "?do=refund")
    await send(harness, tab, amount="15", place="keeps", reason="Goodwill")
    await send(harness, other, amount="40", place="keeps", reason="Goodwill")
    assert len((await read_books(harness)).refunds) == 1
    assert second.panel.act == "refund"
    assert second.panel.changed
    assert (second.panel.expect, second.panel.of) == (3000, "of €30.00")
    assert second.booking.kept == "€30.00"
    await send(harness, other, amount="10", place="keeps", reason="Goodwill")
    assert (second.panel.act, second.booking.kept) == ("", "€20.00")
    assert page.booking.kept == "€30.00", "that tab was not told in this test"


async def test_cancelling_shows_both_sums_and_less_needs_agreement(harness: Harness):
    _, booking_id = await booked(harness)
    tab, page = await opened(harness, booking_id, "?do=cancel")
    panel = page.panel
    assert [one.value for one in panel.choices] == ["terms", "all", "none", "amount"]
    assert (panel.goes_back, panel.stays, panel.less) == ("€45.00", "€0.00", "")
    await tab.fire(State.choice_made, "none")
    assert (page.panel.goes_back, page.panel.stays) == ("€0.00", "€45.00")
    assert page.panel.less
    await send(harness, tab, choice="none", reason="No show", tell="on")
    assert page.panel.problems["agreed"]
    await send(harness, tab, choice="none", reason="", agreed="on", tell="on")
    assert page.panel.problems["reason"]
    await send(harness, tab, choice="none", reason="No show", agreed="on", tell="on")
    assert (page.booking.place, page.notice.text) == ("Cancelled", "The place is free again.")
    assert page.booking.stays_why == "The school keeps €45.00: No show"
    assert page.booking.acts["cancel"] == "The place is over already"
    assert (await read_books(harness)).refunds == []


async def test_a_refund_can_give_the_place_up(harness: Harness):
    _, booking_id = await booked(harness)
    tab, page = await opened(harness, booking_id, "?do=refund")
    await tab.fire(State.place_chosen, "gives_up")
    assert page.panel.less == ""
    await send(harness, tab, amount="45", place="gives_up", reason="Illness")
    assert page.booking.place == "Cancelled"
    (refund,) = (await read_books(harness)).refunds
    assert refund.amount == 4500


async def test_note_and_tags_are_kept_and_the_confirmation_goes_out_again(harness: Harness):
    _, booking_id = await booked(harness)
    tab, page = await opened(harness, booking_id, "?do=note")
    assert page.is_from_list
    await tab.fire(State.panel_closed)
    assert (page.panel.act, page.is_from_list, page.closed_stamp) == ("", True, 1)
    tab, page = await opened(harness, booking_id, "?do=note")
    await send(harness, tab, note="Nut allergy", tags="beginner, VIP ,, ")
    assert (page.booking.note, page.booking.tags) == ("Nut allergy", ["beginner", "VIP"])
    await tab.fire(State.act_opened, "note")
    assert (page.panel.note, page.panel.tags) == ("Nut allergy", "beginner, VIP")
    await tab.fire(State.panel_closed)
    assert (page.panel.act, page.left_act) == ("", "act-note")
    assert not page.is_from_list, "closing it leads to its button, not to the roster"
    await tab.fire(State.act_opened, "resend")
    await send(harness, tab)
    assert page.notice.text.startswith("The confirmation is on its way to")
    resent = [m for m in (await read_books(harness)).outbox if m.kind == "mail:booked"]
    assert len(resent) == 2


async def test_another_person_takes_part_and_the_payer_stays(harness: Harness):
    _, booking_id = await booked(harness)
    tab, page = await opened(harness, booking_id, "?do=person")
    assert page.panel.act == "change_person"
    await send(harness, tab, name=" ", email="x")
    assert page.panel.problems["name"]
    assert page.panel.problems["email"]
    await send(harness, tab, name="Ada Byron", email="ada@example.test", tell="on")
    assert (page.booking.name, page.booking.contact) == ("Ada Byron", "ada@example.test")
    assert page.booking.paid_by.startswith("Booked and paid by ")


async def test_a_move_is_shown_before_it_is_made(harness: Harness):
    _, booking_id = await booked(harness)
    other = await harness.course(price=eur(35))
    tab, page = await opened(harness, booking_id, "?do=move")
    assert other.id in [one.value for one in page.targets]
    await send(harness, tab)
    assert page.panel.problems["target"] == "Choose the course."
    await tab.fire(State.target_chosen, other.id)
    assert page.plan.effects[0] == "It costs €35.00 there."
    assert [one.value for one in page.plan.differences] == ["give_back", "keep"]
    await send(harness, tab)
    assert page.panel.problems["target"].startswith("Choose what happens")
    assert (await read_books(harness)).refunds == []
    await send(harness, tab, difference="give_back", wish="student")
    assert (page.booking.course, page.booking.kept) == (other.title, "€35.00")
    (refund,) = (await read_books(harness)).refunds
    assert refund.amount == 1000


async def test_a_difference_is_recorded_and_a_full_course_gets_a_place(harness: Harness):
    _, booking_id = await booked(harness)
    full = await harness.course(price=eur(55), capacity=1)
    await harness.confirmed(harness.student("ben"), full)
    tab, page = await opened(harness, booking_id, "?do=move")
    await tab.fire(State.target_chosen, full.id)
    assert page.plan.makes_place
    assert page.plan.effects[0].startswith("The course is full.")
    assert page.plan.differences[1].text.startswith("Record a payment of €10.00")
    await tab.fire(State.difference_chosen, "recorded")
    assert page.plan.difference == "recorded"
    paid = {"difference": "recorded", "method": "transfer", "reference": "R-7"}
    await send(harness, tab, **paid)
    assert page.panel.changed == "All places of the other course are taken."
    await send(harness, tab, **paid, one_more="on", received_on="tomorrow")
    assert page.panel.problems["received_on"]
    await send(harness, tab, **paid, one_more="on")
    assert (page.booking.course, page.booking.kept) == (full.title, "€55.00")
    assert (await harness.course_now(full)).capacity == 2


async def test_an_open_panel_keeps_what_was_typed_when_the_booking_changes(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course, booking_id = await booked(harness)
    tab = a_tab(sockets, f"/manage/bookings/{booking_id}?do=refund")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(State.viewer_arrived)
    page = await tab.state(State)
    await tab.fire(State.amount_typed, "7")
    sockets.asked.clear()
    await pusher.tell(frozenset({topics.roster(course.id)}))
    assert sockets.asked == [("tab-1", push.BOOKING_AGAIN)]
    await services().managed_bookings.set_note(await principal(harness, tab), booking_id, "New")
    await tab.fire(State.changed_elsewhere)
    assert (page.booking.note, page.panel.act, page.panel.amount) == ("New", "refund", "7")
    tab.go("/manage")
    await services().managed_bookings.set_note(await principal(harness, tab), booking_id, "Old")
    await tab.fire(State.changed_elsewhere)
    assert page.booking.note == "New"


async def principal(harness: Harness, tab: Tab) -> Any:
    return (await tab.state(State))._require()


async def test_what_comes_late_or_from_a_student_changes_nothing(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    _, booking_id = await booked(harness)
    tab, page = await opened(harness, booking_id, "?do=note")
    await send(harness, tab, harness.student("sam"), note="Mine")
    assert (await opened(harness, booking_id))[1].booking.note == ""
    tab, page = await opened(harness, booking_id, "?do=note")
    set_note = services().managed_bookings.set_note

    async def late(*arguments: Any) -> Any:
        tab.go("/courses")
        return await set_note(*arguments)

    monkeypatch.setattr(services().managed_bookings, "set_note", late)
    await send(harness, tab, note="Late")
    assert (page.booking.note, page.notice.text) == ("", "")


async def test_a_failure_is_a_sentence_in_the_panel(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    _, booking_id = await booked(harness)
    tab, page = await opened(harness, booking_id, "?do=resend")

    async def fail(*_: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(services().managed_bookings, "resend", fail)
    await send(harness, tab)
    assert (page.panel.act, page.panel.changed) == ("resend", Unavailable.sentence)
    assert page.is_busy is False


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_event_of_a_story_has_its_words(language: str):
    words = i18n.manage_of(language)
    assert set(STORY_FACTS) <= set(words.BOOKING_STORY)


async def test_other_dates_of_the_series_are_offered_first(harness: Harness):
    course, booking_id = await booked(harness)
    for day in range(9):
        await harness.course(starts_in=timedelta(days=1 + day))
    sister = await harness.course(starts_in=timedelta(days=60))
    ids = [course.id, sister.id]
    async with writing(harness.services.context.database) as work:
        in_series = sa.update(Course).where(col(Course.id).in_(ids)).values(series_id="ser_1")
        await work.session.execute(in_series)
    _, page = await opened(harness, booking_id, "?do=move")
    assert page.targets[0].value == sister.id
    assert len(page.targets) == 8
    assert course.id not in [target.value for target in page.targets]


@pytest.mark.parametrize(
    ("language", "by_card", "by_hand"),
    [
        ("en", "Stripe keeps its fee", "What came by hand goes back by hand"),
        ("de", "bleibt bei Stripe", "Was von Hand kam, geht von Hand zurück"),
    ],
)
async def test_a_panel_says_how_the_money_goes_back(
    harness: Harness, language: str, by_card: str, by_hand: str
):
    course, booking_id = await booked(harness)
    path = f"/api/manage/courses/{course.id}/bookings"
    body = {"name": "Gerda Gast", "pay": {"how": "received"}}
    cash = (await harness.post(path, OPERATOR, json=body)).json()["id"]
    for paid, said, unsaid in ((booking_id, by_card, by_hand), (cash, by_hand, by_card)):
        tab, page = await opened(harness, paid, language=language)
        await tab.fire(State.act_opened, "refund")
        assert said in page.panel.arrives
        assert unsaid not in page.panel.arrives
    await harness.worker_round()  # reads the fee
    tab, page = await opened(harness, booking_id, language=language)
    await tab.fire(State.act_opened, "refund")
    assert re.search(r"(fee of €|Gebühr von )\d", page.panel.arrives)


def test_a_fact_is_not_told_twice_in_the_words_of_stripe():
    for language, sentence in (("en", "Refund failed"), ("de", "Erstattung fehlgeschlagen")):
        detail = told_detail("refund_failed", "Stripe says: failed.", "eur", "UTC", language)
        form = i18n.manage_of(language).BOOKING_STORY["refund_failed"]
        assert said_of(form.format(detail=detail, amount=""), detail) == sentence
    assert (
        said_of("Disputed. The bank's reason: general.", "The bank's reason: general.")[-1] == "."
    )
