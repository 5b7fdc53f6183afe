"""A request id for every event of a browser, as for every API call."""

from typing import Any

from reflex.app import App
from reflex.middleware import Middleware
from reflex.state import BaseState
from reflex_base.event import Event

from coursebook.log import begin_request, new_request_id
from coursebook.log_budget import begin_client
from coursebook.ui.reflex_compat import state_tree


class RequestIds(Middleware):
    """Sets the request id of each event for its log lines, audit rows and follow-up work.

    Reflex handles each event in its own task (background events too), so the id ends with it.
    """

    async def preprocess(self, app: App, state: BaseState, event: Event) -> Any:
        """Set the ids before the event is handled; never stop it."""
        del app, event
        begin_request(new_request_id())
        begin_client(state_tree.client_address(state))
