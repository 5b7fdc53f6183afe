"""The list "Ready to sell": each point is done once the thing has happened."""

import pytest

from coursebook.errors import Forbidden, Unauthenticated
from coursebook.persistence.repositories.readiness import ReadinessFacts
from coursebook.persistence.unit_of_work import reading
from tests.support.harness import OPERATOR, Harness

pytestmark = pytest.mark.both_databases


async def done(harness: Harness) -> set[str]:
    points = await harness.services.readiness.points(await harness.principal(OPERATOR))
    assert len(points) == 8
    return {point.name.value for point in points if point.is_done}


async def test_a_point_is_done_once_it_has_happened(harness: Harness):
    course = await harness.course(image="/courses/tabla.svg")
    assert {"published", "picture"} <= await done(harness)
    await harness.confirmed(harness.student("sally"), course)
    await harness.worker_round()
    assert {"webhook", "mail", "second_person", "test_booking"} <= await done(harness)
    readiness = harness.services.readiness
    await readiness.look_at_terms(await harness.principal(OPERATOR))
    await readiness.look_at_terms(await harness.principal(OPERATOR))
    assert "terms" in await done(harness)


async def test_only_who_may_change_courses_sees_it(harness: Harness):
    readiness, sam = harness.services.readiness, await harness.principal(harness.student("sam"))
    for call in (readiness.points, readiness.look_at_terms):
        with pytest.raises(Forbidden):
            await call(sam)
        with pytest.raises(Unauthenticated):
            await call(None)


async def test_the_school_has_a_name_of_its_own_and_a_mail_address(harness: Harness):
    olga = await harness.principal(OPERATOR)
    profile = harness.services.school_profile
    assert "school" not in await done(harness)
    await profile.patch(olga, {"name": "Atelier"})
    assert "school" not in await done(harness)
    await profile.patch(olga, {"email": "atelier@example.test"})
    assert "school" in await done(harness)
    await profile.patch(olga, {"name": "", "email": ""})


async def test_the_viewer_alone_and_sample_people_are_no_second_person(harness: Harness):
    sally, course = harness.student("sally"), await harness.course()
    subject = (await harness.principal(sally)).user_id
    await harness.confirmed(sally, course)

    async def facts(viewer: str, sample_subject: str) -> ReadinessFacts:
        async with reading(harness.services.context.database) as work:
            return await work.readiness.facts(viewer, sample_subject=sample_subject, seeder="seed")

    other = await facts("somebody else", "sample_")
    assert (other.has_second_person, other.has_booking) == (True, True)
    sample = await facts("somebody else", "user_")
    assert (sample.has_second_person, sample.has_booking) == (False, False)
    assert subject.startswith("user_")
