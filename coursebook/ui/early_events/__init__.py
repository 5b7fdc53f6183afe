"""What a visitor does to a drawn page before its scripts can act on it.

A page is there long before its scripts are, on a slow phone by seconds. A small script in the head
(`record.js`) keeps what is pressed and typed until then; `replay.jsx` does it once the server hears
this tab. Until then the page's own scripts see nothing of it, so that it happens once.
"""

from pathlib import Path

import reflex as rx

_FILE = rx.asset("replay.jsx", shared=True)
_SOURCE = (Path(__file__).parent / "record.js").read_text(encoding="utf-8")
_LINES = (line.strip() for line in _SOURCE.splitlines())
RECORD = "\n".join(line for line in _LINES if line and not line.startswith("//"))
"""The script as it is sent, without what only its reader needs."""


class EarlyHands(rx.Component):
    """Does what was kept as soon as `ready`; mounted once, around the pages."""

    library = _FILE.importable_path
    tag = "EarlyHands"

    ready: rx.Var[bool]


def recorder() -> rx.Component:
    """Return the script that keeps what is done early; for the head of every page."""
    return rx.el.script(RECORD)


def replay() -> rx.Component:
    """Return the part that does what was kept, once the state answers and knows the page."""
    return EarlyHands.create(ready=rx.State.is_hydrated)
