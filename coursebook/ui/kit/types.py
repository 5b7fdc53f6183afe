"""The argument types of the kit."""

from typing import Any

import reflex as rx

Text = str | rx.Var[str]
"""A text, fixed or from a state."""

Handler = Any
"""The value of `on_…`: an event handler of a state, or a lambda that calls one."""

Child = rx.Component | rx.Var[Any] | str
"""A child of a component."""
