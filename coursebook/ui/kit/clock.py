"""A countdown to a moment of the server; at zero it fires an event."""

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.types import Handler, Text

_FILE = browser_file(__name__, "clock.jsx")

_FRAME = (
    "flex flex-col gap-2 rounded-xl bg-(--warn-soft) px-4 py-3 text-(--warn) "
    "data-[left=little]:bg-(--bad-soft) data-[left=little]:text-(--bad)"
)
_BAR = (
    "h-full origin-left rounded-full bg-current transition-transform duration-1000 ease-linear "
    "motion-reduce:transition-none"
)
_CLASSES = (
    _FRAME,
    "flex flex-wrap items-baseline justify-between gap-x-4 text-base font-medium",
    "text-lg font-semibold tabular-nums",
    "h-1 overflow-hidden rounded-full bg-current/20",
    _BAR,
    "sr-only",
)
"""Classes of the frame, the line, the figures, the track, its bar, and the hidden announcement."""


class UntilHere(rx.Component):
    """Shows `template` with the moment `until` (RFC 3339) in the reader's time zone in its gap."""

    library = _FILE
    tag = "UntilHere"

    template: rx.Var[str]
    until: rx.Var[str]
    clock_form: rx.Var[str]


def until_here(template: Text, until: Text, clock_form: Text, **props: object) -> rx.Component:
    """Return a paragraph whose gap `{until}`, if any, is filled in the reader's time zone."""
    return UntilHere.create(
        template=template,
        until=until,
        clock_form=clock_form,
        class_name="text-base leading-relaxed text-(--ink)",
        **props,
    )


class HoldClock(rx.Component):
    """Counts `seconds` down in the browser, from the moment that they arrive with a new `stamp`.

    At zero it shows `ended` and fires `on_end` once: the server decides the outcome. Screen readers
    announce ten, five, two and one minute. With reduced motion it shows minutes only.
    """

    library = _FILE
    tag = "HoldClock"

    seconds: rx.Var[int]
    whole: rx.Var[int]
    stamp: rx.Var[str]
    label: rx.Var[str]
    until: rx.Var[str]
    clock_form: rx.Var[str]
    ended: rx.Var[str]
    announce: rx.Var[str]
    minutes: rx.Var[str]
    minute: rx.Var[str]
    classes: rx.Var[list[str]]
    on_end: rx.EventHandler[rx.event.no_args_event_spec]


def hold_clock(
    *,
    seconds: rx.Var[int],
    whole: rx.Var[int],
    stamp: rx.Var[str],
    label: Text,
    until: Text,
    clock_form: Text,
    ended: Text,
    announce: Text,
    minutes: Text,
    minute: Text,
    on_end: Handler,
    **props: object,
) -> rx.Component:
    """Return the countdown of a hold. `whole` is the full length of a hold in seconds.

    `label` has a gap `{until}` for the moment `until` (RFC 3339) in the reader's time zone, in the
    format `clock_form` (`{clock}`). `announce` has a gap `{left}`, and `minutes` one `{count}`. The
    browser fills them.
    """
    return HoldClock.create(
        seconds=seconds,
        whole=whole,
        stamp=stamp,
        label=label,
        until=until,
        clock_form=clock_form,
        ended=ended,
        announce=announce,
        minutes=minutes,
        minute=minute,
        classes=list(_CLASSES),
        on_end=on_end,
        **props,
    )
