"""Tells what a person may do on the operator's side. Every service there asks it first."""

from coursebook.domain.rights import ROLES, Rights
from coursebook.errors import Unauthenticated
from coursebook.identity.principal import Principal


class Access:
    """Rights of people."""

    async def rights_of(self, who: Principal | None) -> Rights:
        """Return the rights of a person; empty for a student. Raises Unauthenticated for nobody."""
        if who is None:
            raise Unauthenticated
        if who.is_operator:
            return Rights(frozenset({"owner"}), ROLES["owner"], None)
        return Rights()
