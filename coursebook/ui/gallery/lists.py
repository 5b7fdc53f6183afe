"""Samples of lists."""

import reflex as rx

from coursebook.ui import kit
from coursebook.ui.markdown import blocks_of
from coursebook.ui.rows import HistoryRow

STEPS = [
    HistoryRow(text="Your card was declined: insufficient funds", at="Mon 23 Nov 2026, 10:00"),
    HistoryRow(text="You paid €45.00", at="Mon 23 Nov 2026, 10:02"),
]
SOURCE = "## A heading\n\nText with **weight** and a [link](https://example.org).\n\n- one\n- two"


def _facts() -> rx.Component:
    return kit.facts(
        kit.fact("calendar", "When", kit.two_lines("Sat 28 Nov 2026", "17:00, Kolkata time")),
        kit.fact("map-pin", "Where", kit.two_lines("Online", "")),
    )


SAMPLES = {
    "facts, fact, two_lines": _facts,
    "figures": lambda: kit.figures(("Course", "Tabla"), ("Amount", "€45.00")),
    "disclosure, timeline, timeline_step": lambda: kit.disclosure(
        "What happened",
        kit.timeline(rx.Var.create(STEPS), lambda step: kit.timeline_step(step.text, step.at)),
        open=True,
    ),
    "bullets": lambda: kit.bullets(rx.Var.create(["100 % back for a week", "then half"])),
    "prose": lambda: kit.prose(rx.Var.create(blocks_of(SOURCE))),
}
