"""Request and response bodies of the team, and of the caller's own rights."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from coursebook.api.schemas.models import ResponseModel
from coursebook.domain.rights import GrantState, Permission, Role
from coursebook.services.manage.invitations import MAX_CODE_LENGTH, MAX_COURSES

MAX_EMAIL_LENGTH = 320
NO_NUL = r"^[^\x00]*$"


def sorted_values(values: object) -> object:
    """Return a set in a fixed order."""
    return sorted(values) if isinstance(values, Collection) else values


def _or_all(course_ids: object) -> object:
    return "all" if course_ids is None else sorted_values(course_ids)


class TaughtCourse(ResponseModel):
    """A course of a teacher."""

    id: str
    title: str


class Grant(ResponseModel):
    """A role of a person, or an invitation to it."""

    id: str
    email: str
    name: str = Field(description="Empty until the invitation is accepted.")
    role: Role
    state: GrantState = Field(
        description="`invited`; `over`: not accepted within 7 days; `active`; `revoked`."
    )
    courses: list[TaughtCourse] = Field(description="The courses of a teacher.")
    invited_at: datetime
    expires_at: datetime | None = Field(description="Of an invitation that is not accepted.")
    accepted_at: datetime | None
    revoked_at: datetime | None


class FixedOwner(ResponseModel):
    """An owner by the sign-in service or `OPERATOR_USER_IDS`."""

    name: str
    email: str


class TeamList(ResponseModel):
    """Everybody with a role and every open invitation, oldest first."""

    items: list[Grant]
    fixed_owners: list[FixedOwner] = Field(
        description="Owners whose role is not given here, so it cannot be revoked here."
    )


class Invitation(BaseModel):
    """Invites somebody to a role."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: str = Field(max_length=MAX_EMAIL_LENGTH, pattern=NO_NUL)
    role: Role
    course_ids: list[Annotated[str, Field(max_length=40, pattern=NO_NUL)]] = Field(
        default=[],
        max_length=MAX_COURSES,
        description="For a teacher the courses that they see; for other roles none.",
    )


class Acceptance(BaseModel):
    """Accepts an invitation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(max_length=MAX_CODE_LENGTH, description="From the link of the invitation.")


class OwnRights(ResponseModel):
    """What the caller may do on the operator's side."""

    roles: Annotated[list[Role], BeforeValidator(sorted_values)]
    permissions: Annotated[list[Permission], BeforeValidator(sorted_values)]
    courses: Annotated[str | list[str], BeforeValidator(_or_all)] = Field(
        description="`all`, or the ids of the courses that the caller may see."
    )
    school: str = Field(description="The name of the school; empty when none is set.")
