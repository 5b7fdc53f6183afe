"""One entry of the money inbox, for operators; everybody else is told that there is none."""

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
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PATH = "/manage/inbox/"
NOBODY_S = (Forbidden, InboxEntryNotFound, Unauthenticated)


class InboxEntryState(SessionState):
    """The page of an entry. `face` is `loading`, `content`, `missing` or `error`."""

    face: str = "loading"
    shown_for: str = ""
    shown_path: str = ""
    error: str = ""
    entry: InboxRow = InboxRow()
    notice: Notice = Notice()
    is_busy: bool = False

    @rx.event
    async def page_opened(self) -> None:
        """Show the entry to a person who is known."""
        if self._who():
            await self._open()

    @rx.event
    async def viewer_arrived(self) -> None:
        """Show the entry to the person who is there now."""
        await self._open()

    @rx.event
    async def again_clicked(self) -> None:
        """Try to load once more."""
        await self._open()

    @rx.event(background=True, temporal=True)
    async def act_clicked(
        self, entry_id: str, action: str, amount: int, currency: str, token: str
    ) -> Events:
        """Do what the entry offers, if it still is what the person saw.

        All arguments come from the page that was shown; they are only compared.
        """
        async with self:
            wanted = _wanted(entry_id, action)
            if wanted is None or self.is_busy:
                return
            try:
                who = await self._fresh(token)
            except Unauthenticated:
                yield self._place().go(self._sign_in_way())
                return
            except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
                self.notice = notice_of(problem, self._language())
                return
            self.is_busy, self.notice, place = True, Notice(), self._place()
        seen = _seen(amount, currency) if wanted is InboxAction.REFUND else None
        problem: Exception | None = None
        try:
            await services().inbox.act(who, entry_id, wanted, seen)
        except Exception as found:  # noqa: BLE001 - every problem becomes a sentence
            problem = found
        async with self:
            if self._is_still_at(place):
                self.is_busy = False
                await self._load(who)
                self.notice = notice_of(problem, self._language()) if problem else self._done()

    def _done(self) -> Notice:
        known = self._words()
        text = known.INBOX_ACTED if self.entry.action else known.INBOX_CLOSED_NOW
        return Notice(text, "good")

    async def _open(self) -> None:
        self.notice, self.is_busy = Notice(), False
        await self._load(self._who())
        self.shown_for, self.shown_path = self.viewer, self.router.url.path

    async def _load(self, who: Principal | None) -> None:
        try:
            entry = await self._entry(who)
        except NOBODY_S:
            self.face, self.entry = "missing", InboxRow()
            return
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.face, self.error = "error", sentence_of(problem, self._language())
            return
        self.entry, self.face = money_inbox.inbox_row(entry, self._language()), "content"

    async def _entry(self, who: Principal | None) -> InboxEntryView:
        path = self.router.url.path.rstrip("/")
        asked = validation.identifier(path.removeprefix(PATH)) if path.startswith(PATH) else None
        if who is None or asked is None:
            raise InboxEntryNotFound
        return await services().inbox.entry(who, asked)


def _wanted(entry_id: object, action: object) -> InboxAction | None:
    """Return the action that was pressed, None for what no page would send."""
    if validation.identifier(entry_id) is None or validation.text(action, 20) not in list(
        InboxAction
    ):
        return None
    return InboxAction(str(action))


def _seen(amount: object, currency: object) -> MoneyView:
    """Return the sum that the button named; one that no entry has for what is no sum."""
    is_sum = type(amount) is int and validation.text(currency, 3) is not None
    return MoneyView(int(str(amount)), str(currency)) if is_sum else MoneyView(-1, "")
