"""A person's bookings by section, or one of them: with retrying payments and cancelling."""

from dataclasses import replace

import reflex as rx

from coursebook.domain.reader import Reader
from coursebook.domain.section import Section
from coursebook.errors import BookingNotFound, ChangedMeanwhile, CoursebookError, Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.services.views import SectionView
from coursebook.ui import validation
from coursebook.ui.presenters import courses_and_bookings
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.rows import CancelRow, Notice, SectionRow
from coursebook.ui.states import expected_amounts, payment_redirect
from coursebook.ui.states.dashboard_rows import (
    Filters,
    changes_announcement,
    filters_of,
    rows_of,
    section_row,
)
from coursebook.ui.states.error_messages import notice_of, sentence_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.page_binding import PageBinding
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

LIST = "/bookings"
PAGE_OF_ONE = f"{LIST}/"
"""The page of one booking: `/bookings/{id}`."""
PAGE_SIZE = 10
MAX_STRIPE_CHECKS = 3
"""How many unpaid bookings are checked with Stripe when a person opens the dashboard."""
MAX_SECTION_LENGTH = 100
"""A reload keeps the length of a section, up to this many bookings."""
SECTIONS = tuple(section.value for section in Section)


def act_of(act: str, booking_id: str) -> str:
    """Name an act on a booking; `act` is `pay` or `cancel`."""
    return f"{act}:{booking_id}"


class DashboardState(SessionState):
    """A person's bookings. `view_state` is `loading`, `content`, `empty`, `missing` or `error`.

    The page of one booking (`/bookings/{id}`) shares this state and its handlers: `sections` is
    then one section with that booking. `shown_path` is the path that `sections` belong to.
    `busy` names the acts that are under way, as `act_of` writes them. `outcomes` are their results
    by booking id; `notice` is for results of a booking that is not shown. The focus moves to
    `focus_target` whenever `focus_stamp` changes. `cancel_question` is the
    booking of the open cancel dialog.
    `answered_query` is the query of the address that `sections` belong to. Screen readers announce
    `announcement`: changes that the person did not cause.
    """

    view_state: str = "loading"
    shown_for: str = ""
    shown_path: str = ""
    status: str = ""
    q: str = ""
    applied: dict[str, str] = {}
    answered_query: str = ""
    sections: list[SectionRow] = []
    count: str = ""
    announcement: str = ""
    notice: Notice = Notice()
    outcomes: dict[str, Notice] = {}
    focus_target: str = ""
    focus_stamp: int = 0
    cancel_question: CancelRow = CancelRow()
    busy: list[str] = []
    error: str = ""

    _cursors: dict[str, str] = {}

    @rx.event(supersedes=True)
    async def page_opened(self) -> None:
        """Load the bookings of the address; a newer address cancels the load of an older one."""
        if self._who():
            await self._open()

    @rx.event
    async def viewer_arrived(self) -> None:
        """Load for the current person: at the first visit, or after a sign-in."""
        if self._is_at(LIST) or self._booking_key() is not None:
            await self._open()

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Reload and announce the changes of this person's bookings."""
        if self._who() and self.view_state in ("content", "empty"):
            await self._load_and_say()

    @rx.event
    async def more_clicked(self, section: str) -> None:
        """Append more bookings to a section."""
        if section not in SECTIONS or section not in self._cursors:
            return
        try:
            view = await services().dashboard.more(
                self._require(),
                Filters(self.status, self.q).criteria,
                Section(section),
                self._cursors[section],
                PAGE_SIZE,
            )
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self.sections = [self._longer(row, view) for row in self.sections]
        if view.items:
            self._focus(f"booking-{view.items[0].booking.id}")

    @rx.event
    async def again_clicked(self) -> None:
        """Load again after an error."""
        await self._load()

    @rx.event(background=True)
    async def bookings_shown(self) -> None:
        """Ask Stripe about unpaid bookings, and show the changes."""
        async with self:
            who, binding = self._who(), self._page_binding()
            waiting = [b.id for s in self.sections for b in s.bookings if b.status == "pending"]
        if who is not None:
            for booking_id in waiting[:MAX_STRIPE_CHECKS]:
                await self._look(who, binding, booking_id)

    @rx.event(background=True)
    async def hold_ended(self, booking_id: str) -> None:
        """Ask Stripe about a booking when its hold has ended."""
        async with self:
            who, binding = self._who(), self._page_binding()
        if who is not None and validation.identifier(booking_id) is not None:
            await self._look(who, binding, booking_id, is_asked=True)

    @rx.event(background=True, temporal=True)
    async def retry_clicked(self, booking_id: str, token: str) -> Events:
        """Redirect to the Checkout Session of an unpaid booking."""
        async with self:
            who = await self._begin("pay", booking_id, token)
            if who is None:
                yield None if self.is_signed_in else self._page_binding().go(self._sign_in_way())
                return
            binding, expected = (
                self._page_binding(),
                expected_amounts.to_pay_in(self.sections, booking_id),
            )
            reader = Reader.of(self._language())
        try:
            checkout = await services().checkout.retry(
                who, booking_id, expected=expected, reader=reader
            )
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            notice = await payment_redirect.why_not(who, booking_id, error, self._language())
            async with self:
                if self._is_still_at(binding):
                    await self._end("pay", booking_id, notice)
            return
        async with self:
            is_there = self._is_still_at(binding)
        if not is_there:  # never redirect to the payment of a person who has signed out
            return
        yield binding.go(checkout.checkout_url)
        await payment_redirect.while_gone()
        async with self:
            if self._is_still_at(binding):
                self._is_done("pay", booking_id)

    @rx.event
    async def calendar_clicked(self, booking_id: str) -> rx.event.EventSpec | None:
        """Download the calendar file of one of the person's bookings."""
        checked_id = validation.identifier(booking_id) or "-"
        try:
            return await payment_redirect.calendar_of(
                self._page_binding(), self._require(), checked_id
            )
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self._tell(checked_id, notice_of(error, self._language()))
            return None

    @rx.event
    async def cancel_clicked(self, booking_id: str) -> None:
        """Open the cancel dialog, with the sum that would be refunded now."""
        booking_id = validation.identifier(booking_id)
        if booking_id is None or act_of("cancel", booking_id) in self.busy:
            return
        try:
            story = await services().dashboard.story(self._require(), booking_id)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self._tell(booking_id, notice_of(error, self._language()))
            return
        self._ask(courses_and_bookings.cancel_row(story.booking, self._language()))

    @rx.event
    async def cancel_dismissed(self, stamp: int) -> None:
        """Close the cancel dialog of that stamp without cancelling; a newer one stays open."""
        if stamp == self.cancel_question.stamp:
            self._close_question()

    @rx.event(background=True, temporal=True)
    async def cancel_confirmed(self, booking_id: str, token: str) -> Events:
        """Cancel the booking and show the sum that is refunded."""
        async with self:
            expected = expected_amounts.on_cancel(self.cancel_question, booking_id)
            self._close_question()
            who = await self._begin("cancel", booking_id, token)
            if who is None:
                yield None if self.is_signed_in else self._page_binding().go(self._sign_in_way())
                return
            binding = self._page_binding()
        try:
            booking = await services().bookings.cancel(who, booking_id, expected=expected)
            notice = Notice(courses_and_bookings.cancelled_words(booking, self._language()), "good")
        except ChangedMeanwhile:
            await self._ask_anew(who, binding, booking_id)
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            notice = notice_of(error, self._language())
        async with self:
            if self._is_still_at(binding):
                await self._end("cancel", booking_id, notice)

    async def _ask_anew(self, who: Principal, binding: PageBinding, booking_id: str) -> None:
        """Open the cancel dialog again with the current sums: they changed while it was open."""
        question, notice = CancelRow(), Notice()
        try:
            story = await services().dashboard.story(who, booking_id)
            question = courses_and_bookings.cancel_row(
                story.booking, self._language(), is_changed=True
            )
        except CoursebookError as error:
            notice = notice_of(error, self._language())
        async with self:
            if self._is_still_at(binding):
                await self._end("cancel", booking_id, notice)
                self._ask(question)

    async def _begin(self, act: str, booking_id: object, token: object) -> Principal | None:
        """Check the arguments of a click and mark the act as busy. Return None to refuse it.

        Only the same act on the same booking is refused while one is under way.
        """
        checked_id = validation.identifier(booking_id)
        if checked_id is None or act_of(act, checked_id) in self.busy:
            return None
        try:
            who = await self._fresh(token)
        except Unauthenticated:
            return None
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self._tell(checked_id, notice_of(error, self._language()))
            return None
        self.busy, self.notice = [*self.busy, act_of(act, checked_id)], Notice()
        self.outcomes = {key: notice for key, notice in self.outcomes.items() if key != checked_id}
        return who

    async def _end(self, act: str, booking_id: str, notice: Notice) -> None:
        """Reload the list and show the result of an act, if it has one."""
        self._is_done(act, booking_id)
        await self._load()
        if notice.text:
            self._tell(booking_id, notice)

    def _is_done(self, act: str, booking_id: str) -> None:
        self.busy = [name for name in self.busy if name != act_of(act, booking_id)]

    def _tell(self, booking_id: str, notice: Notice) -> None:
        """Show a notice about a booking and move the focus there.

        It appears on the card, or above the list when a filter hides the card.
        """
        if any(row.id == booking_id for section in self.sections for row in section.bookings):
            self.outcomes = {**self.outcomes, booking_id: notice}
            self._focus(f"outcome-{booking_id}")
        else:
            self.notice = notice
            self._focus("dashboard-notice")

    def _note_error(self, error: Exception, booking_id: str) -> None:
        """Show an error that no click caused; the focus does not move."""
        notice = notice_of(error, self._language())
        if booking_id:
            self.outcomes = {**self.outcomes, booking_id: notice}
        else:
            self.notice = notice

    def _focus(self, target: str) -> None:
        self.focus_target, self.focus_stamp = target, self.focus_stamp + 1

    def _ask(self, question: CancelRow) -> None:
        self.cancel_question = replace(question, stamp=self.cancel_question.stamp + 1)

    def _close_question(self) -> None:
        self.cancel_question = CancelRow(stamp=self.cancel_question.stamp)

    async def _look(
        self, who: Principal, binding: PageBinding, booking_id: str, *, is_asked: bool = False
    ) -> None:
        """Ask Stripe about a booking and show its new state."""
        try:
            await services().dashboard.look(who, booking_id)
        except CoursebookError as error:
            async with self:
                if self._is_still_at(binding):
                    self._note_error(error, booking_id if is_asked else "")
            return
        async with self:
            if self._is_still_at(binding) and self._is_still(who):
                await self._load_and_say()

    async def _open(self) -> None:
        self.notice, self.outcomes, self.busy, self.announcement = Notice(), {}, [], ""
        self._close_question()
        filters = filters_of(self.router.url.query_parameters)
        self.status, self.q = filters.status, filters.q
        await self._load(PAGE_SIZE, is_asked_for=True)
        self.shown_for, self.shown_path = self.viewer, self.router.url.path
        self.applied, self.answered_query = filters.set_values, self.router.url.query

    async def _load(self, length: int = 0, *, is_asked_for: bool = False) -> None:
        """Load the filters of the address; `is_asked_for` when the person's action causes it."""
        key = self._booking_key()
        if key is not None:
            await self._load_one(key)
            return
        criteria = Filters(self.status, self.q).criteria
        try:
            views = await services().dashboard.sections(
                self._require(), criteria, length or self._length(), is_asked_for=is_asked_for
            )
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.view_state, self.error, self.sections = (
                "error",
                sentence_of(error, self._language()),
                [],
            )
            return
        self._cursors = {s.section.value: s.next_cursor for s in views if s.next_cursor}
        self.sections = [section_row(section, self._language()) for section in views]
        self.count = say.bookings(sum(s.total for s in views), self._language())
        self.view_state = "content" if views else "empty"

    async def _load_one(self, booking_id: str) -> None:
        """Load one booking of the person. Another person's is as missing as an unknown one."""
        self._cursors, self.sections, self.count = {}, [], ""
        try:
            story = await services().dashboard.story(self._require(), booking_id)
        except BookingNotFound:
            self.view_state = "missing"
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.view_state, self.error = "error", sentence_of(error, self._language())
            return
        self.sections = [SectionRow(bookings=rows_of([story], self._language()))]
        self.view_state = "content"

    def _booking_key(self) -> str | None:
        """Return the id in the address of one booking's page; None on any other page."""
        path = self.router.url.path.rstrip("/")
        if not path.startswith(PAGE_OF_ONE):
            return None
        return validation.identifier(path.removeprefix(PAGE_OF_ONE)) or "-"

    async def _load_and_say(self) -> None:
        before = self.sections
        await self._load()
        self.announcement = changes_announcement(before, self.sections, self._language())

    def _length(self) -> int:
        """Return how many bookings of a section to load: no fewer than are shown."""
        length = max((len(section.bookings) for section in self.sections), default=0)
        return min(max(PAGE_SIZE, length), MAX_SECTION_LENGTH)

    def _longer(self, row: SectionRow, view: SectionView) -> SectionRow:
        if row.name != view.section:
            return row
        self._cursors = {**self._cursors, row.name: view.next_cursor or ""}
        bookings = [*row.bookings, *rows_of(view.items, self._language())]
        return replace(row, bookings=bookings, has_more=view.next_cursor is not None)
