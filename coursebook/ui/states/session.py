"""Who is there: the session of one tab, kept alive by tokens that the browser sends."""

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

import reflex as rx

from coursebook.errors import CoursebookError, Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.ui import i18n, subscriptions, validation
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.page_binding import PageBinding
from coursebook.wiring import services


@dataclass(frozen=True)
class Wish:
    """A booking that waits for its person to sign in, kept with the tab and nowhere else.

    No address can bring one about: only the press of «Book now» does. It belongs to one page and to
    what that page showed, and ends `until` (epoch seconds).
    """

    path: str = ""
    shown: str = ""
    until: float = 0


LEEWAY = 5
"""Seconds that a token may be over; the verifier grants the same."""

SHARE_IMAGE = "/og.png"


class SessionState(rx.State):
    """The person of this tab. Known only while fresh tokens come in, so a theft ends by itself.

    `viewer` is different for different people and empty for nobody; pages use it as a key, to
    load again when somebody else signs in. `canonical` and `share_image` are full addresses, for
    search engines and link previews; pages that are nobody's to find have none.
    `courses_language` is the language that courses are written in, for `lang` attributes.
    """

    is_known: bool = False
    is_signed_in: bool = False
    display_name: str = ""
    viewer: str = ""
    session_notice: Notice = Notice()
    canonical: str = ""
    share_image: str = SHARE_IMAGE
    courses_language: str = "en"

    _wish: Wish = Wish()
    _user_id: str = ""
    _session_id: str = ""
    _role: str = ""
    _email: str = ""
    _name: str = ""
    _until: int = 0

    @rx.event
    async def token_received(self, token: str) -> rx.event.EventSpec | None:
        """Take the token that the shell pushes; "" says that nobody is signed in.

        Who signed in elsewhere goes on from the sign-in page to where they wanted.
        """
        try:
            await self._recognise(token)
        except CoursebookError as error:
            self.session_notice = notice_of(error, self._language())
            return None
        return self._way_on()

    @rx.event
    async def sign_in_opened(self) -> rx.event.EventSpec | None:
        """Send on who is signed in already and came here on the way to another page."""
        return self._way_on()

    @rx.event
    async def signed_in(self, token: str) -> rx.event.EventSpec | None:
        """Take the token of a fresh sign-in and go back to where the person came from."""
        try:
            who = await self._recognise(token)
        except CoursebookError as error:
            self.session_notice = notice_of(error, self._language())
            return None
        if who is None:
            self.session_notice = Notice(self._words().SIGN_IN_FAILED, "bad")
            return None
        self.session_notice = Notice()
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
        """Put the message away."""
        self.session_notice = Notice()

    async def _recognise(self, token: object) -> Principal | None:
        """Verify a token, whose person is then the one of this tab.

        Raises Unavailable, and RateLimited: the tab is then as it was.
        """
        given = validation.token(token)
        who = await services().recognition.person(given, self._address()) if given else None
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
        """Return the person of this tab, or None when nobody is known or the token is over."""
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
        """Tell whether this tab is still of that person, with this token of theirs or a newer."""
        now = self._who()
        return now is not None and who is not None and now.user_id == who.user_id

    def _page_binding(self) -> PageBinding:
        """Return where the answer belongs to what is asked for now."""
        return PageBinding(self._page(), self.viewer)

    def _is_still_at(self, binding: PageBinding) -> bool:
        """Tell whether this tab is still on that page, with the person who was there then."""
        return self._page_binding() == binding

    def _is_still_on(self, binding: PageBinding) -> bool:
        """Tell whether this tab is still on that page, whoever looks at it now."""
        return self._page() == binding.page

    def _page(self) -> str:
        """Return what this tab is on; of the payment pages the query says which booking."""
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

    def _way_on(self, *, is_fresh: bool = False) -> rx.event.EventSpec | None:
        """Return the way from the sign-in page to where it leads, for a person who is known.

        Who did not just sign in, and came here for the page itself, stays.
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
        """Note the full address of this page, and in which language courses are written."""
        settings = services().settings
        public, self.courses_language = settings.public_url, settings.courses_language
        self.canonical, self.share_image = f"{public}{path}", f"{public}{SHARE_IMAGE}"

    def _language(self) -> str:
        """Return the language of this visitor: that of the page, since both ask the same header."""
        return i18n.language_of(self.router.headers.accept_language)

    def _words(self) -> i18n.Words:
        """Return the texts in the language of this visitor."""
        return i18n.of(self._language())

    def _is_at(self, path: str) -> bool:
        """Tell whether this tab is at a page; at a part's first event it may still be elsewhere.

        React runs what a part does when it appears before Reflex has noted the new address.
        """
        return self.router.url.path.rstrip("/") == path

    async def _watch_own(self) -> None:
        """Hear of changes of one's own bookings, no longer than the token lives."""
        who, tab = self._who(), self._tab()
        if who is None or not tab:
            return
        with suppress(CoursebookError):  # without it the page is right at its next reload
            topics = await services().bookings.topics_of(who)
            being = subscriptions.Being(tab, who.user_id, who.expires + LEEWAY)
            subscriptions.watch_person(being, topics, time.time())

    def _tab(self) -> str:
        """Return the name of this tab; "" for a page that is drawn on the server."""
        return self.router.session.client_token

    def _address(self) -> str:
        """Return the network address of this tab, for the limits."""
        return self.router.session.client_ip
