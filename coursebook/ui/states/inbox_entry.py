"""One entry of the money inbox, for operators; anyone else sees the page of a missing entry."""

import reflex as rx

from coursebook.domain.inbox import InboxAction
from coursebook.errors import Forbidden, InboxEntryNotFound, Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.services.views import InboxEntryView, MoneyView
from coursebook.ui import validation
from coursebook.ui.presenters import money_inbox
from coursebook.ui.presenters.rows import InboxRow, Notice
from coursebook.ui.states.error_messages import notice_of, sentence_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.personal_page import PersonalPageState
from coursebook.ui.states.session import SessionState
from coursebook.ui.states.single_action import SingleActionState
from coursebook.wiring import services

PATH = "/manage/inbox/"
NOT_FOUND = (Forbidden, InboxEntryNotFound, Unauthenticated)


class InboxEntryState(PersonalPageState, SingleActionState, SessionState):
    """The page of an entry. `view_state` is `loading`, `content`, `missing` or `error`."""

    shown_path: str = ""
    entry: InboxRow = InboxRow()

    @rx.event(background=True, temporal=True)
    async def act_clicked(
        self, entry_id: str, action: str, amount: int, currency: str, token: str
    ) -> Events:
        """Carry out the action that the entry offers, if it is still the one that was shown.

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
            binding = self._page_binding()
        shown_sum = _shown_sum(amount, currency) if inbox_action is InboxAction.REFUND else None
        failure: Exception | None = None
        try:
            await services().inbox.act(who, entry_id, inbox_action, shown_sum)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            failure = error
        async with self:
            if self._is_still_at(binding):
                self.is_busy = False
                await self._load(who)
                self.notice = notice_of(failure, self._language()) if failure else self._done()

    def _done(self) -> Notice:
        words = self._words()
        text = words.INBOX_ACTED if self.entry.action else words.INBOX_CLOSED_NOW
        return Notice(text, "good")

    async def _open(self) -> None:
        self.notice, self.is_busy = Notice(), False
        await self._load(self._who())
        self.shown_for, self.shown_path = self.viewer, self.router.url.path

    async def _load(self, who: Principal | None) -> None:
        try:
            entry = await self._entry(who)
        except NOT_FOUND:
            self.view_state, self.entry = "missing", InboxRow()
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.view_state, self.error = "error", sentence_of(error, self._language())
            return
        self.entry, self.view_state = money_inbox.inbox_row(entry, self._language()), "content"

    async def _entry(self, who: Principal | None) -> InboxEntryView:
        path = self.router.url.path.rstrip("/")
        entry_id = validation.identifier(path.removeprefix(PATH)) if path.startswith(PATH) else None
        if who is None or entry_id is None:
            raise InboxEntryNotFound
        return await services().inbox.entry(who, entry_id)


def _inbox_action(entry_id: object, action: object) -> InboxAction | None:
    """Return the action that was clicked; None for arguments that no page sends."""
    if validation.identifier(entry_id) is None or validation.text(action, 20) not in list(
        InboxAction
    ):
        return None
    return InboxAction(str(action))


def _shown_sum(amount: object, currency: object) -> MoneyView:
    """Return the sum on the button; for invalid arguments a sum that no entry has."""
    is_sum = type(amount) is int and validation.text(currency, 3) is not None
    return MoneyView(int(str(amount)), str(currency)) if is_sum else MoneyView(-1, "")
