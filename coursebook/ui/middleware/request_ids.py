"""An id for every event of a browser, as every call of the API has one."""

from typing import Any

from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState
from reflex_base.event import Event

from coursebook.log import begin_request, new_request_id
from coursebook.log_budget import begin_client
from coursebook.ui.reflex_compat import state_tree


class EventIds(Middleware):
    """Begins a request for each event; its log lines, audit rows and what follows carry the id.

    Reflex handles each event in a task of its own (also those that work beside others), so the id
    ends with it.
    """

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Look at an event before it is handled; never stop one."""
        del app, event
        begin_request(new_request_id())
        begin_client(state_tree.client_address(state))
