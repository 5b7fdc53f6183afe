"""`/manage/money`: the inbox as a list, for whom, with its actions, and live."""

import ast
import inspect
from collections.abc import Iterator

import pytest

from coursebook.domain.inbox import InboxKind
from coursebook.live import topics
from coursebook.mail.kinds import MailKind
from coursebook.services.outbox.told_teachers import TeacherMail
from coursebook.services.reconciliation import comparisons, payouts, stages
from coursebook.services.waiting_list.mail_kinds import WaitingMail
from coursebook.ui import i18n
from coursebook.ui.kit.console import todo
from coursebook.ui.live import push
from coursebook.ui.presenters.manage import inbox_details
from coursebook.ui.presenters.manage.money_inbox import SIGNS
from coursebook.ui.states.manage.money import MoneyState
from coursebook.ui.states.manage.today import TodayState
from tests.contract.test_api_inbox import entries, outside, paid_otherwise
from tests.contract.test_api_team import join
from tests.support.booking_invariants import read_books
from tests.support.harness import OPERATOR, Harness, Student
from tests.ui.sockets import Sockets, a_tab
from tests.ui.tabs import Tab

LONGEST_HEADING = 40
MANY_CAUSES = 30


async def opened(
    harness: Harness, who: Student | None = OPERATOR, language: str = ""
) -> tuple[Tab, MoneyState]:
    tab = Tab("/manage/money", language)
    if who is not None:
        await tab.sign_in(harness, who)
    await tab.fire(MoneyState.viewer_arrived)
    return tab, await tab.state(MoneyState)


async def press(harness: Harness, tab: Tab, page: MoneyState, who: Student = OPERATOR) -> None:
    row = page.misplaced[0]
    values = (row.id, row.action, row.expect_amount, row.expect_currency)
    await tab.fire(MoneyState.act_clicked, *values, await harness.token(who))


async def test_an_empty_inbox_has_nothing_and_no_count(harness: Harness):
    _, page = await opened(harness)
    assert (page.view_state, page.misplaced, page.by_hand) == ("content", [], [])
    assert page.inbox_count == ""


async def test_an_entry_has_its_sum_its_people_and_one_button(harness: Harness):
    await outside(harness, 500)
    _, page = await opened(harness)
    (row,) = page.misplaced
    assert row.heading == "Given back in Stripe's dashboard"
    assert (row.cause, row.amount) == ("Money was given back in Stripe's dashboard.", "€5.00")
    assert (row.act, row.sign, row.age) == ("Leave it as it is", "undo-2", "1 minute")
    assert row.student
    assert row.course
    assert row.number.startswith("CB-")
    assert row.booking_href.startswith("/manage/bookings/bkg_")
    assert page.inbox_count == "1"
    tab = Tab("/manage")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(TodayState.viewer_arrived)
    assert (await tab.state(TodayState)).inbox_count == "1"


async def test_acting_closes_it_and_acting_again_is_refused_once(harness: Harness):
    await paid_otherwise(harness, amount_total=9900)
    tab, page = await opened(harness)
    other, second = await opened(harness)
    await press(harness, tab, page)
    assert page.notice.text == "€45.00 is on its way back. Done. This entry is closed."
    assert (page.misplaced, page.is_busy, page.busy_id, page.inbox_count) == ([], False, "", "")
    assert len(second.misplaced) == 1, "that tab still shows it"
    await press(harness, other, second)
    assert (second.notice.text, second.misplaced) == ("This entry is already closed.", [])
    (refund,) = (await read_books(harness)).refunds
    assert refund.amount == 4500


async def test_it_is_closed_by_hand_with_a_note(harness: Harness):
    await outside(harness, 500)
    tab, page = await opened(harness)
    entry_id, token = page.misplaced[0].id, await harness.token(OPERATOR)
    for note in ("", "   ", "x" * 501):
        await tab.fire(MoneyState.note_sent, token, {"entry": entry_id, "note": note})
        assert list(page.note_problems) == [entry_id]
        assert len(page.misplaced) == 1
    for strange in ({}, {"entry": "../x", "note": "n"}, {"note": "n"}, None):
        await tab.fire(MoneyState.note_sent, token, strange)
    assert len(await entries(harness)) == 1
    await tab.fire(MoneyState.note_sent, token, {"entry": entry_id, "note": "Paid in cash"})
    assert (page.misplaced, page.notice.tone, page.note_problems) == ([], "good", {})
    assert await entries(harness) == []


async def test_who_sees_money_reads_it_and_only_who_moves_money_acts(harness: Harness):
    await outside(harness, 500)
    ari, _ = await join(harness, "ari", "accountant")
    tab, page = await opened(harness, ari)
    assert (len(page.misplaced), page.may_act) == (1, False)
    assert page.misplaced[0].booking_href == "", "an accountant sees no people"
    await press(harness, tab, page, ari)
    assert page.notice.tone == "bad"
    note = {"entry": page.misplaced[0].id, "note": "n"}
    await tab.fire(MoneyState.note_sent, await harness.token(ari), note)
    assert len(await entries(harness)) == 1
    course = await harness.course()
    thea, _ = await join(harness, "thea", "teacher", course.id)
    for who in (thea, harness.student("sam"), None):
        _, hidden = await opened(harness, who)
        assert (hidden.view_state, hidden.misplaced, hidden.inbox_count) == ("missing", [], "")


async def test_a_new_entry_reaches_an_open_page(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    tab = a_tab(sockets, "/manage/money")
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(MoneyState.viewer_arrived)
    sockets.asked.clear()
    await outside(harness, 500)
    await pusher.tell(frozenset({topics.INBOX}))
    assert sockets.asked == [("tab-1", push.INBOX_AGAIN)]
    await tab.fire(MoneyState.changed_elsewhere)
    page = await tab.state(MoneyState)
    assert (len(page.misplaced), page.inbox_count) == (1, "1")
    tab.go("/courses")
    await tab.fire(MoneyState.changed_elsewhere)
    assert len(page.misplaced) == 1


async def test_more_entries_follow_the_first_ones(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    await outside(harness, 500)
    await paid_otherwise(harness, amount_total=9900)
    monkeypatch.setattr("coursebook.ui.states.manage.money.PAGE_SIZE", 1)
    tab, page = await opened(harness)
    assert (len(page.misplaced), page.has_more) == (1, True)
    await tab.fire(MoneyState.more_clicked)
    assert (len({row.id for row in page.misplaced}), page.has_more) == (2, False)


async def test_the_facts_are_in_german(harness: Harness):
    await outside(harness, 500)
    await paid_otherwise(harness, amount_total=9900)
    _, page = await opened(harness, language="de")
    details = {row.detail for row in page.misplaced}
    differs = "Stripe hat 99,00\u00a0€ eingenommen (Zahlung, Testbetrieb), verlangt hatten wir "
    went_back = "5,00\u00a0€ gingen über das Dashboard von Stripe zurück. Bleibt der Platz belegt?"
    assert details == {went_back, differs + "45,00\u00a0€."}
    assert {row.detail_language for row in page.misplaced} == {"de"}


def test_sentences_of_facts_are_taken_apart():
    dispute = (
        "A dispute about €45.00, product not received: dp_1. Answer it in Stripe's dashboard "
        "before 2026-12-14 23:59 UTC. We know of CHF 20.00."
    )
    german, language = in_german(dispute)
    assert language == "de"
    assert german == (
        "Eine Anfechtung über 45,00\u00a0€, Grund: Leistung nicht erhalten. Antworten Sie im "
        "Dashboard von Stripe bis Di., 15. Dezember 2026, 08:59 Uhr, Ortszeit Tokio. Wir wissen "
        "von 20,00\u00a0CHF."
    )
    assert inbox_details.text_in(dispute, "eur", "Asia/Tokyo", "en")[0] == (
        "A dispute about €45.00: product not received. Answer it in Stripe's dashboard before "
        "Tue 15 Dec 2026, 08:59, Tokyo time. We know of CHF\u00a020.00."
    )
    assert inbox_details.dispute_in(dispute) == "dp_1"
    assert inbox_details.dispute_in("One place was paid for twice.") == ""
    part = "€20.00 of €45.00 came by hand, and the time to pay is over."
    assert in_german(part)[0].startswith("20,00\u00a0€ von 45,00\u00a0€ kamen von Hand")
    mail = "The mail “booked” could not be sent: 550 No such user."
    assert (
        in_german(mail)[0]
        == "Die Mail „Buchung bestätigt“ konnte nicht gesendet werden: 550 No such user."
    )
    failed = "A refund of €1,234.50 failed: expired_or_canceled_card. "
    assert in_german(failed + "The student has to be paid in another way.")[0] == (
        "Eine Erstattung von 1.234,50\u00a0€ ist fehlgeschlagen: Karte abgelaufen oder "
        "gekündigt. Das Geld muss auf einem anderen Weg zurück."
    )


def test_facts_that_nobody_has_translated_stay_english_and_say_so():
    assert in_german("Something else happened.") == ("Something else happened.", "en")
    mixed = "One place was paid for twice. Something else happened."
    assert in_german(mixed) == (mixed, "en")


def test_each_sign_of_a_kind_can_be_drawn():
    assert {sign for sign, _ in SIGNS.values()} <= set(todo.SIGNS)
    assert {tone for _, tone in SIGNS.values()} <= set(todo.TONES)


def in_german(detail: str) -> tuple[str, str]:
    return inbox_details.text_in(detail, "eur", "Asia/Tokyo", "de")


def test_each_difference_that_the_comparison_finds_is_told_in_german():
    causes = [
        cause
        for module in (comparisons, payouts, stages)
        for cause in sentences_in(inspect.getsource(module))
    ]
    assert len(causes) > MANY_CAUSES
    assert [cause for cause in causes if in_german(cause)[1] != "de"] == []


def sentences_in(source: str) -> Iterator[str]:
    """Yield the sentences that a module writes, with €1.00 for each value in them."""
    nodes = list(ast.walk(ast.parse(source)))
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    texts = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
    for node in nodes:
        pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(
            str(piece.value) if isinstance(piece, ast.Constant) else "€1.00" for piece in pieces
        )
        is_text = isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and id(node) not in parts | texts
        )
        if is_text and text.endswith(".") and " " in text:
            yield text


def test_each_kind_of_mail_has_a_name_in_every_language():
    kinds = {kind.value for kind in (*MailKind, *WaitingMail, *TeacherMail)}
    for language in i18n.LANGUAGES:
        names = i18n.manage_of(language).MAIL_NAME
        assert {kind.removeprefix("mail:") for kind in kinds} <= set(names)


def test_each_kind_has_a_heading_of_one_line_in_every_language():
    for language in i18n.LANGUAGES:
        headings = i18n.manage_of(language).INBOX_HEADING
        assert set(headings) == {kind.value for kind in InboxKind}
        assert max(map(len, headings.values())) <= LONGEST_HEADING
