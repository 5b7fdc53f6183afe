"""Patches of Reflex's own script in the browser, and our modules that it imports."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import reflex as rx

from coursebook.ui.reflex_compat import (
    backend_address,
    events,
    late_states,
    server_rendering,
    transport,
)
from coursebook.ui.reflex_compat.scripts import NAMES, names
from coursebook.ui.reflex_compat.text_patches import (
    STATE_JS,
    apply_all,
    is_development,
    template,
)

if TYPE_CHECKING:
    from coursebook.ui.page import Site

UI = Path(__file__).parents[1]
OURS = {
    "utils/navigation.js": UI / "current_page" / "navigation.js",
    "utils/connection.js": UI / "connection_status" / "connection.js",
    transport.SCRIPT: transport.SCRIPT_SOURCE,
    server_rendering.ROUTES: server_rendering.ROUTES_SOURCE,
}
"""Our modules beside Reflex's script."""
POLICIES = "utils/policies.js"
_POLICIES = """\
// Generated from the declared pages (coursebook/ui/page.py).
const OWN = {policies};
// The policy of the page at a path: "" unless it has its own.
export function policyOf(path) {{
  return OWN.find(([pattern]) => new RegExp(pattern).test(path))?.[1] ?? "";
}}
"""
PATCHES = (
    *backend_address.PATCHES,
    *events.PATCHES,
    *transport.PATCHES,
    *late_states.STATE_PATCHES,
)


class SameOrigin(rx.plugins.Plugin):
    """Makes the browser call the origin of the page, and keeps its events in order.

    Reflex's own development mode has two ports and is not changed.
    """

    def pre_compile(self, **context: Any) -> None:
        """Replace Reflex's `state.js` in the web folder by the patched copy."""
        for name, source in OURS.items():
            context["add_save_task"](_copied, name, source)
        context["add_save_task"](_names)
        context["add_save_task"](_policies)
        if not is_development():
            context["add_save_task"](lambda: (STATE_JS, patched_state_js()))


CAMERA = " camera"
"""What is added to the policy of a page that may use the camera: a header of its own says so."""


def policies_module(site: "Site") -> str:
    """Return the module that tells pages with a policy of their own from all others."""
    apart = dict.fromkeys((*site.with_sources, *site.with_camera))
    policies = [
        [
            page.pattern_in_browser,
            f"{page.all_sources.directives}{CAMERA if page.uses_camera else ''}",
        ]
        for page in apart
    ]
    return _POLICIES.format(policies=json.dumps(policies))


def patched_state_js() -> str:
    """Return Reflex's `state.js` with our patches. Raises when an anchor is missing."""
    return apply_all(PATCHES, template(STATE_JS))


def _copied(name: str, source: Path) -> tuple[str, str]:
    return name, source.read_text(encoding="utf-8")


def _names() -> tuple[str, str]:
    from coursebook.ui.states.live import LiveState  # noqa: PLC0415 - rxconfig.py is read first
    from coursebook.ui.states.session import SessionState  # noqa: PLC0415

    return NAMES, names([SessionState, LiveState])


def _policies() -> tuple[str, str]:
    from coursebook.ui.pages import SITE  # noqa: PLC0415 - rxconfig.py is read first

    return POLICIES, policies_module(SITE)
