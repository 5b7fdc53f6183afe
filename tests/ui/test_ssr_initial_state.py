"""A newly opened tab shows the server-rendered state; a reconnected one keeps its page."""

import pytest
from reflex_base.event import Event

from coursebook.coursebook import app
from coursebook.ui.middleware.reset_on_load import ResetOnLoad
from coursebook.ui.pages import SITE
from coursebook.ui.reflex_compat.hydration import FIRST_EVENT, HASHES, ROOT_STATE
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.session import SessionState
from tests.support.harness import Harness
from tests.ui.tabs import Tab


@pytest.mark.parametrize(
    ("name", "payload", "is_fresh"),
    [
        (FIRST_EVENT, {HASHES: ["a"]}, True),
        (FIRST_EVENT, {}, False),
        (f"{ROOT_STATE}.other", {HASHES: ["a"]}, False),
    ],
)
async def test_only_the_first_event_of_a_page_forgets_the_one_before(
    harness: Harness, name: str, payload: dict, is_fresh: bool
):
    course = await harness.course()
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    await tab.fire(CatalogState.page_opened)
    await tab.sign_in(harness, harness.student("sam"))
    (await tab.state(DashboardState)).view_state = "content"
    event = Event(name=name, payload=payload)
    assert await ResetOnLoad(SITE.states).preprocess(app, tab.root, event) is None
    view_states = {
        (await tab.state(kind)).view_state for kind in (CourseState, CatalogState, DashboardState)
    }
    assert view_states == ({"loading"} if is_fresh else {"content"})
    assert (await tab.state(SessionState)).is_signed_in
