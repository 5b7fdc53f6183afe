"""Clicks and input on a server-rendered page before it is interactive.

On a slow phone the scripts arrive seconds after the page. A small script in the head (`record.js`)
records clicks and input until then; `replay.jsx` replays them once the tab is connected. Until then
the page's own scripts do not see the events, so that each takes effect once.
"""

from pathlib import Path

import reflex as rx

from coursebook.browser_files import browser_file

_FILE = browser_file(__name__, "replay.jsx")
_SOURCE = (Path(__file__).parent / "record.js").read_text(encoding="utf-8")
_LINES = (line.strip() for line in _SOURCE.splitlines())
RECORD = "\n".join(line for line in _LINES if line and not line.startswith("//"))
"""The script without comments and indentation."""


class ReplayEarlyEvents(rx.Component):
    """Replays the recorded events once `ready`; mounted once, around the pages."""

    library = _FILE
    tag = "ReplayEarlyEvents"

    ready: rx.Var[bool]


def recorder() -> rx.Component:
    """Return the script that records early events; for the head of every page."""
    return rx.el.script(RECORD)


def replay() -> rx.Component:
    """Return the component that replays early events once the state is hydrated."""
    return ReplayEarlyEvents.create(ready=rx.State.is_hydrated)
