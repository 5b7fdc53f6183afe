"""`/manage/bookings/{id}`: one booking, its story, its money, and what can be done with it."""

from contextlib import suppress
from dataclasses import replace
from urllib.parse import unquote

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.errors import ChangedMeanwhile, CoursebookError
from coursebook.identity.principal import Principal
from coursebook.services.manage.booking_views import BookingAct, ManagedBookingView
from coursebook.ui import i18n, subscriptions, validation
from coursebook.ui.presenters.manage import booking_panel
from coursebook.ui.presenters.manage.booking_move import MovePlan
from coursebook.ui.presenters.manage.booking_panel import ActPanel, BookingFigures
from coursebook.ui.presenters.manage.booking_rows import (
    PAGE,
    ManagedBookingRow,
    managed_booking_row,
)
from coursebook.ui.presenters.manage.service_sentences import sentence_in
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.manage.base import HIDDEN, ManageState
from coursebook.ui.states.manage.booking_move import BookingMoveState
from coursebook.ui.states.manage.booking_save import ActOutcome, act_on, moved_by
from coursebook.ui.states.session import SessionState
from coursebook.ui.states.single_action import SingleActionState
from coursebook.wiring import services

MAX_AMOUNT_LENGTH = 30
SHORT_NAMES = {"person": BookingAct.CHANGE_PERSON.value}
"""The acts that have another name in addresses."""


class ManagedBookingState(BookingMoveState, ManageState, SingleActionState, SessionState):
    """One booking. `panel` is the act that is asked about, opened by a click or by `?do=`.

    `is_from_list`: the address had opened it, as the menu of a row of the roster does. Closing it
    then leads back to that row.

    The focus goes to the panel when it opens, to the act `left_act` when it is closed
    (`closed_stamp`), to the summary of mistakes when it is refused (`refused_stamp`), and to the
    notice when it is done (`done_stamp`).
    """

    booking: ManagedBookingRow = ManagedBookingRow()
    panel: ActPanel = ActPanel()
    is_from_list: bool = False
    left_act: str = ""
    closed_stamp: int = 0
    refused_stamp: int = 0
    done_stamp: int = 0

    _figures: BookingFigures = BookingFigures()
    _course: str = ""

    @rx.event
    async def act_opened(self, act: str) -> None:
        """Ask about an act, with the sums as they are now."""
        try:
            booking = await services().managed_bookings.get(self._require(), self._booking_id())
        except HIDDEN:
            await self._open()
            return
        except CoursebookError as error:
            self.notice = notice_of(error, self._language())
            return
        self.notice = Notice()
        self._show(booking)
        self.is_from_list = False
        await self._ask(act, booking)

    @rx.event
    async def panel_closed(self) -> None:
        """Do nothing with the booking."""
        self.left_act = f"act-{self.panel.act}"
        self.panel = ActPanel(stamp=self.panel.stamp)
        self.closed_stamp += 1

    @rx.event(supersedes=True)
    async def amount_typed(self, text: str) -> None:
        """Show what the typed amount comes to."""
        typed = validation.text(text, MAX_AMOUNT_LENGTH)
        if typed is not None:
            self.panel = booking_panel.amount_typed(
                self.panel, typed, self._figures, self._language()
            )

    @rx.event
    async def share_picked(self, share: str) -> None:
        """Put half, all, or the part of one meeting into the amount."""
        if validation.text(share, MAX_AMOUNT_LENGTH) is not None:
            self.panel = booking_panel.share_picked(
                self.panel, share, self._figures, self._language()
            )

    @rx.event
    async def choice_made(self, choice: str) -> None:
        """Show what goes back on cancelling by a choice."""
        if validation.text(choice, MAX_AMOUNT_LENGTH) is not None:
            self.panel = booking_panel.choice_made(
                self.panel, choice, self._figures, self._language()
            )

    @rx.event
    async def place_chosen(self, place: str) -> None:
        """Remember whether the person keeps the place after a refund."""
        if validation.text(place, MAX_AMOUNT_LENGTH) is not None:
            self.panel = booking_panel.place_chosen(
                self.panel, place, self._figures, self._language()
            )

    @rx.event(background=True, temporal=True)
    async def act_sent(self, token: str, texts: dict[str, str]) -> Events:
        """Do what the panel asks, bound to the sums that it showed. What was typed stays."""
        async with self:
            answer = validation.texts(texts)
            if answer is None or not self.panel.act or self.is_busy:
                return
            who, sign_in = await self._start_action(token)
            if who is None:
                yield sign_in
                return
            figures, binding, booking_id = self._figures, self._page_binding(), self._booking_id()
            panel = booking_panel.answered(self.panel, answer, figures, self._language())
            plan = self.plan
        outcome = await act_on(who, booking_id, panel, figures, {**answer, **moved_by(plan)})
        async with self:
            if self._is_still_at(binding):
                self.is_busy = False
                await self._finish(outcome, who, panel)

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Read the booking again, because it has changed. An open panel keeps what was typed.

        The server calls it; anybody may. It shows what the person may see now.
        """
        is_shown = self.view_state == "content" and self.shown_path == self.router.url.path
        if not is_shown or self._booking_id() == "-" or self._who() is None or self.is_busy:
            return
        try:
            booking = await services().managed_bookings.get(self._require(), self._booking_id())
        except HIDDEN:
            await self._open()
        except CoursebookError:
            return  # the next change, or the person, loads again
        else:
            self._show(booking)

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.SEE_PEOPLE)
        booking = await services().managed_bookings.get(who, self._booking_id())
        self.notice, self.is_busy = Notice(), False
        self.panel = ActPanel(stamp=self.panel.stamp)
        self._show(booking)
        await self._ask(self._asked_act(), booking)
        self.is_from_list = bool(self.panel.act)
        subscriptions.watch_managed(self._tab(), [booking.course.id], "booking")

    def _show(self, booking: ManagedBookingView) -> None:
        now, language = services().clock(), self._language()
        self.booking = managed_booking_row(booking, now, language)
        self._course = booking.course.id
        self._figures = booking_panel.figures_of(booking)

    async def _ask(self, act: str, booking: ManagedBookingView) -> None:
        """Open the panel of an act that is possible for this person now."""
        if self.booking.acts.get(act) != "":
            return
        stamp = self.panel.stamp + 1
        self.plan, self.targets = MovePlan(), []
        if act == BookingAct.MOVE.value:
            with suppress(CoursebookError):  # the search field finds them
                await self._find_targets(self._require(), "")
        self.panel = booking_panel.panel_of(act, booking, stamp, self._language())

    async def _finish(self, outcome: ActOutcome, who: Principal, panel: ActPanel) -> None:
        language = self._language()
        if outcome.booking is not None:
            self._show(outcome.booking)
            self.panel, self.is_from_list = ActPanel(stamp=self.panel.stamp), False
            form = i18n.manage_of(language).ACT_DONE_FORM[_done(outcome.done or panel.act, panel)]
            text = form.format(amount=panel.goes_back, name=panel.name)
            self.notice = Notice(text, "good")
            self.done_stamp += 1
            return
        if not outcome.problems:
            await self._refuse(outcome.failure, who)
            return
        mistakes = i18n.manage_of(language).BOOKING_MISTAKE
        problems = dict.fromkeys(booking_panel.FIELDS, "")
        for name, text in outcome.problems.items():
            problems[name] = mistakes.get(text) or sentence_in(text, language)
        self.panel = replace(self.panel, problems=problems, changed="")
        self.refused_stamp += 1

    async def _refuse(self, failure: Exception | None, who: Principal) -> None:
        """Say why nothing was done; after a change elsewhere with the sums of now."""
        if isinstance(failure, HIDDEN):
            await self._open()
            return
        if failure is None:
            return
        notice = notice_of(failure, self._language())
        if isinstance(failure, ChangedMeanwhile):
            try:
                self._show(await services().managed_bookings.get(who, self._booking_id()))
            except CoursebookError as error:
                notice = notice_of(error, self._language())
            self.panel = booking_panel.with_figures(self.panel, self._figures, self._language())
        self.panel = replace(self.panel, changed=notice.text)
        self.refused_stamp += 1

    def _asked_act(self) -> str:
        act = self.router.url.query_parameters.get("do", "")
        return SHORT_NAMES.get(act, act)

    def _course_id(self) -> str:
        return self._course

    def _booking_id(self) -> str:
        """Return the id in the address; "-" (no booking) when it cannot be one."""
        path = unquote(self.router.url.path).rstrip("/")
        return validation.identifier(path.removeprefix(PAGE)) or "-"


def _done(act: str, panel: ActPanel) -> str:
    """Return the name of the sentence about an act that was done."""
    gives_nothing = act == BookingAct.CANCEL.value and not panel.amount_back
    return "cancel_nothing" if gives_nothing else act
