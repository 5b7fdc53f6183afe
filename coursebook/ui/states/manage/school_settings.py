"""`/manage/settings`: the school as its owners describe it."""

from collections.abc import Mapping

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.domain.school_settings import SCHOOL_SETTINGS
from coursebook.errors import Invalid
from coursebook.identity.principal import Principal
from coursebook.services.manage.school_settings import SchoolView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

MAX_SENT = 400
"""Characters of a text that a field may send; the service refuses what is too long."""


class SchoolSettingsState(ManageState, SessionState):
    """The settings by name: their `texts`, and whether each is `fixed` by the environment.

    `problems` has the sentence of each wrong field; their summary takes the focus when
    `refused_stamp` changes.
    """

    texts: dict[str, str] = dict.fromkeys(SCHOOL_SETTINGS, "")
    fixed: dict[str, bool] = dict.fromkeys(SCHOOL_SETTINGS, False)
    problems: dict[str, str] = dict.fromkeys(SCHOOL_SETTINGS, "")
    refused_stamp: int = 0
    notice: Notice = Notice()

    @rx.event
    async def saved(self, token: str, texts: dict[str, str]) -> None:
        """Store what is in the fields. What was typed stays when it is refused."""
        sent = texts if isinstance(texts, Mapping) else {}
        values = {
            name: validation.text(sent[name], MAX_SENT)
            for name in SCHOOL_SETTINGS
            if name in sent and not self.fixed[name]
        }
        try:
            view = await services().school_profile.patch(await self._fresh(token), values)
        except Invalid as error:
            self._refuse(error)
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self._show(view)
        self.notice = Notice(str(i18n.manage_of(self._language()).SETTINGS_SAVED), "good")

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.MANAGE_SETTINGS)
        self.notice = Notice()
        self._show(await services().school_profile.get(who))

    def _show(self, view: SchoolView) -> None:
        self.texts = {name: getattr(view, name) for name in SCHOOL_SETTINGS}
        self.fixed = {name: name in view.fixed for name in SCHOOL_SETTINGS}
        self.problems = dict.fromkeys(SCHOOL_SETTINGS, "")

    def _refuse(self, error: Invalid) -> None:
        self.notice, self.problems = Notice(), dict.fromkeys(SCHOOL_SETTINGS, "")
        for problem in error.errors:
            name = problem.pointer.removeprefix("/")
            if name in self.problems:
                self.problems[name] = i18n.text_of(problem.detail, self._language())
        self.refused_stamp += 1
