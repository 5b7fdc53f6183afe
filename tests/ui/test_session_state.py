"""The session state: only fresh, verified tokens identify a person."""

import time

from coursebook.ui.states.session import SessionState
from tests.support.harness import Harness
from tests.ui.tabs import Tab


async def test_a_good_token_makes_the_person_known(harness: Harness):
    tab = Tab()
    await tab.sign_in(harness, harness.student("sam"))
    session = await tab.state(SessionState)
    assert (session.is_known, session.is_signed_in) == (True, True)
    assert session.display_name
    assert session._who() is not None


async def test_no_token_says_that_nobody_is_signed_in(harness: Harness):
    tab = Tab()
    await tab.fire(SessionState.token_received, "")
    session = await tab.state(SessionState)
    assert (session.is_known, session.is_signed_in) == (True, False)


async def test_a_forged_token_is_nobody_and_ends_the_session(harness: Harness):
    tab = Tab()
    await tab.sign_in(harness, harness.student("sam"))
    token = await harness.token(harness.student("sally"))
    await tab.fire(SessionState.token_received, token[:-8] + "AAAAAAAA")
    session = await tab.state(SessionState)
    assert session._who() is None
    assert session.viewer == ""


async def test_a_session_without_new_tokens_ends_by_itself(harness: Harness):
    tab = Tab()
    await tab.sign_in(harness, harness.student("sam"))
    session = await tab.state(SessionState)
    session._until = int(time.time()) - 6
    assert session._who() is None


async def test_another_person_in_the_same_tab_is_another_viewer(harness: Harness):
    tab = Tab()
    await tab.sign_in(harness, harness.student("sam"))
    first = (await tab.state(SessionState)).viewer
    await tab.sign_in(harness, harness.student("sally"))
    assert (await tab.state(SessionState)).viewer not in ("", first)


async def test_signing_in_goes_back_to_where_one_was(harness: Harness):
    token = await harness.token(harness.student("sam"))
    tab = Tab("/sign-in?next=/courses/clay")
    assert await tab.fire(SessionState.signed_in, token) == ["/courses/clay"]
    tab.go("/sign-in?next=https://evil.example/")
    assert await tab.fire(SessionState.signed_in, token) == ["/courses"]
    tab.go("/sign-in?next=//evil.example")
    assert await tab.fire(SessionState.signed_in, token) == ["/courses"]


async def test_a_sign_in_that_cannot_be_checked_says_so_and_stays(harness: Harness):
    tab = Tab("/sign-in?next=/bookings")
    assert await tab.fire(SessionState.signed_in, "no token at all") == []
    assert (await tab.state(SessionState)).session_notice.text


async def test_the_browser_is_not_told_the_ids_of_the_person(harness: Harness):
    tab = Tab()
    student = harness.student("sam")
    await tab.sign_in(harness, student)
    principal = await harness.principal(student)
    deltas = str(await tab.root._get_resolved_delta())
    assert principal.user_id not in deltas
    assert principal.session_id not in deltas
