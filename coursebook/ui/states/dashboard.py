"""The dashboard: a person's bookings, a new try to pay, cancelling."""

import reflex as rx

from coursebook.domain.booking import BookingStatus
from coursebook.errors import Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.ui import present
from coursebook.ui.rows import BookingRow, CancelRow, Notice
from coursebook.ui.states import checks, leaving
from coursebook.ui.states.events import Events
from coursebook.ui.states.problems import notice_of, sentence_of
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PAGE_SIZE = 10
SIGN_IN = "/sign-in?next=/bookings"
STATUSES = tuple(status.value for status in BookingStatus)


class DashboardState(SessionState):
    """A person's bookings. `face` is `loading`, `content`, `empty` or `error`.

    `busy_id` is the booking that something is being done with; `asked` the one whose
    cancelling is being asked about.
    """

    face: str = "loading"
    shown_for: str = ""
    status: str = ""
    bookings: list[BookingRow] = []
    has_more: bool = False
    notice: Notice = Notice()
    asked: CancelRow = CancelRow()
    busy_id: str = ""
    error: str = ""

    _cursor: str = ""
    _written: str | None = None

    @rx.event
    async def page_opened(self) -> None:
        """Load for the status in the address, unless we wrote it there ourselves."""
        written, self._written = self._written, None
        if self._who() and written != self._status_of_address():
            await self._open()

    @rx.event
    async def viewer_arrived(self) -> None:
        """Load for the person who is there now: at the first visit, or after a sign-in."""
        if self._is_at("/bookings"):
            await self._open()

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Load anew without a word, because something of this person has changed."""
        if self._who() and self.face in ("content", "empty"):
            await self._load()

    @rx.event
    async def status_chosen(self, status: str) -> Events:
        """Show the bookings of one status, or all for ""."""
        status = checks.text(status, 20)
        if status is None or (status and status not in STATUSES):
            return
        self.status = self._written = status
        yield rx.redirect(f"/bookings?status={status}" if status else "/bookings", replace=True)
        await self._load()

    @rx.event
    async def more_clicked(self) -> None:
        """Show older bookings below."""
        if self._cursor:
            await self._load(self._cursor)

    @rx.event
    async def again_clicked(self) -> None:
        """Try to load once more."""
        await self._load()

    @rx.event(background=True, temporal=True)
    async def retry_clicked(self, booking_id: str, token: str) -> Events:
        """Lead to a payment page for a booking that is not paid yet."""
        async with self:
            who = await self._begin(booking_id, token)
            if who is None:
                yield rx.redirect(SIGN_IN) if not self.is_signed_in else None
                return
            address = self._address()
        try:
            checkout = await services().checkout.retry(who, booking_id, address=address)
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            async with self:
                self.busy_id, self.notice = "", notice_of(problem, self._language())
                await self._load()
            return
        yield leaving.way_to(checkout)
        await leaving.while_gone()
        async with self:
            self.busy_id = ""

    @rx.event
    async def cancel_clicked(self, booking_id: str) -> None:
        """Ask before cancelling, with the amount that would come back at this moment."""
        booking_id = checks.identifier(booking_id)
        if booking_id is None:
            return
        try:
            booking = await services().bookings.booking(self._require(), booking_id)
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.notice = notice_of(problem, self._language())
            return
        self.asked = present.cancel_row(booking, self._language())

    @rx.event
    async def cancel_dismissed(self) -> None:
        """Put the question away; nothing is cancelled."""
        self.asked = CancelRow()

    @rx.event(background=True, temporal=True)
    async def cancel_confirmed(self, booking_id: str, token: str) -> Events:
        """Cancel the booking and say what comes back."""
        async with self:
            self.asked = CancelRow()
            who = await self._begin(booking_id, token)
            if who is None:
                yield rx.redirect(SIGN_IN) if not self.is_signed_in else None
                return
            address = self._address()
        try:
            booking = await services().bookings.cancel(who, booking_id, address=address)
            notice = Notice(present.cancelled_words(booking, self._language()), "good")
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            notice = notice_of(problem, self._language())
        async with self:
            self.busy_id, self.notice = "", notice
            await self._load()

    async def _begin(self, booking_id: object, token: object) -> Principal | None:
        """Check what came with a click; mark the booking as busy. None: nothing may begin."""
        if checks.identifier(booking_id) is None or self.busy_id:
            return None
        try:
            who = await self._fresh(token)
        except Unauthenticated:
            return None
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.notice = notice_of(problem, self._language())
            return None
        self.busy_id, self.notice = str(booking_id), Notice()
        return who

    async def _open(self) -> None:
        self.notice, self.asked, self.busy_id = Notice(), CancelRow(), ""
        self.status = self._status_of_address()
        await self._load()
        self.shown_for = self.viewer

    async def _load(self, cursor: str = "") -> None:
        """Load the first bookings, or those after the cursor."""
        try:
            status = BookingStatus(self.status) if self.status else None
            page = await services().bookings.list_of(
                self._require(), status, PAGE_SIZE, cursor or None
            )
        except Exception as problem:  # noqa: BLE001 - every problem becomes a sentence
            self.face, self.error, self.bookings = (
                "error",
                sentence_of(problem, self._language()),
                [],
            )
            return
        now, language = services().clock(), self._language()
        known = self.bookings if cursor else []
        self.bookings = [*known, *(present.booking_row(b, now, language) for b in page.items)]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor)
        self.face = "content" if self.bookings else "empty"

    def _status_of_address(self) -> str:
        given = self.router.url.query_parameters.get("status", "")
        return given if given in STATUSES else ""
