"""Samples of the forms of the console."""

import reflex as rx

from coursebook.ui import kit


def _fields() -> rx.Component:
    return kit.form_part(
        "What it is",
        kit.text_field("Title", "sample-title", default_value="Paint Your Own Azulejo"),
        kit.long_field(
            "Summary",
            "sample-summary",
            hint="The line under the title and in the catalog.",
            aside="0 of 400",
            placeholder="One or two sentences",
        ),
        kit.text_field("Category", "sample-kind", suggestions=("Craft", "Music"), aside="optional"),
        kit.choice_field(
            "Where",
            "sample-place",
            kit.choice("In a place", "sample-where", "place", "sample-place", default_checked=True),
            kit.choice("Online", "sample-where", "online", "sample-online"),
        ),
        kit.field_row(
            kit.date_field("First day", "sample-day", default_value="2026-12-19"),
            kit.time_field("Starts at", "sample-start", default_value="10:00"),
            kit.time_field("Ends at", "sample-end", default_value="13:00"),
            columns="first",
        ),
        kit.zone_field("Time zone", "sample-zone", "Europe/Lisbon"),
        kit.field_row(
            kit.money_field(
                "Price",
                "sample-price",
                default_value="45.5O",
                error="Write the sum in figures, such as 45.50.",
            ),
            kit.option_field("Currency", "sample-currency", kit.option("EUR", "eur")),
            kit.number_field("Places", "sample-places", default_value="11", disabled=True),
        ),
    )


def _summary() -> rx.Component:
    return kit.error_summary(
        "Two things to mend before it can be published",
        kit.summary_link("Price: “45.5O” is not a sum", "sample-price"),
        kit.summary_link("Places: 12 are taken, so it cannot be 11", "sample-places"),
        stamp=rx.Var.create(0),
    )


def _ticks() -> rx.Component:
    return kit.tick_list(
        "Courses",
        "sample-courses",
        kit.search_field("Find a course", "Find a course", "sample-courses"),
        kit.tick("Indigo in Two Days", "Sat 16 Jan 2027", "sample-tick-1", default_checked=True),
        kit.tick("Paint Your Own Azulejo", "Sat 19 Dec 2026", "sample-tick-2"),
        error="Please choose at least one course.",
    )


def _split() -> rx.Component:
    return kit.form_split(
        kit.stack(
            kit.body("The form."), kit.form_foot(kit.body("Saved 10:42"), kit.button("Save"))
        ),
        kit.panel(kit.body("What a student sees.")),
    )


def _standing() -> rx.Component:
    return rx.el.form(
        kit.saved_or_not("Saved 10:42", "Not saved yet"),
        kit.missing_points(
            "Missing to publish",
            "2 of 9",
            kit.missing_link("Summary", "sample-summary"),
            kit.missing_link("Price", "sample-price"),
        ),
        kit.form_fields(
            kit.numbered_row(
                "1",
                kit.date_field("First day", "sample-day-1", default_value="2026-12-19"),
                kit.time_field("Starts at", "sample-start-1", default_value="10:00"),
                kit.time_field("Ends at", "sample-end-1", default_value="13:00"),
                more=rx.fragment(),
                last=kit.button("Remove meeting 1", look="quiet"),
            ),
            kit.add_button("Another meeting"),
            kit.choice("Online", "sample-kind", "online", "kind-online"),
            kit.if_checked("kind-online", kit.body("Only for an online course.")),
            kit.unless_checked("kind-online", kit.body("Only for a course in a place.")),
            is_locked=rx.Var.create(False),
        ),
        class_name=kit.form_class(),
    )


def _versions() -> rx.Component:
    return kit.conflict_box(
        "Somebody else saved meanwhile",
        kit.versions_table(
            "Two versions",
            "Yours",
            "Theirs",
            kit.two_versions("Title", "First Bowl", "Second Bowl"),
        ),
    )


def _telling() -> rx.Component:
    return kit.stack(
        kit.noted_tick("Tell them now", "sample-tell", hint="12 mails", default_checked=True),
        kit.mail_preview("The mail to one of them", "Changed: First Bowl", "Hello Ana,\n…"),
    )


def _markdown() -> rx.Component:
    tools = {"bold": "Bold", "italic": "Italic", "list": "List", "link": "Link"}
    return kit.markdown_field("Description", "sample-markdown", tools=tools)


def _picture() -> rx.Component:
    names = ("replace", "remove", "loading", "done", "too_large", "wrong_type", "damaged")
    words = {name: name for name in (*names, "signed_out", "failed")}
    words |= {"choose": "Choose a picture", "drop": "or drop it here"}
    return kit.picture_drop("Picture", "sample-picture", name="image", value="", words=words)


def _parts_of_a_split() -> rx.Component:
    return kit.stack(
        kit.narrow_only(kit.body("On a narrow screen.")),
        kit.tab_part(rx.Var.create(True), kit.body("The part of the current tab.")),
        kit.from_tablet(kit.body("On a tablet and wider.")),
        kit.on_phone(kit.body("On a phone.")),
        kit.still(kit.button("Cannot be pressed")),
    )


def _whole_screen() -> rx.Component:
    return kit.wide_dialog(
        kit.section_title("A whole page", id="sample-wide"),
        is_open=rx.Var.create(False),
        stamp=rx.Var.create(0),
        on_closed=rx.noop(),
        title_id="sample-wide",
    )


def _on_device() -> rx.Component:
    is_on, is_off = rx.Var.create(True), rx.Var.create(False)
    wide, narrow = kit.body("On a wide screen."), kit.body("As on a phone, in dark colours.")
    return kit.stack(
        kit.inline(
            kit.view_switch("smartphone", "As on a phone", is_on=is_on),
            kit.view_switch("moon", "In dark colours", is_on=is_off),
        ),
        kit.as_on_device(wide, narrow, is_phone=is_on, is_dark=is_on),
        kit.as_on_device(wide, narrow, is_phone=is_off, is_dark=is_off),
    )


def _draft() -> rx.Component:
    stamp = rx.Var.create(0)
    return rx.el.form(
        kit.form_draft(
            name="sample-draft",
            version=stamp,
            saved_stamp=stamp,
            shown_stamp=stamp,
            restored_stamp=stamp,
            rows=stamp,
            left="What you typed here last time was not saved.",
            restore="Put it back",
            forget="Throw it away",
            on_typed=rx.noop(),
            on_restored=rx.noop(),
        ),
        kit.text_field("Typed here, kept in this tab", "sample-kept", name="kept"),
    )


SAMPLES = {
    "form_part, field_row, text_field, long_field, choice_field, choice, date_field, time_field, "
    "zone_field, money_field, option_field, number_field": _fields,
    "refusal_class": lambda: rx.el.p(
        "What you sent before is being saved. What you changed since was not sent.",
        role="alert",
        class_name=kit.refusal_class(),
    ),
    "field_error": lambda: kit.field_error("12 places are taken."),
    "error_summary, summary_link": _summary,
    "tick_list, tick": _ticks,
    "tick_row, short_tick": lambda: kit.tick_row(
        "Every",
        "kit-weekdays",
        *[kit.short_tick(day, f"kit-{day}") for day in ("Monday", "Tuesday")],
        error="Tick at least one weekday.",
    ),
    "form_split, form_foot": _split,
    "form_class, form_fields, saved_or_not, missing_points, missing_link, numbered_row, "
    "add_button, if_checked, unless_checked": _standing,
    "conflict_box, versions_table, two_versions": _versions,
    "noted_tick, mail_preview": _telling,
    "markdown_field": _markdown,
    "picture_drop": _picture,
    "tab_part, narrow_only, from_tablet, on_phone, still": _parts_of_a_split,
    "wide_dialog": _whole_screen,
    "view_switch, as_on_device": _on_device,
    "form_draft": _draft,
}
