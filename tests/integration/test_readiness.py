"""The list "Ready to sell": each point is done once the thing has happened."""

import pytest

from coursebook.errors import Forbidden, Unauthenticated
from coursebook.persistence.unit_of_work import writing
from tests.support.harness import OPERATOR, Harness

pytestmark = pytest.mark.both_databases


async def done(harness: Harness) -> set[str]:
    points = await harness.services.readiness.points(await harness.principal(OPERATOR))
    assert len(points) == 8
    return {point.name.value for point in points if point.is_done}


async def test_a_point_is_done_once_it_has_happened(harness: Harness):
    async with writing(harness.services.context.database) as work:
        before = await work.readiness.facts("")  # no person counts: all subjects begin so
    assert not before.has_second_person
    assert not before.has_booking
    course = await harness.course(image="/courses/tabla.svg")
    assert {"published", "picture"} <= await done(harness)
    await harness.confirmed(harness.student("sally"), course)
    await harness.checkout(harness.student("sam"), course)
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
