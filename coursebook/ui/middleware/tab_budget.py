"""Limits of the memory for tabs: bytes for each tab, and a number of tabs without a socket.

`socket_guard.py` limits the input, and handlers store data of our own database. The budget is the
safety net for a handler that stores too much.
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

MAX_TAB_BYTES = 1_000_000
"""Size of the state of one tab, pickled as for Redis. A catalog of 100 courses has 60,000."""
MAX_DISCONNECTED_TABS = 50
"""Tabs without a socket whose state is kept for a reconnect, at 100 KB each. A tab beyond the limit
loads its page again, as after a restart."""


class TabBudget(Middleware):
    """Resets a tab that has grown beyond its budget, before its next event."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Stop the event if its tab is over budget. The next event loads the page again."""
        del app
        root = state_tree.root_of(state)
        size = sum(len(pickle.dumps(part)) for part in state_tree.states_of(root))
        if size <= MAX_TAB_BYTES:
            return None
        log.warning("tab_budget.exceeded", bytes=size, handler=event.name.rpartition(".")[2])
        root.reset()
        state_tree.forget_address(root)
        return StateUpdate()


class DisconnectedTabs:
    """The tabs whose socket has closed; the oldest are deleted first."""

    def __init__(self, app: App, max_tabs: int = MAX_DISCONNECTED_TABS) -> None:
        self._app = app
        self._max_tabs = max_tabs
        self._tabs: OrderedDict[str, None] = OrderedDict()

    def reconnected(self, tab: str) -> None:
        """Take a tab off the list: it has a socket again."""
        self._tabs.pop(tab, None)

    async def disconnected(self, tab: str, *, has_acted: bool) -> None:
        """Add a tab whose socket has closed. A tab that never sent an event is not kept."""
        self._tabs[tab] = None
        self._tabs.move_to_end(tab, last=has_acted)
        over = len(self._tabs) - self._max_tabs if has_acted else 1
        for _ in range(max(0, over)):
            await self._forget(self._tabs.popitem(last=False)[0])

    async def _forget(self, tab: str) -> None:
        try:
            if not await transport.is_open_anywhere(self._app, tab):
                await state_storage.delete_tree(self._app, tab)
        except (RedisError, OSError):
            return  # Redis expires it after half an hour
