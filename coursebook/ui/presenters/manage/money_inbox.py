"""The rows of money inbox entries. Pure; `now` and `language` are arguments."""

from datetime import datetime

from coursebook.cldr import age_text
from coursebook.domain.booking import number_of
from coursebook.domain.inbox import InboxAction
from coursebook.services.views import InboxEntryView, MoneyView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.inbox_details import detail_in, dispute_in
from coursebook.ui.presenters.rows import InboxRow

SIGNS: dict[str, tuple[str, str]] = {
    "payment_differs": ("scale", "warn"),
    "paid_without_booking": ("receipt", "accent"),
    "refund_from_outside": ("undo-2", "accent"),
    "refund_failed": ("undo-2", "bad"),
    "inquiry_open": ("gavel", "accent"),
    "dispute_open": ("gavel", "warn"),
    "dispute_lost": ("gavel", "bad"),
    "dispute_won_late": ("gavel", "accent"),
    "dispute_differs": ("scale", "warn"),
    "given_back_twice": ("copy", "bad"),
    "promise_not_kept": ("mail-warning", "warn"),
    "books_differ": ("scale", "warn"),
    "refund_by_hand": ("banknote", "warn"),
    "part_paid": ("banknote", "accent"),
}
"""The icon and tone of each kind; any other kind has `OTHER_SIGN`."""
OTHER_SIGN = ("receipt", "accent")
BY_HAND = ("refund_by_hand", "part_paid")
"""The kinds that the school itself settles, without Stripe."""


def inbox_row(
    entry: InboxEntryView, now: datetime, zone: str, language: str, *, sees_people: bool
) -> InboxRow:
    """Return the row of one entry, with its moments in the school's zone.

    It links to the booking for whoever may see people.
    """
    words, expect, other = i18n.of(language), entry.expect, entry.other_action
    may_act = entry.action is not None and not (expect and expect.amount == 0)
    sign, tone = SIGNS.get(entry.kind.value, OTHER_SIGN)
    detail, detail_language = detail_in(entry, zone, language)
    return InboxRow(
        id=entry.id,
        sign=sign,
        tone=tone,
        is_by_hand=entry.kind.value in BY_HAND,
        heading=str(i18n.manage_of(language).INBOX_HEADING[entry.kind.value]),
        cause=i18n.text_of(entry.cause, language),
        money=i18n.text_of(entry.money, language),
        detail=detail,
        detail_language=detail_language,
        dispute=dispute_in(entry.detail),
        amount=_amount(entry, language),
        student=entry.student,
        course=entry.course,
        number=number_of(entry.booking_id) if entry.booking_id else "",
        booking_href=f"/manage/bookings/{entry.booking_id}"
        if entry.booking_id and sees_people
        else "",
        since=say.moment(entry.created_at, zone, language),
        age=age_text(now - entry.created_at, language),
        state=state_words(entry, language),
        act=_act(entry, language) if may_act else "",
        act_means=words.INBOX_ACT_MEANS[entry.action.value] if entry.action else "",
        action=entry.action.value if entry.action else "",
        other_act=str(words.INBOX_ACT[other.value]) if other and may_act else "",
        other_action=other.value if other else "",
        expect_amount=expect.amount if expect else 0,
        expect_currency=expect.currency if expect else "",
    )


def state_words(entry: InboxEntryView, language: str) -> str:
    """Return the state of an entry in words: begun, or closed and how; "" while it is open."""
    words = i18n.of(language)
    if entry.resolution is not None:
        return str(words.INBOX_CLOSED[entry.resolution.value].format(note=entry.note or ""))
    return str(words.INBOX_BEGUN) if entry.acted_at else ""


def done_words(entry: InboxEntryView, refund: MoneyView | None, language: str) -> str:
    """Return what came of an action; `refund` is the sum that it gave back."""
    words = i18n.of(language)
    closed = str(words.INBOX_ACTED if entry.action else words.INBOX_CLOSED_NOW)
    if refund is None:
        return closed
    amount = say.money(refund.amount, refund.currency, language)
    return f"{i18n.manage_of(language).INBOX_GIVEN_BACK.format(amount=amount)} {closed}"


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
