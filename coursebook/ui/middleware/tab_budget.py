"""How much the server keeps for tabs: a budget of bytes for each, a number for those left.

What comes in is bounded at the gate (`socket_guard.py`), and what handlers store comes from our
own database. The budget holds whatever a handler may forget.
"""

import pickle
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import structlog
from redis.exceptions import RedisError
from reflex.app import App
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken
from reflex.middleware import Middleware
from reflex.state import BaseState, State, StateUpdate
from reflex_base.event import Event

log = structlog.get_logger(__name__)

MOST_BYTES = 1_000_000
"""Of the state of one tab, pickled as Redis gets it. A catalog of 100 courses has 60,000."""
MOST_LEFT_TABS = 50
"""Tabs without a socket that are kept, for a connection that comes back. A process has 100 KB for
each. One that is forgotten looks like a restart to its owner: the page loads again."""


class TabBudget(Middleware):
    """Empties a tab that has grown beyond its budget, before its next event."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Look at an event; stop it when its tab is emptied. The next one loads the page again."""
        del app
        root = state._get_root_state()  # noqa: SLF001 - Reflex offers no public way up
        size = sum(len(pickle.dumps(part)) for part in _parts(root))
        if size <= MOST_BYTES:
            return None
        log.warning("tab_over_budget", bytes=size, handler=event.name.rpartition(".")[2])
        root.reset()
        root.router_data = {}  # Reflex then sends the next event a whole page
        return StateUpdate()


class LeftTabs:
    """The tabs whose socket has closed; the oldest are forgotten first."""

    def __init__(self, app: App, most: int = MOST_LEFT_TABS) -> None:
        self._app = app
        self._most = most
        self._left: OrderedDict[str, None] = OrderedDict()

    def back(self, tab: str) -> None:
        """Note that a tab has a socket again."""
        self._left.pop(tab, None)

    async def left(self, tab: str, *, has_acted: bool) -> None:
        """Note that the socket of a tab has closed. One that never did anything is not kept."""
        self._left[tab] = None
        self._left.move_to_end(tab, last=has_acted)
        over = len(self._left) - self._most if has_acted else 1
        for _ in range(max(0, over)):
            await self._forget(self._left.popitem(last=False)[0])

    async def _forget(self, tab: str) -> None:
        try:
            if not await self._app.event_namespace._token_manager.is_token_connected(tab):  # noqa: SLF001
                await self._delete(tab)
        except (RedisError, OSError):
            return  # Redis forgets it by itself after half an hour

    async def _delete(self, tab: str) -> None:
        manager = self._app.state_manager
        if isinstance(manager, StateManagerMemory):
            token = BaseStateToken(ident=tab, cls=State)
            lock = manager._states_locks.get(token.lock_key)  # noqa: SLF001
            if lock is None or not lock.locked():
                manager._purge_token(token)  # noqa: SLF001
        elif isinstance(manager, StateManagerRedis):
            names = [str(BaseStateToken(ident=tab, cls=kind)) for kind in _kinds(State)]
            await manager.redis.delete(*names)


def _parts(state: BaseState) -> Iterator[BaseState]:
    yield state
    for part in state.substates.values():
        yield from _parts(part)


def _kinds(kind: type[BaseState]) -> Iterator[type[BaseState]]:
    yield kind
    for part in kind.get_substates():
        yield from _kinds(part)
