"""Authentication by session token, the same for the API and the pages."""

from coursebook.identity.clerk import Verifier
from coursebook.identity.principal import Principal
from coursebook.services.claims import Claims
from coursebook.services.rate_limits import Limits


class Authentication:
    """Turn session tokens into principals, and limit how often tokens are checked."""

    def __init__(self, verifier: Verifier, limits: Limits, claims: Claims) -> None:
        self._verifier = verifier
        self._limits = limits
        self._claims = claims

    async def person(self, token: object, address: str = "") -> Principal | None:
        """Return the person of a token, or None when it is invalid.

        Only invalid tokens count against a network address: a school may share one, and one
        person's attempts must not lock out the others. Raises RateLimited, and Unavailable when the
        token cannot be verified now.
        """
        who = await self._verifier.principal(token)
        if who is not None:
            await self._limits.count("token", who.user_id)
            await self._claims.take_over(who)
        elif address:
            await self._limits.count_stranger("token", address)
        return who
