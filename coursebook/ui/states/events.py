"""What handlers give back."""

from collections.abc import AsyncIterator

import reflex as rx

Events = AsyncIterator[rx.event.EventSpec | None]
"""A handler that shows what changed so far, or sends the browser somewhere, and goes on."""
