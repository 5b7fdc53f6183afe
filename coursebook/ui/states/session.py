"""The signed-in person of one tab, kept alive by the tokens that the browser sends."""

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

import reflex as rx

from coursebook.domain.rights import NO_RIGHTS, Rights
from coursebook.errors import CoursebookError, Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.ui import i18n, subscriptions, validation
from coursebook.ui.presenters.manage.areas import areas_of
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.page_binding import PageBinding
from coursebook.wiring import services


@dataclass(frozen=True)
class Wish:
    """A booking that waits for its person to sign in, kept in the state of the tab only.

    Only a click on "Book now" creates one, never an address. It belongs to one page and to the
    offer that the page showed, and expires at `until` (epoch seconds).
    """

    path: str = ""
    offer: str = ""
    until: float = 0


LEEWAY = 5
"""Seconds that a token stays valid after its end; the verifier grants the same."""

SHARE_IMAGE = "/og.png"


class SessionState(rx.State):
    """The person of this tab, known only while fresh tokens arrive: a stolen tab soon expires.

    `viewer` is a hash of the person, "" when nobody is signed in; pages use it as a key, to load
    again when another person signs in. `canonical` and `share_image` are full addresses for search
    engines and link previews; private pages have none. `courses_language` is the language that
    courses are written in, for `lang` attributes. `areas` are the parts of the console that the
    person may open; services decide what they may do there.
    """

    is_known: bool = False
    is_signed_in: bool = False
    display_name: str = ""
    viewer: str = ""
    session_notice: Notice = Notice()
    canonical: str = ""
    share_image: str = SHARE_IMAGE
    courses_language: str = "en"
    areas: list[str] = []

    _wish: Wish = Wish()
    _user_id: str = ""
    _session_id: str = ""
    _role: str = ""
    _email: str = ""
    _name: str = ""
    _until: int = 0

    @rx.event
    async def token_received(self, token: str) -> rx.event.EventSpec | None:
        """Take the token that the identity shell pushes; "" when nobody is signed in.

        A person who signed in in another tab is redirected from the sign-in page.
        """
        try:
            await self._recognise(token)
        except CoursebookError as error:
            self.session_notice = notice_of(error, self._language())
            return None
        await self._find_areas()
        return self._way_on()

    @rx.event
    async def sign_in_opened(self) -> rx.event.EventSpec | None:
        """Redirect a person who is already signed in and came here on the way to another page."""
        return self._way_on()

    @rx.event
    async def address_opened(self) -> None:
        """Set the full address of a public page that has no state of its own."""
        self._share(self._page())

    @rx.event
    async def signed_in(self, token: str) -> rx.event.EventSpec | None:
        """Take the token of a new sign-in and redirect to the page that asked for it."""
        try:
            who = await self._recognise(token)
        except CoursebookError as error:
            self.session_notice = notice_of(error, self._language())
            return None
        if who is None:
            self.session_notice = Notice(self._words().SIGN_IN_FAILED, "bad")
            return None
        self.session_notice = Notice()
        await self._find_areas()
        return self._way_on(is_fresh=True)

    @rx.event
    async def signed_out(self) -> None:
        """Forget the person."""
        self._forget()
        self.is_known = True

    @rx.event
    async def sign_out_failed(self) -> None:
        """Say that the session could not be ended."""
        self.session_notice = Notice(self._words().STILL_SIGNED_IN, "bad")

    @rx.event
    async def notice_closed(self) -> None:
        """Close the message."""
        self.session_notice = Notice()

    async def _recognise(self, token: object) -> Principal | None:
        """Verify a token and make its person the one of this tab.

        Raises Unavailable and RateLimited, and then leaves the tab unchanged.
        """
        checked = validation.token(token)
        who = await services().authentication.person(checked, self._address()) if checked else None
        if who is None:
            self._forget()
        else:
            self._remember(who)
            await self._watch_own()
        self.is_known = True
        return who

    async def _fresh(self, token: object) -> Principal:
        """Return the person of a token that came with a click. Raises Unauthenticated."""
        who = await self._recognise(token)
        if who is None:
            raise Unauthenticated
        return who

    def _who(self) -> Principal | None:
        """Return the person of this tab, or None without one or when the token has expired."""
        if not self._user_id or self._until + LEEWAY < time.time():
            return None
        role = "operator" if self._role == "operator" else "student"
        return Principal(
            user_id=self._user_id,
            session_id=self._session_id,
            role=role,
            email=self._email,
            name=self._name,
            expires=self._until,
        )

    def _is_still(self, who: Principal | None) -> bool:
        """Tell whether that person is still signed in at this tab, with any valid token."""
        now = self._who()
        return now is not None and who is not None and now.user_id == who.user_id

    def _page_binding(self) -> PageBinding:
        """Return the binding of a handler to the current page and person."""
        return PageBinding(self._page(), self.viewer)

    def _is_still_at(self, binding: PageBinding) -> bool:
        """Tell whether this tab is still on that page, with the person who was there then."""
        return self._page_binding() == binding

    def _is_still_on(self, binding: PageBinding) -> bool:
        """Tell whether this tab is still on that page, with any person."""
        return self._page() == binding.page

    def _page(self) -> str:
        """Return the page of this tab; the query of a payment page names the booking."""
        url = self.router.url
        path = url.path.rstrip("/") or "/"
        return f"{path}?{url.query}" if path.startswith("/payment/") and url.query else path

    def _require(self) -> Principal:
        """Return the person of this tab. Raises Unauthenticated."""
        who = self._who()
        if who is None:
            raise Unauthenticated
        return who

    def _remember(self, who: Principal) -> None:
        self._user_id, self._session_id, self._role = who.user_id, who.session_id, who.role
        self._email, self._name, self._until = who.email, who.name, who.expires
        self.courses_language = services().settings.courses_language
        viewer = hashlib.sha256(who.user_id.encode()).hexdigest()[:12]
        if not self.is_signed_in or self.viewer != viewer:
            self.is_signed_in, self.viewer = True, viewer
        if self.display_name != (who.name or who.email):
            self.display_name = who.name or who.email

    def _forget(self) -> None:
        self._user_id = self._session_id = self._role = self._email = self._name = ""
        self._until = 0
        subscriptions.leave_person(self._tab())
        if self.is_signed_in:
            self.is_signed_in, self.viewer, self.display_name = False, "", ""
        if self.areas:
            self.areas = []

    def _way_on(self, *, is_fresh: bool = False) -> rx.event.EventSpec | None:
        """Return the redirect from the sign-in page to its `next` page, for a person who is known.

        A person who has not just signed in, and opened the page without `next`, stays.
        """
        is_led_on = is_fresh or "next" in self.router.url.query_parameters
        if not self._is_at("/sign-in") or self._who() is None or not is_led_on:
            return None
        if self._wish.path != self._return_path():
            self._wish = Wish()
        return self._page_binding().go(self._return_path(), instead=True)

    def _sign_in_way(self) -> str:
        """Return the sign-in page that leads back here, with the query."""
        url = self.router.url
        here = f"{url.path}?{url.query}" if url.query else url.path
        return f"/sign-in?next={quote(here, safe='/')}"

    def _return_path(self) -> str:
        return validation.local_path(self.router.url.query_parameters.get("next"), "/courses")

    def _share(self, path: str) -> None:
        """Set the full address of this page and the language that courses are written in."""
        settings = services().settings
        public, self.courses_language = settings.public_url, settings.courses_language
        self.canonical, self.share_image = f"{public}{path}", f"{public}{SHARE_IMAGE}"

    def _language(self) -> str:
        """Return the language of this visitor, from the same header as the language of the page."""
        return i18n.language_of(self.router.headers.accept_language)

    def _words(self) -> i18n.Words:
        """Return the texts in the language of this visitor."""
        return i18n.of(self._language())

    def _is_at(self, path: str) -> bool:
        """Tell whether this tab is at a page. `on_mount` events may still see the address before.

        React runs the mount effects of a component before Reflex has sent the new address.
        """
        return self.router.url.path.rstrip("/") == path

    async def _watch_own(self) -> None:
        """Subscribe to the person's own bookings until the token expires."""
        who, tab = self._who(), self._tab()
        if who is None or not tab:
            return
        with suppress(CoursebookError):  # without a subscription the next reload shows the changes
            topics = await services().bookings.topics_of(who)
            watch = subscriptions.PersonWatch(tab, who.user_id, who.expires + LEEWAY)
            subscriptions.watch_person(watch, topics, time.time())

    async def _find_areas(self) -> None:
        """Read which parts of the console the person may open; a student may open none."""
        self._show_areas(await self._rights())

    async def _rights(self) -> Rights:
        """Return the person's rights; none for nobody, or when they cannot be read now."""
        who = self._who()
        if who is not None:
            with suppress(CoursebookError):  # until the next token there is no link to the console
                return await services().access.rights_of(who)
        return NO_RIGHTS

    def _show_areas(self, rights: Rights) -> None:
        areas = areas_of(rights)
        if areas != self.areas:
            self.areas = areas

    def _tab(self) -> str:
        """Return the id of this tab; "" for a page that is rendered on the server."""
        return self.router.session.client_token

    def _address(self) -> str:
        """Return the network address of this tab, for rate limits."""
        return self.router.session.client_ip
