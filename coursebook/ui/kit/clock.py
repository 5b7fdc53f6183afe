"""A clock that counts down to a moment of the server, and asks the server when it is there."""

import reflex as rx

from coursebook.ui.kit.types import Handler, Text

_FILE = rx.asset("clock.jsx", shared=True)

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
"""Of the frame, the line, the figures, the track, its bar, and what is only spoken."""


class UntilHere(rx.Component):
    """Says `template` with the moment `until` (RFC 3339) on the reader's clock in its gap."""

    library = _FILE.importable_path
    tag = "UntilHere"

    template: rx.Var[str]
    until: rx.Var[str]
    clock_form: rx.Var[str]


def until_here(template: Text, until: Text, clock_form: Text, **props: object) -> rx.Component:
    """Return a paragraph whose gap `{until}`, if it has one, is a moment on the reader's clock."""
    return UntilHere.create(
        template=template,
        until=until,
        clock_form=clock_form,
        class_name="text-base leading-relaxed text-(--ink)",
        **props,
    )


class HoldClock(rx.Component):
    """Counts `seconds` down in the browser, from the moment that they arrive with a new `stamp`.

    At zero it says `ended` and fires `on_end` once: what the end means is the server's to say. It
    is spoken at ten, five, two and one minute. Who prefers less motion sees minutes.
    """

    library = _FILE.importable_path
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
    """Return the clock of a held place. `whole` is how many seconds a hold has at first.

    `label` has a gap `{until}` for the moment `until` (RFC 3339) on the reader's clock, written as
    `clock_form` says (`{clock}`). `announce` has a gap `{left}`, and `minutes` one `{count}`. The
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
