"""Reflex's own event queue without a socket: the deltas that a tab gets, in order."""

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

from reflex.istate.manager.memory import StateManagerMemory
from reflex_base.event.processor.base_state_processor import BaseStateEventProcessor

from coursebook.coursebook import app
from coursebook.ui import errors

Tell = Callable[[str, Any], Awaitable[None]]


def event_queue(states: StateManagerMemory, tell: Tell) -> BaseStateEventProcessor:
    """Return a queue that handles events as the product does and passes each delta to `tell`."""
    queue = BaseStateEventProcessor(
        middleware=app, backend_exception_handler=errors.show_backend_error
    )
    queue.configure(state_manager=states)
    queue._root_context = dataclasses.replace(queue._root_context, emit_delta_impl=tell)
    return queue
