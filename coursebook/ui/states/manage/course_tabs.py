"""The tabs of the pages of one course."""

from coursebook.identity.principal import Principal
from coursebook.ui.presenters.manage.course_tabs import course_tabs_of
from coursebook.ui.states.manage.base import ManageState
from coursebook.wiring import services


class CourseTabsState(ManageState, mixin=True):
    """Mixed into the state of a page of one course. `tabs`: each page's name and its count."""

    tabs: dict[str, str] = {}

    async def _count_tabs(self, who: Principal, course_id: str) -> None:
        """Read the counts. Raises Forbidden, CourseNotFound, Unavailable."""
        rights = await services().access.rights_of(who)
        counts = await services().managed_courses.tab_counts(who, course_id)
        self.tabs = course_tabs_of(rights, course_id, counts, self._language())
