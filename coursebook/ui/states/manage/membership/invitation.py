"""`/invitation`: what an invitation to the team offers, and accepting it."""

import reflex as rx

from coursebook.errors import GrantNotFound, Unauthenticated
from coursebook.ui import validation
from coursebook.ui.presenters.manage.team import InvitationRow, invitation_row
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of, sentence_of
from coursebook.ui.states.manage.base import school_zone
from coursebook.ui.states.personal_page import PersonalPageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PATH = "/invitation"


class InvitationState(PersonalPageState, SessionState):
    """The page. `view_state` is `loading`, `content`, `accepted`, `dead` or `error`.

    `dead`: the link does not work any more; `error` is the sentence then, too.
    """

    invitation: InvitationRow = InvitationRow()
    notice: Notice = Notice()

    @rx.event
    async def accept_clicked(self, token: str) -> None:
        """Take the role for the person of the token."""
        try:
            who = await self._fresh(token)
            await services().team.accept(who, self._code())
        except GrantNotFound as error:
            self._fail(error)
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self.view_state, self.notice = "accepted", Notice()
        await self._find_areas()

    async def _open(self) -> None:
        if not self._is_at(PATH):
            return
        self.notice = Notice()
        try:
            invitation = await services().team.invitation(self._who(), self._code())
            zone = await school_zone()
            self.invitation = invitation_row(invitation, zone, self._language())
            self.view_state = "content"
        except (GrantNotFound, Unauthenticated) as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.view_state, self.error = "error", sentence_of(error, self._language())
        self.shown_for = self.viewer

    def _fail(self, error: Exception) -> None:
        self.invitation, self.view_state = InvitationRow(), "dead"
        self.error = sentence_of(error, self._language())

    def _code(self) -> str:
        return validation.text(self.router.url.query_parameters.get("code"), 100) or ""
