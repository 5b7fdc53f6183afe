"""How much the server keeps for tabs: a budget of bytes for each, a number for those left.

What comes in is bounded at the gate (`socket_guard.py`), and what handlers store comes from our
own database. The budget holds whatever a handler may forget.
"""

import pickle
from collections import OrderedDict
from typing import Any

import structlog
from redis.exceptions import RedisError
from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from coursebook.ui.reflex_compat import state_storage, state_tree, transport

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
        root = state_tree.root_of(state)
        size = sum(len(pickle.dumps(part)) for part in state_tree.states_of(root))
        if size <= MOST_BYTES:
            return None
        log.warning("tab_over_budget", bytes=size, handler=event.name.rpartition(".")[2])
        root.reset()
        state_tree.forget_address(root)
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
            if not await transport.is_open_anywhere(self._app, tab):
                await state_storage.delete_tree(self._app, tab)
        except (RedisError, OSError):
            return  # Redis forgets it by itself after half an hour
