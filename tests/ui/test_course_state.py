"""The course page: its content, and the click that books."""

from coursebook.persistence.unit_of_work import reading, writing
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.session import SessionState
from tests.support.harness import Harness, eur
from tests.ui.tabs import Tab


async def test_the_course_of_the_address_is_shown(harness: Harness):
    course = await harness.course(title="Clay", price=eur(45), capacity=2)
    tab = Tab(f"/courses/{course.slug}/")
    await tab.fire(CourseState.page_opened)
    state = await tab.state(CourseState)
    assert (state.view_state, state.shown_slug, state.title) == ("content", course.slug, "Clay")
    assert (state.course.price, state.course.places) == ("€45", "2 places left")
    assert [b.kind for b in state.course.description] == ["paragraph", "bullets"]


async def test_an_unknown_course_has_a_face_of_its_own(harness: Harness):
    tab = Tab("/courses/no-such-course")
    await tab.fire(CourseState.page_opened)
    assert (await tab.state(CourseState)).view_state == "missing"


async def test_booking_leads_to_the_payment_page(harness: Harness):
    course = await harness.course()
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    token = await harness.token(harness.student("sam"))
    (address,) = await tab.fire(CourseState.book_clicked, token)
    assert "/c/pay/cs_test_" in address
    assert (await harness.course_now(course)).held == 1


async def test_the_language_of_the_page_and_the_zone_of_the_browser_are_kept_for_mails(
    harness: Harness,
):
    course, sam = await harness.course(), harness.student("sam")
    tab = Tab(f"/courses/{course.slug}", "de-AT")
    await tab.fire(CourseState.page_opened)
    await tab.fire(CourseState.book_clicked, await harness.token(sam), "Asia/Kolkata")
    principal = await harness.principal(sam)
    async with reading(harness.services.context.database) as work:
        user = await work.users.by_subject(principal.user_id)
    assert user is not None
    assert (user.language, user.timezone) == ("de", "Asia/Kolkata")


async def test_a_stranger_is_led_to_sign_in_and_back(harness: Harness):
    course = await harness.course()
    tab = Tab(f"/courses/{course.slug}")
    for token in ("", "forged"):
        assert await tab.fire(CourseState.book_clicked, token) == [
            f"/sign-in?next=/courses/{course.slug}"
        ]
    assert (await harness.course_now(course)).held == 0


async def signed_in_after(tab: Tab, harness: Harness, slug: str) -> list[str]:
    """Press «Book now» as a stranger, sign in, and come back."""
    (way,) = await tab.fire(CourseState.book_clicked, "")
    tab.go(way)
    token = await harness.token(harness.student("sam"))
    assert await tab.fire(SessionState.signed_in, token) == [f"/courses/{slug}"]
    tab.go(f"/courses/{slug}")
    await tab.fire(CourseState.page_opened)
    return await tab.fire(CourseState.booking_resumed, token)


async def test_after_the_sign_in_the_booking_goes_on_once(harness: Harness):
    course = await harness.course()
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    (address,) = await signed_in_after(tab, harness, course.slug)
    assert "/c/pay/cs_test_" in address
    token = await harness.token(harness.student("sam"))
    assert await tab.fire(CourseState.booking_resumed, token) == [], "once, not twice"


async def test_without_a_press_nothing_goes_on(harness: Harness):
    course = await harness.course()
    tab = Tab(f"/sign-in?next=/courses/{course.slug}")
    token = await harness.token(harness.student("sam"))
    await tab.fire(SessionState.signed_in, token)
    tab.go(f"/courses/{course.slug}?book=1")
    await tab.fire(CourseState.page_opened)
    assert await tab.fire(CourseState.booking_resumed, token) == []
    assert (await harness.course_now(course)).held == 0


async def test_another_course_than_the_one_that_was_pressed_is_not_booked(harness: Harness):
    pressed, other = await harness.course(), await harness.course()
    tab = Tab(f"/courses/{pressed.slug}")
    await tab.fire(CourseState.page_opened)
    await tab.fire(CourseState.book_clicked, "")
    token = await harness.token(harness.student("sam"))
    tab.go(f"/sign-in?next=/courses/{other.slug}")
    await tab.fire(SessionState.signed_in, token)
    for course in (other, pressed):
        tab.go(f"/courses/{course.slug}")
        await tab.fire(CourseState.page_opened)
        assert await tab.fire(CourseState.booking_resumed, token) == []
        assert (await harness.course_now(course)).held == 0


async def test_a_course_that_changed_meanwhile_is_shown_first(harness: Harness):
    course = await harness.course(price=eur(45))
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        row.price = 5000
    assert await signed_in_after(tab, harness, course.slug) == []
    state = await tab.state(CourseState)
    assert "has changed" in state.notice.text
    assert (await harness.course_now(course)).held == 0


async def test_a_full_course_says_so_and_charges_nothing(harness: Harness):
    course = await harness.course(capacity=1)
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    await harness.checkout(harness.student("sally"), course)
    assert (
        await tab.fire(CourseState.book_clicked, await harness.token(harness.student("sam"))) == []
    )
    state = await tab.state(CourseState)
    assert "Nothing was charged" in state.notice.text
    assert (state.course.booking, state.is_busy) == ("full", False)


async def test_a_free_course_leads_to_our_own_success_page(harness: Harness):
    course = await harness.course(price=eur(0))
    tab = Tab(f"/courses/{course.slug}")
    token = await harness.token(harness.student("sam"))
    (address,) = await tab.fire(CourseState.book_clicked, token)
    assert "/payment/success?booking_id=" in address


async def test_when_stripe_does_not_answer_the_person_gets_a_sentence(harness: Harness):
    course = await harness.course()
    tab = Tab(f"/courses/{course.slug}")
    await harness.control("faults", count=20, kind="500", when="before")
    assert (
        await tab.fire(CourseState.book_clicked, await harness.token(harness.student("sam"))) == []
    )
    state = await tab.state(CourseState)
    assert "try again" in state.notice.text
    assert not state.is_busy


async def test_a_second_press_while_busy_does_nothing(harness: Harness):
    course = await harness.course()
    tab = Tab(f"/courses/{course.slug}")
    (await tab.state(CourseState)).is_busy = True
    assert (
        await tab.fire(CourseState.book_clicked, await harness.token(harness.student("sam"))) == []
    )
    assert (await harness.course_now(course)).held == 0
