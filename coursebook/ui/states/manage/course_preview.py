"""A course as students will see it, for the people who may see it before them."""

from urllib.parse import unquote

from coursebook.domain.rights import Permission, Rights
from coursebook.domain.texts.markdown import Block, blocks_of
from coursebook.identity.principal import Principal
from coursebook.ui import validation
from coursebook.ui.presenters.manage.saved_preview import saved_preview
from coursebook.ui.presenters.rows import CourseDetailRow
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services


class CoursePreviewState(ManageState, SessionState):
    """The course of the address, as it is saved. `edit_href`: its form, "" without the right.

    `attendee_info` is what people with a place read besides.
    """

    course: CourseDetailRow = CourseDetailRow()
    attendee_info: list[Block] = []
    title: str = ""
    edit_href: str = ""

    async def _load(self, who: Principal, rights: Rights) -> None:
        view = await services().managed_courses.get(who, self._course_id())
        self.course = saved_preview(view, services().clock(), self._language())
        self.attendee_info = blocks_of(view.attendee_info)
        self.title = view.title or ""
        may_edit = rights.allows(Permission.WRITE_COURSES, view.id)
        self.edit_href = f"/manage/courses/{view.id}/edit" if may_edit else ""

    def _course_id(self) -> str:
        """Return the id in the address; "-" (no course) when it cannot be one."""
        path = unquote(self.router.url.path).strip("/")
        course_id = path.removeprefix("manage/courses/").partition("/")[0]
        return validation.identifier(course_id) or "-"
