"""The generated module with Reflex's names for our scripts in the browser."""

from collections.abc import Iterable

import reflex as rx

from coursebook.ui.reflex_compat.events import BROWSER_EVENT_PREFIX, BROWSER_EXCEPTION, TEMPORAL
from coursebook.ui.reflex_compat.hydration import SENT_ON_CONNECT

NAMES = "utils/reflex_names.js"
_SCRIPT = """\
// Generated from coursebook/ui/reflex_compat.
// Events that Reflex's script sends again by itself after a lost connection.
export const SENT_ON_CONNECT = /{connect}/;
// Events that belong to the tab, whatever page it is on.
export const OF_THE_TAB = /{tab}/;
// Events that Reflex's script drops while there is no connection: they cost money.
export const isTemporal = (event) => Boolean(event.event_actions?.{temporal});
export const isOfBrowser = (event) => event.name.startsWith("{prefix}");
"""


def names(states_of_the_tab: Iterable[type[rx.State]]) -> str:
    """Return the module. Handlers of these states belong to the tab, not to a page."""
    handlers = [rf"{state.get_name()}\.[a-z_]+$" for state in states_of_the_tab]
    ends = [*handlers, f"{BROWSER_EXCEPTION}$", f"^{BROWSER_EVENT_PREFIX}"]
    return _SCRIPT.format(
        connect="|".join(SENT_ON_CONNECT),
        tab="|".join(ends),
        temporal=TEMPORAL,
        prefix=BROWSER_EVENT_PREFIX,
    )
