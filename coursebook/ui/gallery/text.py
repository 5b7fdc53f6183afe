"""Samples of typography. A key names the functions of the kit that its sample shows."""

import reflex as rx

from coursebook.ui import kit


def _tones() -> rx.Component:
    tones = ("ink", "soft", "accent", "bad")
    return kit.stack(*[kit.body(f"A paragraph, tone «{tone}».", tone=tone) for tone in tones])


def _hidden() -> rx.Component:
    return kit.stack(
        kit.section_title_hidden("A heading for screen readers", "sample-hidden"),
        kit.body(
            "Before this line stand a heading and a word", kit.visually_hidden(" (this one)"), "."
        ),
    )


SAMPLES = {
    "hero_title": lambda: kit.stack(kit.hero_title("Learn something you can hold in your hands")),
    "page_title": lambda: kit.page_title("Stargazing with What You Have"),
    "section_title": lambda: kit.section_title("What you will do"),
    "card_title": lambda: kit.card_title("The Baker's Night Shift"),
    "small_title": lambda: kit.small_title("What happens next"),
    "lead": lambda: kit.lead("The sentence under a main heading, no wider than one likes to read."),
    "body": _tones,
    "small": lambda: kit.small("A line of less weight."),
    "eyebrow": lambda: kit.eyebrow("Photography · All levels"),
    "amount, big_amount": lambda: kit.inline(
        kit.amount("€45"), kit.big_amount("€1,045.50"), gap="lg"
    ),
    "visually_hidden, section_title_hidden": _hidden,
}
