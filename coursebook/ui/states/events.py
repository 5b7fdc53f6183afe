"""The return type of event handlers that yield."""

from collections.abc import AsyncIterator

import reflex as rx

Events = AsyncIterator[rx.event.EventSpec | None]
"""Each `yield` sends the changes so far, or an event such as a redirect."""
