"""Samples of lists."""

import reflex as rx

from coursebook.domain.texts.markdown import blocks_of
from coursebook.ui import kit
from coursebook.ui.presenters.rows import HistoryRow

STEPS = [
    HistoryRow("You booked, and a place was held for you.", "Mon 23 Nov 2026, 09:58"),
    HistoryRow("Your card was declined.", "Mon 23 Nov 2026, 10:00", "Nothing was charged", "bad"),
    HistoryRow("Your payment arrived.", "Mon 23 Nov 2026, 10:02", "€45.00 received", "good"),
]
SOURCE = """## A heading

Text with **weight**, `code` and a [link](https://example.org).

- one
  - inside one
    1. deeper
- two

3. third
4. fourth

> What somebody said.
>
> - to the point
"""


def _facts() -> rx.Component:
    return kit.facts(
        kit.fact("calendar", "When", kit.two_lines("Sat 28 Nov 2026", "17:00, Kolkata time")),
        kit.fact("map-pin", "Where", kit.two_lines("Online", "")),
        kit.named_fact("Taught in", "German"),
    )


def _step(step: rx.Var[HistoryRow]) -> rx.Component:
    return kit.timeline_step(step.text, step.at, step.money, step.tone)


SAMPLES = {
    "facts, fact, named_fact, two_lines": _facts,
    "figures": lambda: kit.figures(("Course", "Tabla"), ("Amount", "€45.00")),
    "disclosure, timeline, timeline_step": lambda: kit.disclosure(
        "What happened", kit.timeline(rx.Var.create(STEPS), _step), open=True
    ),
    "numbered": lambda: kit.numbered(
        rx.Var.create(["Sat 5 Dec 2026", "Sat 12 Dec 2026"]), lambda day: kit.two_lines(day, "")
    ),
    "linked_rows": lambda: kit.linked_rows(
        rx.Var.create(["Sat 5 Dec 2026", "Sat 12 Dec 2026"]),
        lambda day: kit.spread(kit.text_link(day, href="#"), kit.badge("3 places left")),
    ),
    "old_and_new": lambda: kit.old_and_new(
        ("Until now", rx.Var.create(["Sat 5 Dec 2026, 10:00"])),
        ("New", rx.Var.create(["Sat 12 Dec 2026, 10:00"])),
    ),
    "bullets": lambda: kit.bullets(rx.Var.create(["100 % back for a week", "then half"])),
    "prose": lambda: kit.prose(rx.Var.create(blocks_of(SOURCE))),
}
