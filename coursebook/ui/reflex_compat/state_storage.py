"""The managers that store the trees of states, in memory or in Redis."""

from reflex.app import App
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken
from reflex.state import BaseState, State

from coursebook.ui.reflex_compat.seams import Seam, has_all, require
from coursebook.ui.reflex_compat.state_tree import kinds_of


def token_of(tab: str, kind: type[BaseState] = State) -> BaseStateToken:
    """Return the key under which the state of a tab is stored."""
    return BaseStateToken(ident=tab, cls=kind)


async def delete_tree(app: App, tab: str) -> None:
    """Delete the state of a tab, unless one of its events is being handled. Raises RedisError."""
    manager = app.state_manager
    if isinstance(manager, StateManagerMemory):
        token = token_of(tab)
        lock = manager._states_locks.get(token.lock_key)  # noqa: SLF001 - no public function deletes
        if lock is None or not lock.locked():
            manager._purge_token(token)  # noqa: SLF001
    elif isinstance(manager, StateManagerRedis):
        await manager.redis.delete(*(str(token_of(tab, kind)) for kind in kinds_of(State)))


SEAMS = (
    Seam(
        "StateManagerMemory",
        "a process deletes the states of disconnected tabs",
        lambda: (
            {"_states_locks", "states"} <= set(StateManagerMemory.__dataclass_fields__)
            and has_all(StateManagerMemory, "_purge_token")
            and token_of("tab").lock_key == "tab"
        ),
    ),
    Seam(
        "StateManagerRedis",
        "the same in Redis, one key for each state of a tab",
        lambda: (
            "redis" in StateManagerRedis.__dataclass_fields__
            and str(token_of("tab")).startswith("tab_")
        ),
    ),
)
require(SEAMS)
