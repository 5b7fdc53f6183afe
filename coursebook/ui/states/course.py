"""One course, and the click that books it."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import unquote

import reflex as rx

from coursebook.domain.reader import Reader
from coursebook.errors import (
    AlreadyBooked,
    ChangedMeanwhile,
    CoursebookError,
    CourseChanged,
    CourseNotFound,
    NotRetryable,
    PaymentProcessing,
    Unauthenticated,
)
from coursebook.identity.principal import Principal
from coursebook.services.bookings.expected_amounts import Expected, ShownOffer
from coursebook.services.catalog.courses import CourseMoved
from coursebook.services.views import CheckoutView
from coursebook.ui import i18n, subscriptions, validation
from coursebook.ui.presenters import courses_and_bookings, waiting_list
from coursebook.ui.presenters import other_dates as present_dates
from coursebook.ui.presenters.rows import CourseDetailRow, DateRow, Notice, OwnPlaceRow
from coursebook.ui.presenters.seen_offer import (
    DrawnOffer,
    SeenOffer,
    changes_in_words,
    not_booked_yet,
    seen_offer,
    seen_on_drawn_page,
)
from coursebook.ui.ssr_recording import note, note_moved
from coursebook.ui.states import payment_redirect
from coursebook.ui.states.error_messages import notice_of, sentence_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.session import SessionState, Wish
from coursebook.wiring import services

WISH_SECONDS = 600
"""How long a pending booking waits for its person to sign in."""
MAX_SLUG_LENGTH = 2000


class CourseState(SessionState):
    """The course of the page. `view_state` is `loading`, `content`, `missing` or `error`.

    `shown_slug` is the course that the rows belong to: while it differs from the address, the
    page shows its skeleton. Screen readers announce `announcement`: a change while the
    page is open. `own` is the viewer's own booking of this course; for a visitor who is not signed
    in it is empty and not queried. `goes_on` asks the browser for a token, to continue a booking
    that waited for a sign-in.
    """

    view_state: str = "loading"
    shown_slug: str = ""
    course: CourseDetailRow = CourseDetailRow()
    dates: list[DateRow] = []
    all_dates_href: str = ""
    own: OwnPlaceRow = OwnPlaceRow()
    title: str = ""
    summary: str = ""
    notice: Notice = Notice()
    announcement: str = ""
    is_busy: bool = False
    goes_on: bool = False
    error: str = ""

    _seen: SeenOffer = SeenOffer()
    _drawn: DrawnOffer | None = None

    @rx.event(supersedes=True)
    async def page_opened(self) -> rx.event.EventSpec | None:
        """Show the course of the address, or redirect to its new address."""
        self.is_busy, self.notice = False, Notice()
        moved_to = await self._load()
        self._go_on()
        self._compare_with_drawn()
        return self._way_to(moved_to)

    @rx.event
    async def page_drawn(self, slug: str, revision: int, price: str, when: str, where: str) -> None:
        """Say what has changed since the server drew the page, which shows these values at once.

        They count as seen as in `edited_elsewhere`. The browser may report them before or after
        the course is loaded.
        """
        values = [validation.text(value, MAX_SLUG_LENGTH) for value in (slug, price, when, where)]
        if isinstance(revision, int) and None not in values:
            self._drawn = DrawnOffer(slug, revision, price, when, where)
            self._compare_with_drawn()

    @rx.event
    async def viewer_arrived(self) -> None:
        """Load the viewer's own booking once the viewer is known."""
        is_known = self.own.viewer == self.viewer and self.own.course_id == self.course.id
        if self._is_shown() and not is_known:
            await self._load_own()

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Reload the viewer's own booking, and announce its state when that has changed."""
        if self._who() is None or not self._is_shown():
            return
        before = self.own
        await self._load_own()
        if (self.own.kind, self.own.viewer) != (before.kind, before.viewer):
            self.announcement = i18n.of(self._language()).LIVE_OWN.get(self.own.kind, "")

    @rx.event
    async def edited_elsewhere(self) -> rx.event.EventSpec | None:
        """Show the course as it is now, after somebody has edited it.

        The offer that counts as seen stays the one of before, until the visitor presses "Book now"
        or reloads the page: a price that changes under the finger is not booked.
        """
        if not self._is_shown():
            return None
        seen = self._seen
        moved_to = await self._load()
        if self._is_shown() and not self.own.kind:
            changes = changes_in_words(seen, self._seen, self._language())
            self._seen = seen
            self.notice = Notice(changes) if changes else self.notice
        return self._way_to(moved_to)

    @rx.event(background=True)
    async def hold_ended(self) -> None:
        """Ask Stripe about the viewer's booking when its hold has ended."""
        async with self:
            who, own, binding = self._who(), self.own, self._page_binding()
        if who is None or own.kind != "held":
            return
        with suppress(CoursebookError):  # without an answer the booking may still be paid
            await services().dashboard.look(who, own.booking_id)
        async with self:
            if self._is_still_at(binding) and self._is_still(who) and self._is_shown():
                await self._load()

    @rx.event
    async def again_clicked(self) -> None:
        """Load again after an error."""
        await self._load()

    @rx.event(background=True, temporal=True)
    async def book_clicked(self, token: str, timezone: str = "") -> Events:
        """Reserve a place for the person of this fresh token and redirect to Stripe Checkout.

        `timezone` is that of the browser, for mails.
        """
        async for event in self._book(token, timezone):
            yield event

    @rx.event(background=True, temporal=True)
    async def booking_resumed(self, token: str, timezone: str = "") -> Events:
        """Continue, once, the booking that waited for a sign-in."""
        async with self:
            is_wanted, self.goes_on, self._wish = self.goes_on, False, Wish()
        if is_wanted:
            async for event in self._book(token, timezone, is_resumed=True):
                yield event

    @rx.event(background=True, temporal=True)
    async def join_clicked(self, token: str, timezone: str = "") -> Events:
        """Put the person of this fresh token on the waiting list. `timezone` as in booking."""
        reader = Reader.of(self._language(), timezone)
        lists = services().waiting_lists
        async for event in self._change_waiting(
            token, lambda who, slug: lists.join(who, slug, reader=reader)
        ):
            yield event

    @rx.event(background=True, temporal=True)
    async def leave_clicked(self, token: str) -> Events:
        """Take the person of this fresh token off the list, or decline the place kept for them."""
        async for event in self._change_waiting(token, services().waiting_lists.leave):
            yield event

    async def _change_waiting(
        self, token: str, change: Callable[[Principal, str], Awaitable[object]]
    ) -> Events:
        async with self:
            slug, language = self._slug(), self._language()
            if self.is_busy:
                return
            try:
                who = await self._fresh(token)
            except Unauthenticated:
                yield self._page_binding().go(self._sign_in_way())
                return
            except Exception as error:  # noqa: BLE001 - every error becomes a sentence
                self.notice = notice_of(error, language)
                return
            self.is_busy, self.notice, binding = True, Notice(), self._page_binding()
        notice = Notice()
        try:
            await change(who, slug)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            notice = notice_of(error, language)
        async with self:
            if self._is_still_on(binding):
                self.is_busy = False
            if self._is_still_at(binding):
                await self._load()
            if self._is_still_at(binding):
                self.notice = notice
                self.announcement = i18n.of(language).LIVE_OWN.get(self.own.kind, "")

    async def _book(self, token: str, timezone: str, *, is_resumed: bool = False) -> Events:
        async with self:
            slug, reader = self._slug(), Reader.of(self._language(), timezone)
            if self.is_busy:
                return
            try:
                who = await self._fresh(token)
            except Unauthenticated:
                if not is_resumed:
                    self._wait_for_sign_in()
                    yield self._page_binding().go(self._sign_in_way())
                return
            except Exception as error:  # noqa: BLE001 - every error becomes a sentence
                self.notice = notice_of(error, self._language())
                return
            self.is_busy, self.notice, binding = True, Notice(), self._page_binding()
            own, seen = self.own if self._has_own("held") else None, self._seen
        try:
            checkout = await _checkout(who, slug, own, seen.shown, reader)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            async with self:
                if self._is_still_on(binding):
                    self.is_busy = False
                if self._is_still_at(binding):
                    await self._load()
                    self.notice = self._notice_of(error, seen)
            return
        async with self:
            is_there = self._is_still_at(binding)
        if is_there:  # never redirect to the payment of a person who has signed out
            yield binding.go(checkout.checkout_url)
            await payment_redirect.while_gone()
        async with self:
            if self._is_still_on(binding):  # enable the button again, also for another viewer
                self.is_busy = False

    async def _load(self) -> str:
        """Load the course of the address. Return the path of its new address, "" if it has none."""
        slug = self._slug()
        self.shown_slug, self.announcement = self._part(), ""
        try:
            view = await services().catalog.course(slug)
            others = await services().catalog.other_dates(view)
            await self._load_own(view.id)
        except CourseMoved as error:
            self.view_state, moved_to = "loading", f"/courses/{error.slug}"
            note_moved(moved_to)
            return moved_to
        except CourseNotFound:
            self.view_state, self.title = "missing", self._words().COURSE_MISSING_TITLE
            self.canonical = ""
            return ""
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.view_state, self.error = "error", sentence_of(error, self._language())
            return ""
        self._share(f"/courses/{view.slug}")
        self.course = courses_and_bookings.course_detail(view, self._language())
        self.dates = present_dates.date_rows(view, others, self._language())
        self.all_dates_href = present_dates.all_dates_href(view, others)
        self._seen = seen_offer(view, self.course)
        note(view)
        self.title, self.summary = view.title, view.summary
        self.view_state = "content"
        subscriptions.watch_course(self._tab(), self._language(), view, others.items)
        return ""

    def _compare_with_drawn(self) -> None:
        """Tell what differs from the drawn page, once both are known."""
        drawn, now = self._drawn, self._seen
        if drawn is None or not self._is_shown():
            return
        self._drawn = None
        is_other = drawn.slug == self.shown_slug and drawn.revision != self.course.revision
        if is_other and not self.own.kind:
            self._seen = seen_on_drawn_page(drawn, now)
            self.notice = Notice(changes_in_words(self._seen, now, self._language()))

    def _way_to(self, path: str) -> rx.event.EventSpec | None:
        """Return the redirect to the new address of the course, None if it has none."""
        return self._page_binding().go(path, instead=True) if path else None

    async def _load_own(self, course_id: str = "") -> None:
        """Load the viewer's own booking: one query, and none for a visitor who is not signed in."""
        who, course_id = self._who(), course_id or self.course.id
        if who is None:
            self.own = OwnPlaceRow()
            return
        own = await services().bookings.place_on(who, course_id)
        now, hold = services().clock(), services().context.hold
        language, row = self._language(), None
        if own is None:
            entry = await services().waiting_lists.on(who, course_id)
            if entry is not None:
                row = waiting_list.waiting_row(entry, self.viewer, course_id, language)
        self.own = row or courses_and_bookings.own_place_row(
            own, self.viewer, course_id, now, hold, language=language
        )
        is_waiting = self.own.kind == "waiting"
        subscriptions.watch_waiting(self._tab(), course_id if is_waiting else "")

    def _wait_for_sign_in(self) -> None:
        """Store the booking and the offer that was shown until the person has signed in."""
        if self._is_shown():
            until = time.time() + WISH_SECONDS
            self._wish = Wish(self.router.url.path, self._seen.shown.offer, until)

    def _go_on(self) -> None:
        """Let the browser continue the booking that waited, if the offer is still the same.

        Drop it when the visitor comes back without having signed in.
        """
        wish, self.goes_on = self._wish, False
        is_wanted = wish.path == self.router.url.path and time.time() < wish.until
        is_possible = self._is_shown() and not self.own.kind and self.course.booking == "open"
        if self._who() is None or not is_wanted or not is_possible:
            self._wish = Wish()
        elif wish.offer != self._seen.shown.offer:
            self._wish, self.notice = Wish(), Notice(self._words().COURSE_CHANGED, "info")
        else:
            self.goes_on = True

    def _has_own(self, *kinds: str) -> bool:
        """Tell whether this viewer, not an earlier one of this tab, has such a booking here."""
        own = self.own
        return own.kind in kinds and own.viewer == self.viewer and own.course_id == self.course.id

    def _notice_of(self, error: Exception, seen: SeenOffer) -> Notice:
        """Return the sentence of an error; none when the viewer's own booking already says it.

        `seen` is the offer that the viewer saw when they pressed.
        """
        is_told = isinstance(error, (AlreadyBooked, PaymentProcessing, NotRetryable))
        if is_told and self._has_own("booked", "on_its_way"):
            return Notice()
        if isinstance(error, ChangedMeanwhile):
            return payment_redirect.changed(error, self._language())
        if isinstance(error, CourseChanged):
            changes = changes_in_words(seen, self._seen, self._language())
            return Notice(not_booked_yet(changes, self._language()))
        return notice_of(error, self._language())

    def _is_shown(self) -> bool:
        """Tell whether the page shows the course of the address."""
        return self.view_state == "content" and self.shown_slug == self._part()

    def _slug(self) -> str:
        """Return the slug in the address; "-" (no course) when it cannot be one."""
        return validation.identifier(self._part()) or "-"

    def _part(self) -> str:
        """Return the part of the address that names a course, as the browser reads it."""
        return unquote(self.router.url.path.rstrip("/").rsplit("/", 1)[-1])[:MAX_SLUG_LENGTH]


async def _checkout(
    who: Principal, slug: str, own: OwnPlaceRow | None, shown_offer: ShownOffer, reader: Reader
) -> CheckoutView:
    """Open the Checkout Session of the booking that is held, or of a new one."""
    checkout = services().checkout
    if own is not None:
        expected = Expected(own.pay_amount, own.pay_currency)
        return await checkout.retry(who, own.booking_id, expected=expected, reader=reader)
    try:
        course_id = (await services().catalog.course(slug)).id
    except CourseMoved as error:  # it got a new address while the page was open
        course_id = error.course_id
    return await checkout.start_checkout(who, course_id, shown_offer=shown_offer, reader=reader)
