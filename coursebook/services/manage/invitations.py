"""Invitations to the team as rows without a person, with the hash of a random code."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from coursebook.domain.actor import Actor
from coursebook.domain.external_text import mail_address
from coursebook.domain.rights import GrantState, Role, grant_state
from coursebook.errors import FieldError, Invalid
from coursebook.live import topics
from coursebook.log import current_request_id
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import RoleGrant
from coursebook.persistence.unit_of_work import UnitOfWork, writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import MAIL

INVITATION = f"{MAIL}team_invitation"
"""The kind of the outbox message that sends an invitation."""
INVITATION_PERIOD = timedelta(days=7)
MAX_COURSES = 200
"""Courses in one invitation."""
CODE_BYTES = 32
"""Random bytes of a code: 256 bits."""
MAX_CODE_LENGTH = 100
COMMAND_LINE = Actor("operator, at the command line")


async def invite_by_link(
    context: Context, email: str, role: str, courses: Sequence[str] = ()
) -> tuple[str, datetime]:
    """Make an invitation that no mail carries. Return the address of its link, and its end.

    `courses` are ids or slugs. Raises Invalid.
    """
    now, code = context.clock(), secrets.token_urlsafe(CODE_BYTES)
    address, wanted = checked_invitation(email, role, courses)
    async with writing(context.database) as work:
        found = [await work.courses.find(name) for name in courses]
        ids = [course.id if course else name for name, course in zip(courses, found, strict=True)]
        grant = await add_invitation(work, address, wanted, ids, COMMAND_LINE, now=now)
        grant.code_hash = hash_of(code)
    return link_of(context, code), now + INVITATION_PERIOD


async def add_invitation(
    work: UnitOfWork,
    address: str,
    role: Role,
    course_ids: Sequence[str],
    actor: Actor,
    *,
    now: datetime,
) -> RoleGrant:
    """Add an invitation in place of an open one of the same address to the same role.

    Raises Invalid for a course that does not exist.
    """
    courses = list(dict.fromkeys(course_ids))
    await _check_courses(work, courses)
    for invitation in await work.grants.lock_invitations(address, role):
        revoke_grant(work, invitation, actor, "replaced", now=now)
    grant = RoleGrant(
        id=new_id("grt"),
        email=address,
        role=role.value,
        course_ids=courses,
        invited_by=actor.id or actor.kind,
        invited_at=now,
        expires_at=now + INVITATION_PERIOD,
    )
    work.grants.add(grant)
    record_grant(work, grant, actor, "invited", GrantState.INVITED, now=now)
    work.mark_changed(topics.TEAM)
    return grant


def revoke_grant(
    work: UnitOfWork, grant: RoleGrant, actor: Actor, event: str, *, now: datetime
) -> None:
    """Take a role away, or withdraw an invitation. `event` is `revoked` or `replaced`."""
    record_grant(work, grant, actor, event, GrantState.REVOKED, now=now)
    grant.revoked_at, grant.revoked_by, grant.code_hash = now, actor.id or actor.kind, None


def record_grant(
    work: UnitOfWork,
    grant: RoleGrant,
    actor: Actor,
    event: str,
    after: GrantState,
    *,
    now: datetime,
) -> None:
    """Write the audit row of a grant that is not changed yet."""
    before = None if after is GrantState.INVITED else state_of_grant(grant, now)
    change = Change(
        booking_id=None,
        subject=grant.id,
        event=event,
        from_state=before.value if before else None,
        to_state=after.value,
        data={"email": grant.email, "role": grant.role, "courses": grant.course_ids},
        about="team",
    )
    work.audit.write(change, actor=actor, request_id=current_request_id(), now=now)


def link_of(context: Context, code: str) -> str:
    """Return the address that accepts the invitation with this code."""
    return f"{context.public_url}/invitation?code={code}"


def hash_of(code: object) -> str:
    """Return the hash under which a code is stored; "" for a value that is no code."""
    is_code = isinstance(code, str) and 0 < len(code) <= MAX_CODE_LENGTH
    return hashlib.sha256(str(code).encode("utf-8", "replace")).hexdigest() if is_code else ""


def state_of_grant(grant: RoleGrant, now: datetime) -> GrantState:
    """Return the state of a stored role or invitation."""
    return grant_state(
        accepted_at=grant.accepted_at,
        revoked_at=grant.revoked_at,
        expires_at=grant.expires_at,
        now=now,
    )


def checked_invitation(email: object, role: object, course_ids: Sequence[str]) -> tuple[str, Role]:
    """Return address and role. Raises Invalid with an error for each wrong value."""
    errors, address = [], mail_address(email)
    if not address:
        sentence = "This is not an email address, such as tara@school.example."
        errors.append(FieldError("/email", sentence))
    if not isinstance(role, str) or role not in list(Role):
        errors.append(FieldError("/role", "Please choose a role."))
    elif role == Role.TEACHER and not course_ids:
        errors.append(FieldError("/course_ids", "Please choose at least one course."))
    elif role != Role.TEACHER and course_ids:
        errors.append(FieldError("/course_ids", "Only a teacher is limited to courses."))
    if len(course_ids) > MAX_COURSES:
        errors.append(FieldError("/course_ids", f"Please choose at most {MAX_COURSES} courses."))
    if errors:
        raise Invalid(errors)
    return address, Role(str(role))


async def _check_courses(work: UnitOfWork, course_ids: list[str]) -> None:
    titles = await work.grants.titles(course_ids)
    missing = [
        FieldError(f"/course_ids/{number}", "There is no such course.")
        for number, course_id in enumerate(course_ids)
        if course_id not in titles
    ]
    if missing:
        raise Invalid(missing)
