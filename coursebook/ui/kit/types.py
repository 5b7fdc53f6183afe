"""What the functions of the kit take."""

from typing import Any

import reflex as rx

Text = str | rx.Var[str]
"""Words, fixed or from a state."""

Handler = Any
"""What `on_…` takes: an event handler of a state, or a lambda that calls one."""

Child = rx.Component | rx.Var[Any] | str
"""What may stand inside of another thing."""
