"""The files that the installed Reflex generates for these pages, before our patches."""

from collections.abc import Callable

from reflex.compiler.compiler import compile_document_root
from reflex.utils.frontend_skeleton import _compile_vite_config
from reflex_base.compiler.templates import app_root_template, context_template
from reflex_base.config import get_config
from reflex_base.plugins.tailwind_v4 import compile_root_style

from coursebook.coursebook import app
from coursebook.ui.reflex_compat.bundle import TAILWIND_CSS
from coursebook.ui.reflex_compat.text_patches import (
    CONTEXT_JSX,
    DOCUMENT_JS,
    ROOT_JSX,
    VITE_CONFIG,
    template,
)


def generated(file: str) -> str:
    """Return a file as the installed Reflex generates it for these pages."""
    makers: dict[str, Callable[[], str]] = {
        CONTEXT_JSX: _context,
        VITE_CONFIG: lambda: _compile_vite_config(get_config()),
        ROOT_JSX: _root,
        DOCUMENT_JS: lambda: compile_document_root([])[1],
        TAILWIND_CSS: lambda: compile_root_style(include_radix_themes=False)[1],
    }
    return makers[file]() if file in makers else template(file)


def _context() -> str:
    state = app._state
    return context_template(
        is_dev_mode=False,
        default_color_mode='"system"',
        initial_state={state.get_name(): {}},
        state_name=state.get_name(),
    )


def _root() -> str:
    return app_root_template(
        imports=[],
        custom_codes=[],
        hooks={},
        window_libraries=[("React", "react")],
        render={"contents": "null"},
        dynamic_imports=set(),
    )
