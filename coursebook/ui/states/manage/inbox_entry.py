"""`/manage/inbox/{id}`: one entry of the money inbox, which the mail about it links to."""

from coursebook.domain.rights import Permission, Rights
from coursebook.errors import InboxEntryNotFound
from coursebook.identity.principal import Principal
from coursebook.ui import validation
from coursebook.ui.presenters.manage import money_inbox
from coursebook.ui.presenters.rows import InboxRow, Notice
from coursebook.ui.states.manage.base import ManageState, school_zone
from coursebook.ui.states.manage.inbox_action import InboxActionState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PATH = "/manage/inbox/"


class InboxEntryState(ManageState, InboxActionState, SessionState):
    """The page of an entry. `may_act`: its person may move money."""

    entry: InboxRow = InboxRow()
    may_act: bool = False

    async def _load(self, who: Principal, rights: Rights) -> None:
        self.notice, self.is_busy, self.note_problems = Notice(), False, {}
        self.may_act = rights.allows(Permission.MOVE_MONEY)
        path = self.router.url.path.rstrip("/")
        entry_id = validation.identifier(path.removeprefix(PATH)) if path.startswith(PATH) else None
        if entry_id is None:
            raise InboxEntryNotFound
        entry = await services().inbox.entry(who, entry_id)
        self.entry = money_inbox.inbox_row(
            entry,
            services().clock(),
            await school_zone(),
            self._language(),
            sees_people=rights.allows(Permission.SEE_PEOPLE),
        )
