"""Samples of parts of courses and bookings: countdowns, bars, sections."""

import reflex as rx

from coursebook.ui import kit


def _clock(seconds: int) -> rx.Component:
    return kit.hold_clock(
        seconds=rx.Var.create(seconds),
        whole=rx.Var.create(35 * 60),
        stamp=rx.Var.create("gallery"),
        label="Your place is held until {until}",
        until="2026-12-05T14:35:00+00:00",
        clock_form="{clock}",
        ended="The time to pay is over.",
        announce="Your place is held for another {left}.",
        minutes="{count} minutes",
        minute="1 minute",
        on_end=rx.prevent_default,
    )


def _time(zone: str) -> rx.Component:
    return kit.viewer_time(
        rx.Var.create("2026-12-05T10:00:00+00:00"),
        rx.Var.create("2026-12-05T13:00:00+00:00"),
        rx.Var.create(zone),
        "Your time: {when}",
    )


def _bar() -> rx.Component:
    return kit.with_bar(
        kit.body("What is being read; on a phone the bar stays below it."),
        kit.bar_row(
            rx.fragment(kit.amount("€45"), kit.small("2 places left")), kit.button("Book now")
        ),
    )


SAMPLES = {
    "hold_clock": lambda: kit.stack(_clock(2000), _clock(90)),
    "text_over_time": lambda: kit.body(
        kit.text_over_time("This takes a few seconds.", "This takes longer than usual.", 10)
    ),
    "until_here": lambda: kit.until_here(
        "You can still pay until {until}.", "2026-12-05T14:35:00+00:00", "{clock}"
    ),
    "viewer_time": lambda: kit.stack(_time("Pacific/Kiritimati"), _time("Pacific/Pago_Pago")),
    "share_button": lambda: kit.share_button(
        "Share this course", title="Tabla", copied="Link copied", failed="The link: {url}"
    ),
    "with_bar, bar_row": _bar,
    "wide_only": lambda: kit.wide_only(kit.body("Only where there is room beside the content.")),
    "narrow": lambda: kit.narrow(kit.panel(kit.body("No wider than a line of a form."))),
    "list_section, entry_title": lambda: kit.list_section(
        "Upcoming", "2", kit.entry_title("A booking")
    ),
}
