"""`/claim/{code}`: what the link of a guest gives, and adding it to one's account."""

from urllib.parse import unquote

import reflex as rx

from coursebook.errors import ClaimNotFound, Unauthenticated
from coursebook.ui import i18n, validation
from coursebook.ui.presenters.claimed_courses import ClaimedCourseRow, claimed_course_row
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of, sentence_of
from coursebook.ui.states.events import Events
from coursebook.ui.states.personal_page import PersonalPageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PATH = "/claim/"


class ClaimState(PersonalPageState, SessionState):
    """The page. `view_state` is `loading`, `content`, `dead` or `error`.

    `dead`: the link does not work any more; `error` is the sentence then, too.
    """

    text: str = ""
    courses: list[ClaimedCourseRow] = []
    notice: Notice = Notice()

    @rx.event
    async def add_clicked(self, token: str) -> Events:
        """Add the bookings to the account of the person of the token."""
        binding = self._page_binding()
        try:
            who = await self._fresh(token)
            claimed = await services().guest_claims.accept(who, self._code())
        except ClaimNotFound as error:
            self._fail(error)
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        path = f"/bookings/{claimed.booking_id}" if claimed.booking_id else "/bookings"
        yield binding.go(path)

    async def _open(self) -> None:
        if not self.router.url.path.startswith(PATH):
            return
        self.notice = Notice()
        try:
            claim = await services().guest_claims.look(self._who(), self._code())
            language = self._language()
            form = str(i18n.manage_of(language).CLAIM_TEXT)
            self.text = form.format(school=claim.school, name=claim.name)
            self.courses = [claimed_course_row(course, language) for course in claim.courses]
            self.view_state = "content"
        except (ClaimNotFound, Unauthenticated) as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.view_state, self.error = "error", sentence_of(error, self._language())
        self.shown_for = self.viewer

    def _fail(self, error: Exception) -> None:
        self.text, self.courses, self.view_state = "", [], "dead"
        self.error = sentence_of(error, self._language())

    def _code(self) -> str:
        code = unquote(self.router.url.path).removeprefix(PATH).strip("/")
        return validation.text(code, 100) or ""
