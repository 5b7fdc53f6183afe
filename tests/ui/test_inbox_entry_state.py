"""The page of a money inbox entry: access, content and its action."""

from email import message_from_string
from email.policy import default

import pytest

from coursebook.domain.inbox import CAUSE, MONEY, InboxAction, InboxKind, Resolution
from coursebook.ui import i18n
from coursebook.ui.ssr.shells import Shells
from coursebook.ui.states.manage.inbox_entry import InboxEntryState
from tests.contract.test_api_inbox import entries, outside, paid_otherwise
from tests.support.booking_invariants import read_books
from tests.support.harness import OPERATOR, Harness, Student
from tests.ui.tabs import Tab


async def opened(harness: Harness, who: Student | None, entry_id: str, language: str = "") -> Tab:
    tab = Tab(f"/manage/inbox/{entry_id}", language)
    if who is not None:
        await tab.sign_in(harness, who)
    await tab.fire(InboxEntryState.viewer_arrived)
    return tab


async def pressed(
    harness: Harness, tab: Tab, who: Student = OPERATOR, **other: object
) -> list[str]:
    """Press the button with the shown values, or with others."""
    row = (await tab.state(InboxEntryState)).entry
    said = {
        "id": row.id,
        "action": row.action,
        "amount": row.expect_amount,
        "currency": row.expect_currency,
        **other,
    }
    return await tab.fire(InboxEntryState.act_clicked, *said.values(), await harness.token(who))


async def test_an_operator_reads_cause_money_and_amount_in_words(harness: Harness):
    await outside(harness, 500)
    (entry,) = await entries(harness)
    page = await (await opened(harness, OPERATOR, entry["id"])).state(InboxEntryState)
    assert page.view_state == "content"
    assert (page.entry.cause, page.entry.money) == (entry["cause"], entry["money"])
    assert page.entry.amount == "€5.00"
    assert page.entry.detail == entry["detail"]
    assert "minor units" not in page.entry.detail
    assert page.entry.act == "Leave it as it is"


async def test_it_is_told_in_german_too(harness: Harness):
    await outside(harness, 500)
    (entry,) = await entries(harness)
    page = await (await opened(harness, OPERATOR, entry["id"], "de")).state(InboxEntryState)
    assert page.entry.cause == "Im Dashboard von Stripe wurde Geld zurückgegeben."
    assert page.entry.amount == "5,00\N{NO-BREAK SPACE}€"
    assert page.entry.act == "So lassen"


async def test_for_everybody_else_there_is_no_such_page(harness: Harness):
    await outside(harness, 500)
    (entry,) = await entries(harness)
    for who, asked in (
        (harness.student("sam"), entry["id"]),
        (None, entry["id"]),
        (OPERATOR, "inb_x"),
        (OPERATOR, "a.b"),
        (OPERATOR, ""),
    ):
        page = await (await opened(harness, who, asked)).state(InboxEntryState)
        assert page.view_state == "missing", (who, asked)
        assert not any(vars(page.entry)[name] for name in ("cause", "detail", "amount", "student"))


async def test_its_action_gives_back_the_sum_on_the_button(harness: Harness):
    await paid_otherwise(harness, amount_total=9900)
    (entry,) = await entries(harness)
    tab = await opened(harness, OPERATOR, entry["id"])
    page = await tab.state(InboxEntryState)
    assert page.entry.act.startswith("Give back €")
    shown = page.entry.expect_amount
    await pressed(harness, tab)
    (refund,) = (await read_books(harness)).refunds
    assert refund.amount == shown
    assert page.notice.tone == "good"
    assert (page.entry.act, page.entry.state) == ("", "Closed: its action was done.")


async def test_an_action_that_moves_no_money_closes_the_entry(harness: Harness):
    await outside(harness, 500)
    (entry,) = await entries(harness)
    tab = await opened(harness, OPERATOR, entry["id"])
    await pressed(harness, tab)
    page = await tab.state(InboxEntryState)
    assert page.notice.text == "Done. This entry is closed."
    assert await entries(harness) == []


async def test_another_sum_than_on_the_button_moves_nothing(harness: Harness):
    await paid_otherwise(harness, amount_total=9900)
    (entry,) = await entries(harness)
    tab = await opened(harness, OPERATOR, entry["id"])
    for other in ({"amount": 1}, {"amount": 0, "currency": ""}, {"currency": "usd"}):
        await pressed(harness, tab, **other)
        assert "amount has changed" in (await tab.state(InboxEntryState)).notice.text
    for strange in ({"amount": "4500"}, {"currency": 5}, {"action": "x"}, {"id": "../x"}):
        await pressed(harness, tab, **strange)
    assert (await read_books(harness)).refunds == []


async def test_an_answer_that_comes_late_changes_nothing_on_another_page(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    await outside(harness, 500)
    (entry,) = await entries(harness)
    tab, act = await opened(harness, OPERATOR, entry["id"]), harness.services.inbox.act

    async def acts_late(*arguments: object) -> object:
        done = await act(*arguments)  # type: ignore[arg-type]
        tab.go("/courses")
        return done

    monkeypatch.setattr(harness.services.inbox, "act", acts_late)
    before = (await tab.state(InboxEntryState)).entry
    await pressed(harness, tab)
    page = await tab.state(InboxEntryState)
    assert (page.entry, page.notice.text) == (before, "")


async def test_a_student_who_presses_it_does_nothing(harness: Harness):
    await paid_otherwise(harness, amount_total=9900)
    (entry,) = await entries(harness)
    tab = await opened(harness, OPERATOR, entry["id"])
    await pressed(harness, tab, harness.student("sam"))
    assert (await read_books(harness)).refunds == []
    assert len(await entries(harness)) == 1
    sent = await tab.fire(
        InboxEntryState.act_clicked, entry["id"], entry["action"], 4500, "eur", ""
    )
    assert sent == [f"/sign-in?next=/manage/inbox/{entry['id']}"]


async def test_the_mail_to_operators_leads_to_the_page(harness: Harness):
    """The link must not lead to JSON or a 401."""
    await outside(harness, 500)
    (entry,) = await entries(harness)
    operators = harness.services.outbox._operators
    harness.services.outbox._operators = ("money@school.test",)
    try:
        await harness.worker_round()
    finally:
        harness.services.outbox._operators = operators
    mails = await harness.mails(Student("money@school.test"))
    [text] = [
        message_from_string(m["raw"], policy=default).get_body(("plain",)).get_content()
        for m in mails
        if entry["id"] in m["raw"]
    ]
    public = harness.services.settings.public_url
    assert f"{public}/manage/inbox/{entry['id']}" in text
    assert "/api/" not in text
    assert "€5.00" in text
    assert "minor units" not in text


def test_its_address_is_a_page_in_every_language():
    shells = Shells(lambda *_: None, frozenset(), frozenset(), lambda: "")  # type: ignore[arg-type]
    assert shells._shell_path("/manage/inbox/inb_1", "en") == "/manage-inbox-entry_key.html"
    assert shells._shell_path("/manage/inbox/inb_1", "de") == "/_de/manage-inbox-entry_key.html"
    for other in ("/manage/inbox", "/manage/inbox/a.b", "/manage/inbox/a/b", "/manage/x/inb_1"):
        assert shells._shell_path(other, "en") is None


def test_every_kind_and_action_has_its_words():
    for language in i18n.LANGUAGES:
        known = i18n.of(language)
        assert set(known.INBOX_CAUSE) == set(known.INBOX_MONEY) == {k.value for k in InboxKind}
        assert set(known.INBOX_ACT) == set(known.INBOX_ACT_MEANS) == {a.value for a in InboxAction}
        assert set(known.INBOX_CLOSED) == {r.value for r in Resolution}
    english = i18n.of("en")
    for kind in InboxKind:
        assert english.INBOX_CAUSE[kind.value] == CAUSE[kind]
        assert english.INBOX_MONEY[kind.value] == MONEY[kind]
