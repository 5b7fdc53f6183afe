"""What can be done with an entry of the money inbox, on its own page and in the list."""

from collections.abc import Awaitable, Callable

import reflex as rx

from coursebook.domain.inbox import InboxAction
from coursebook.identity.principal import Principal
from coursebook.services.views import InboxEntryView, MoneyView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters.manage.money_inbox import done_words
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.single_action import SingleActionState
from coursebook.wiring import services

MAX_NOTE = 500
GIVES_BACK = (InboxAction.REFUND, InboxAction.GIVEN_BACK)
"""The actions after which the page says what was given back."""
WITH_SUM = (*GIVES_BACK, InboxAction.GIVE_PLACE, InboxAction.GIVE_BACK)
"""The actions that are refused when another sum than the one that was shown is there."""
Act = Callable[[Principal], Awaitable[InboxEntryView]]


class InboxActionState(SingleActionState, mixin=True):
    """Mixed into a `ManageState` that shows entries. `busy_id` is the entry that is acted on.

    The focus goes to the notice when `notice_stamp` changes. `note_problems` has a sentence for
    each entry whose note was refused.
    """

    busy_id: str = ""
    notice_stamp: int = 0
    note_problems: dict[str, str] = {}

    @rx.event(background=True, temporal=True)
    async def act_clicked(
        self, entry_id: str, action: str, amount: int, currency: str, token: str
    ) -> Events:
        """Carry out the action that an entry offers, if it is still the one that was shown.

        The arguments come from the page; they are only compared with the stored entry.
        """
        async with self:
            inbox_action = _inbox_action(entry_id, action)
            if inbox_action is None or self.is_busy:
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            self.busy_id, binding = entry_id, self._page_binding()
        sum_shown = shown_sum(amount, currency) if inbox_action in WITH_SUM else None
        view, failure = await _outcome(
            lambda who: services().inbox.act(who, entry_id, inbox_action, sum_shown), who
        )
        given_back = sum_shown if inbox_action in GIVES_BACK else None
        async with self:
            if self._is_still_at(binding):
                await self._finish(view, failure, given_back)

    @rx.event(background=True, temporal=True)
    async def note_sent(self, token: str, texts: dict[str, str]) -> Events:
        """Close an entry that was handled by hand; the note says how."""
        async with self:
            answer = validation.texts(texts) or {}
            entry_id = validation.identifier(answer.get("entry"))
            if entry_id is None or self.is_busy:
                return
            note = answer.get("note", "").strip()
            if not note or len(note) > MAX_NOTE:
                words = i18n.manage_of(self._language())
                text = words.INBOX_NOTE_LONG if note else words.INBOX_NOTE_MISSING
                self.note_problems = {entry_id: str(text)}
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            self.busy_id, binding = entry_id, self._page_binding()
        view, failure = await _outcome(
            lambda who: services().inbox.resolve(who, entry_id, note), who
        )
        async with self:
            if self._is_still_at(binding):
                await self._finish(view, failure, None)

    async def _finish(
        self, view: InboxEntryView | None, failure: Exception | None, sum_shown: MoneyView | None
    ) -> None:
        """Show the entries as they are now, and what came of the action."""
        await self._open()
        self.is_busy, self.busy_id = False, ""
        language = self._language()
        if view is not None:
            self.notice = Notice(done_words(view, sum_shown, language), "good")
        elif failure is not None:
            self.notice = notice_of(failure, language)
        self.notice_stamp += 1


async def _outcome(act: Act, who: Principal) -> tuple[InboxEntryView | None, Exception | None]:
    try:
        return await act(who), None
    except Exception as error:  # noqa: BLE001 - every error becomes a sentence
        return None, error


def _inbox_action(entry_id: object, action: object) -> InboxAction | None:
    """Return the action that was clicked; None for arguments that no page sends."""
    if validation.identifier(entry_id) is None or validation.text(action, 20) not in list(
        InboxAction
    ):
        return None
    return InboxAction(str(action))


def shown_sum(amount: object, currency: object) -> MoneyView:
    """Return the sum on the button; for invalid arguments a sum that no entry has."""
    is_sum = type(amount) is int and validation.text(currency, 3) is not None
    return MoneyView(int(str(amount)), str(currency)) if is_sum else MoneyView(-1, "")
