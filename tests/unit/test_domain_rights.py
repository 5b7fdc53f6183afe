"""What each role allows: the whole table, and the scope of a teacher."""

from datetime import UTC, datetime, timedelta

import pytest

from coursebook.domain.rights import (
    NO_RIGHTS,
    PERMISSIONS,
    GrantState,
    Permission,
    Rights,
    Role,
    grant_state,
)
from coursebook.errors import CourseNotFound, Forbidden

TABLE = """
                  owner manager teacher accountant
see_courses       all   all     own     all
write_courses     all   all     -       -
publish_courses   all   all     -       -
cancel_courses    all   all     -       -
see_people        all   all     own     -
see_contacts      all   all     -       -
change_bookings   all   all     -       -
see_money         all   all     -       all
move_money        all   all     -       -
send_messages     all   all     -       -
check_in          all   all     own     -
see_reports       all   all     -       all
manage_team       all   -       -       -
manage_settings   all   -       -       -
erase_people      all   -       -       -
"""
CASES = [
    (Permission(name), Role(role), reach)
    for name, *reaches in map(str.split, TABLE.strip().splitlines()[1:])
    for role, reach in zip(TABLE.split()[:4], reaches, strict=True)
]


def test_the_table_has_every_role_and_every_permission() -> None:
    assert {(permission, role) for permission, role, _ in CASES} == {
        (permission, role) for permission in Permission for role in Role
    }
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize(("permission", "role", "reach"), CASES)
def test_a_role_allows_what_the_table_says(permission: Permission, role: Role, reach: str) -> None:
    rights = Rights.of(role, taught={"crs_own"})
    assert rights.allows(permission) is (reach != "-")
    assert rights.allows(permission, "crs_own") is (reach != "-")
    assert rights.allows(permission, "crs_other") is (reach == "all")
    assert (permission in rights.permissions) is (reach != "-")


@pytest.mark.parametrize("role", Role)
def test_a_course_out_of_reach_is_not_found_whatever_is_asked(role: Role) -> None:
    rights = Rights.of(role, taught={"crs_own"})
    for permission in Permission:
        is_allowed = rights.allows(permission, "crs_other")
        if role is Role.TEACHER:
            with pytest.raises(CourseNotFound):
                rights.require(permission, "crs_other")
        elif is_allowed:
            rights.require(permission, "crs_other")
        else:
            with pytest.raises(Forbidden):
                rights.require(permission, "crs_other")


def test_somebody_without_a_role_is_refused_everything() -> None:
    for permission in Permission:
        for course_id in (None, "crs_1"):
            with pytest.raises(Forbidden):
                NO_RIGHTS.require(permission, course_id)
    assert (NO_RIGHTS.permissions, NO_RIGHTS.courses) == (frozenset(), frozenset())


def test_two_roles_add_up_and_each_keeps_its_scope() -> None:
    rights = Rights.of(Role.TEACHER, Role.ACCOUNTANT, taught={"crs_own"})
    assert rights.courses is None
    rights.require(Permission.SEE_COURSES, "crs_other")
    rights.require(Permission.CHECK_IN, "crs_own")
    with pytest.raises(Forbidden):
        rights.require(Permission.CHECK_IN, "crs_other")


def test_only_a_teacher_has_courses_of_her_own() -> None:
    assert Rights.of(Role.TEACHER, taught={"crs_own"}).courses == {"crs_own"}
    assert Rights.of(Role.TEACHER).courses == frozenset()
    assert Rights.of(Role.MANAGER, taught={"crs_own"}).taught == frozenset()


NOW = datetime(2027, 1, 1, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=1), NOW - timedelta(days=1)


@pytest.mark.parametrize("accepted_at", [None, EARLIER])
@pytest.mark.parametrize("revoked_at", [None, EARLIER])
@pytest.mark.parametrize("expires_at", [None, EARLIER, NOW, LATER])
def test_the_state_of_a_grant(accepted_at, revoked_at, expires_at) -> None:  # type: ignore[no-untyped-def]
    state = grant_state(
        accepted_at=accepted_at, revoked_at=revoked_at, expires_at=expires_at, now=NOW
    )
    if revoked_at:
        assert state is GrantState.REVOKED
    elif accepted_at:
        assert state is GrantState.ACTIVE
    else:
        is_over = expires_at is not None and expires_at <= NOW
        assert state is (GrantState.OVER if is_over else GrantState.INVITED)
