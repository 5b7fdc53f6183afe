"""One settlement for the events about a refund or dispute that arrive together.

Stripe sends three events for one refund. Each of them would ask for the session, the refunds and
the disputes; a course that is cancelled has hundreds.
"""

import asyncio

from coursebook.domain.actor import Actor
from coursebook.services.context import Context
from coursebook.services.settlement.settle import SettlementResult, settle

JOIN_SECONDS = 0.05
"""How long the first event waits for others; Stripe is asked afterwards, so no answer is old."""


class JoinedEvents:
    """Settles each session once for all callers of `JOIN_SECONDS`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._waiting: dict[str, asyncio.Future[SettlementResult]] = {}

    async def settle(self, session_id: str, actor: Actor) -> SettlementResult:
        """Apply the session with its refunds and disputes; the first caller does so, as its actor.

        Raises the errors of `settle` to every caller.
        """
        first = self._waiting.get(session_id)
        if first is not None:
            return await asyncio.shield(first)  # one who leaves does not stop the others
        result: asyncio.Future[SettlementResult] = asyncio.get_running_loop().create_future()
        self._waiting[session_id] = result
        try:
            result.set_result(await self._settle(session_id, actor))
        except asyncio.CancelledError:
            result.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - every caller records it
            result.set_exception(error)
        return await result

    async def _settle(self, session_id: str, actor: Actor) -> SettlementResult:
        try:
            await asyncio.sleep(JOIN_SECONDS)
        finally:
            del self._waiting[session_id]  # what arrives from now on needs a newer answer
        return await settle(self._context, session_id, actor=actor, refunds_too=True)
