"""Components and vars that Reflex exports only from internal modules."""

from typing import Any

import reflex as rx
from reflex.app import App
from reflex.route import get_route_args
from reflex_base.utils.imports import ImportVar
from reflex_base.vars.base import VarData
from reflex_components_core.base.error_boundary import error_boundary
from reflex_components_core.el.element import Element as PlainElement
from reflex_components_core.el.elements.inline import A as PlainAnchor
from reflex_components_core.react_router.dom import ReactRouterLink as RouterLink

from coursebook.ui.reflex_compat.seams import Seam, require

__all__ = ["PlainAnchor", "PlainElement", "RouterLink", "error_boundary"]

ERROR_BOUNDARY_WRAP = (55, "ErrorBoundary")
"""The key of the component around all pages that catches an exception of a page."""


def imported_text(expression: str, module: str, tag: str) -> Any:
    """Return a text var for an expression of JavaScript that uses `tag` of a module."""
    return imported_value(expression, module, tag, str)


def imported_value(expression: str, module: str, tag: str, kind: Any) -> Any:
    """Return a var of type `kind` for an expression of JavaScript that uses `tag` of a module."""
    data = VarData(imports={module: [ImportVar(tag=tag)]})
    return rx.Var(expression, _var_type=kind, _var_data=data).guess_type()


def event_argument(name: str, value: str) -> tuple[rx.Var[Any], rx.Var[Any]]:
    """Return one argument of an event, as `EventSpec.args` holds it."""
    return rx.Var(_js_expr=name), rx.Var.create(value)


def add_route_vars(route: str) -> None:
    """Make the parameters of a dynamic route vars of `rx.State` before the page is registered."""
    rx.State.setup_dynamic_args(get_route_args(route))


def _default_wraps() -> Any:
    factory: Any = App.__dataclass_fields__["app_wraps"].default_factory
    return factory()


SEAMS = (
    Seam(
        f"the wrap {ERROR_BOUNDARY_WRAP}",
        "a page that fails to render shows a message and no stack trace",
        lambda: ERROR_BOUNDARY_WRAP in _default_wraps(),
    ),
    Seam(
        "the arguments of an event",
        "the result of a handler names its page there",
        lambda: "args" in rx.event.EventSpec.__dataclass_fields__,
    ),
)
require(SEAMS)
