"""`/manage/check-in`: the meetings of today."""

from coursebook.domain.rights import Rights
from coursebook.identity.principal import Principal
from coursebook.ui import i18n
from coursebook.ui.presenters.manage.check_in import MeetingRow, meeting_row
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services


class CheckInListState(ManageState, SessionState):
    """The meetings that the person may check people in for."""

    meetings: list[MeetingRow] = []

    async def _load(self, who: Principal, _rights: Rights) -> None:
        count = i18n.manage_of(self._language()).HERE_OF
        meetings = await services().snapshots.of_day(who)
        self.meetings = [meeting_row(meeting, count) for meeting in meetings]
