"""The start of an action that a person clicked: a fresh token, and one action at a time."""

import reflex as rx

from coursebook.errors import Unauthenticated
from coursebook.identity.principal import Principal
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of


class SingleActionState(rx.State, mixin=True):
    """Mixed into a state that has a session, for a page with one action at a time."""

    notice: Notice = Notice()
    is_busy: bool = False

    async def _start_action(self, token: str) -> tuple[Principal | None, rx.event.EventSpec | None]:
        """Return the person of the token and mark the page busy.

        Without a valid token return None and the way to the sign-in page. After any other error
        show its sentence and return neither.
        """
        try:
            who = await self._fresh(token)
        except Unauthenticated:
            return None, self._page_binding().go(self._sign_in_way())
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return None, None
        self.is_busy, self.notice = True, Notice()
        return who, None
