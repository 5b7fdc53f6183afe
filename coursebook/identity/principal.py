"""The person behind a verified session token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from coursebook.domain.actor import Actor

Role = Literal["student", "operator"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person, from a verified session token.

    `user_id` is Clerk's `sub`, `session_id` its `sid`, `expires` the token's end in epoch
    seconds, `issued` its beginning. `email` and `name` are empty when the token carries no such
    claims.
    """

    user_id: str
    session_id: str
    role: Role
    email: str
    name: str
    expires: int
    issued: int = field(default=0, compare=False)

    @property
    def actor(self) -> Actor:
        """Return this person as the audit trail names them."""
        return Actor(self.role, self.user_id)

    @property
    def is_operator(self) -> bool:
        """Whether the person may manage the school: courses, refunds, the money inbox."""
        return self.role == "operator"
