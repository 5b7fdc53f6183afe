"""The row of a money inbox entry. Pure; `language` is an argument."""

from coursebook.domain.inbox import InboxAction
from coursebook.services.views import InboxEntryView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.rows import InboxRow

ZONE = "UTC"
"""UTC, because operators compare the times with the log and Stripe's dashboard."""


def inbox_row(entry: InboxEntryView, language: str) -> InboxRow:
    """Return the row of one entry for its page."""
    words, expect = i18n.of(language), entry.expect
    may_act = entry.action is not None and not (expect and expect.amount == 0)
    return InboxRow(
        id=entry.id,
        cause=i18n.text_of(entry.cause, language),
        money=i18n.text_of(entry.money, language),
        detail=entry.detail,
        amount=_amount(entry, language),
        student=entry.student,
        course=entry.course,
        since=say.moment(entry.created_at, ZONE, language),
        state=state_words(entry, language),
        act=_act(entry, language) if may_act else "",
        act_means=words.INBOX_ACT_MEANS[entry.action.value] if entry.action else "",
        action=entry.action.value if entry.action else "",
        expect_amount=expect.amount if expect else 0,
        expect_currency=expect.currency if expect else "",
    )


def state_words(entry: InboxEntryView, language: str) -> str:
    """Return the state of an entry in words: begun, or closed and how; "" while it is open."""
    words = i18n.of(language)
    if entry.resolution is not None:
        return str(words.INBOX_CLOSED[entry.resolution.value].format(note=entry.note or ""))
    return str(words.INBOX_BEGUN) if entry.acted_at else ""


def _act(entry: InboxEntryView, language: str) -> str:
    """Return the text of the button, with the sum of a refund."""
    words = i18n.of(language)
    if entry.action is InboxAction.REFUND and entry.expect:
        amount = say.money(entry.expect.amount, entry.expect.currency, language)
        return str(words.INBOX_GIVE_BACK.format(amount=amount))
    return str(words.INBOX_ACT[entry.action.value]) if entry.action else ""


def _amount(entry: InboxEntryView, language: str) -> str:
    if entry.amount is None:
        return ""
    return say.money(entry.amount.amount, entry.amount.currency, language)
