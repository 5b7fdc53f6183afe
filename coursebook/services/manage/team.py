"""The team of the school: list it, invite people by mail, accept an invitation, revoke a role.

An invitation is a row without a person. Its link has a random code, made when the mail is sent, of
which only the hash is stored.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.rights import GrantState, Permission, Role
from coursebook.errors import (
    GrantNotFound,
    LastOwner,
    Unauthenticated,
    Unavailable,
)
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.persistence.repositories.outbox import Lane
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import RoleGrant, User
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.manage.access import Access, rights_by_token
from coursebook.services.manage.invitations import (
    INVITATION,
    add_invitation,
    checked_invitation,
    hash_of,
    record_grant,
    revoke_grant,
    state_of_grant,
)
from coursebook.services.manage.school_settings import sender_of

log = structlog.get_logger("coursebook.manage")

DEAD_LINK = (
    "This link no longer works: it was used, replaced or withdrawn, or it is older than 7 days. "
    "Please ask for a new invitation."
)
NO_MAIL = "No mail server is set, so invitations cannot be sent."


@dataclass(frozen=True)
class TaughtCourse:
    """A course of a teacher."""

    id: str
    title: str


@dataclass(frozen=True)
class GrantView:
    """A role of a person, or an invitation to it. `name` is "" until it is accepted."""

    id: str
    email: str
    name: str
    role: Role
    state: GrantState
    courses: tuple[TaughtCourse, ...]
    invited_at: datetime
    expires_at: datetime | None
    accepted_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class FixedOwner:
    """An owner by the sign-in service or OPERATOR_USER_IDS, whose role is not revoked here."""

    name: str
    email: str


@dataclass(frozen=True)
class TeamView:
    """Everybody with a role, and the open invitations, oldest first."""

    items: tuple[GrantView, ...]
    fixed_owners: tuple[FixedOwner, ...]


@dataclass(frozen=True)
class InvitationView:
    """What somebody accepts."""

    role: Role
    courses: tuple[TaughtCourse, ...]
    school: str
    expires_at: datetime


class Team:
    """The use cases of the page "Team"."""

    def __init__(
        self,
        context: Context,
        access: Access,
        owner_ids: Collection[str] = (),
        *,
        has_mail: bool = True,
    ) -> None:
        """`owner_ids` are the user ids of OPERATOR_USER_IDS."""
        self._context = context
        self._access = access
        self._owner_ids = tuple(owner_ids)
        self._has_mail = has_mail

    async def list_of(self, who: Principal | None) -> TeamView:
        """Return the team. Raises Unauthenticated, Forbidden, RateLimited."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.MANAGE_TEAM)
        assert who is not None, "has rights"
        async with reading(self._context.database) as work:
            rows = await work.grants.not_revoked()
            owners = await self._fixed_owners(work, who)
            views = await _views(work, rows, self._context.clock())
        return TeamView(views, owners)

    async def invite(
        self,
        who: Principal | None,
        email: object,
        role: object,
        course_ids: Sequence[str] = (),
        *,
        language: str = "",
    ) -> GrantView:
        """Invite somebody to a role by mail. A teacher needs the courses, others must name none.

        An open invitation of the same address to the same role is replaced. `language` is that of
        the mail for somebody whose language we do not know. Raises Unauthenticated, Forbidden,
        RateLimited, Invalid with pointers, and Unavailable without a mail server.
        """
        actor = await self._actor(who)
        address, wanted = checked_invitation(email, role, course_ids)
        if not self._has_mail:
            raise Unavailable(NO_MAIL)
        now, inviter = self._context.clock(), who.name or who.email if who else ""
        async with writing(self._context.database) as work:
            grant = await add_invitation(work, address, wanted, course_ids, actor, now=now)
            await work.outbox.enqueue(
                INVITATION,
                f"{INVITATION}:{grant.id}",
                {"grant_id": grant.id, "language": language, "inviter": inviter},
                now,
                lane=Lane.PERSONAL,
            )
            await work.flush()
            (view,) = await _views(work, [(grant, None)], now)
        log.info("team.invited", grant=grant.id, role=wanted.value)
        return view

    async def invitation(self, who: Principal | None, code: object) -> InvitationView:
        """Return what an invitation offers, to anybody who is signed in and has its link.

        Raises Unauthenticated, and GrantNotFound for a link that is forged, used or over.
        """
        if who is None:
            raise Unauthenticated
        now = self._context.clock()
        async with reading(self._context.database) as work:
            grant = await work.grants.by_code(hash_of(code))
            if grant is None or state_of_grant(grant, now) is not GrantState.INVITED:
                raise GrantNotFound(DEAD_LINK)
            titles = await work.grants.titles(grant.course_ids)
            school = await sender_of(self._context, work)
        assert grant.expires_at is not None, "an invitation has an end"
        return InvitationView(
            role=Role(grant.role),
            courses=_courses(grant.course_ids, titles),
            school=school.name,
            expires_at=grant.expires_at,
        )

    async def accept(self, who: Principal | None, code: object) -> GrantView:
        """Give the role of an invitation to the person who followed its link, once.

        Raises Unauthenticated, and GrantNotFound for a link that is forged, used or over.
        """
        if who is None:
            raise Unauthenticated
        now = self._context.clock()
        async with writing(self._context.database) as work:
            invitation = await work.grants.by_code(hash_of(code))
            if invitation is None:
                raise GrantNotFound(DEAD_LINK)
            user = await work.users.ensure(who.user_id, who.email, who.name, now)
            await work.flush()  # before the rows that refer to the person
            # Lock active roles before the invitation, as `revoke` does.
            actives = await work.grants.lock_active(invitation.role, user.id)
            grant = await work.grants.lock_by_code(hash_of(code))
            if grant is None or state_of_grant(grant, now) is not GrantState.INVITED:
                raise GrantNotFound(DEAD_LINK)
            for active in actives:
                revoke_grant(work, active, who.actor, "replaced", now=now)
            await work.flush()  # one active role of a kind for each person
            record_grant(work, grant, who.actor, "accepted", GrantState.ACTIVE, now=now)
            grant.user_id, grant.accepted_at, grant.code_hash = user.id, now, None
            for course_id in await work.grants.titles(grant.course_ids):
                await work.grants.add_teacher(course_id, user.id, now, grant.invited_by)
            work.mark_changed(topics.TEAM)
            await work.flush()
            (view,) = await _views(work, [(grant, user)], now)
        log.info("team.accepted", grant=grant.id, role=grant.role)
        return view

    async def revoke(self, who: Principal | None, grant_id: str) -> GrantView:
        """Take a role away, or withdraw an invitation. A second call changes nothing.

        Raises Unauthenticated, Forbidden, RateLimited, GrantNotFound, and LastOwner when nobody
        could give roles afterwards.
        """
        actor = await self._actor(who)
        now = self._context.clock()
        async with writing(self._context.database) as work:
            owners = await work.grants.lock_active(Role.OWNER)
            grant = await work.grants.lock(grant_id) if len(grant_id) <= ID_LENGTH else None
            if grant is None:
                raise GrantNotFound
            is_last = [owner.id for owner in owners] == [grant.id]
            if is_last and not (who and rights_by_token(who).roles):
                raise LastOwner
            user = await work.users.by_id(grant.user_id) if grant.user_id else None
            if grant.revoked_at is None:
                revoke_grant(work, grant, actor, "revoked", now=now)
                if grant.role == Role.TEACHER and grant.user_id:
                    await work.grants.remove_teacher(grant.user_id)
                work.mark_changed(topics.TEAM)
                log.info("team.revoked", grant=grant.id, role=grant.role)
            await work.flush()
            (view,) = await _views(work, [(grant, user)], now)
        return view

    async def _actor(self, who: Principal | None) -> Actor:
        """Return the person for the audit trail. Raises as `list_of` does."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.MANAGE_TEAM)
        return rights.actor(who.user_id if who else "")

    async def _fixed_owners(self, work: UnitOfWork, who: Principal) -> tuple[FixedOwner, ...]:
        """Return the owners of OPERATOR_USER_IDS, and the asking person if a token says so."""
        owners = {}
        for subject in self._owner_ids:
            user = await work.users.by_subject(subject)
            owners[subject] = FixedOwner(user.name, user.email) if user else FixedOwner(subject, "")
        if rights_by_token(who).roles:
            owners[who.user_id] = FixedOwner(who.name, who.email)
        return tuple(owners.values())


async def _views(
    work: UnitOfWork, rows: Sequence[tuple[RoleGrant, User | None]], now: datetime
) -> tuple[GrantView, ...]:
    teachers = {g.user_id for g, _ in rows if g.user_id and g.role == Role.TEACHER}
    taught = await work.grants.taught_by(teachers)
    courses = {
        grant.id: taught.get(grant.user_id, []) if grant.user_id else grant.course_ids
        for grant, _ in rows
        if grant.role == Role.TEACHER
    }
    titles = await work.grants.titles({c for ids in courses.values() for c in ids})
    return tuple(
        GrantView(
            id=grant.id,
            email=(user.email if user else "") or grant.email,
            name=user.name if user else "",
            role=Role(grant.role),
            state=state_of_grant(grant, now),
            courses=_courses(courses.get(grant.id, []), titles),
            invited_at=grant.invited_at,
            expires_at=grant.expires_at if grant.accepted_at is None else None,
            accepted_at=grant.accepted_at,
            revoked_at=grant.revoked_at,
        )
        for grant, user in rows
    )


def _courses(course_ids: Sequence[str], titles: dict[str, str]) -> tuple[TaughtCourse, ...]:
    return tuple(TaughtCourse(id_, titles[id_]) for id_ in course_ids if id_ in titles)
