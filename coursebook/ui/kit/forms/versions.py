"""How a form stands: saved or not, what is missing, and two versions of the same."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.actions import TEXT_LINK, button
from coursebook.ui.kit.dialog import ModalDialog
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Child, Handler, Text
from coursebook.ui.reflex_compat.components import PlainAnchor

CONFLICT = "conflict"
"""The id of the box with two versions, which takes the focus."""


def form_class(*, is_short: bool = False) -> str:
    """Return the classes of a form, for components that bring their own element."""
    return "flex flex-col gap-4" if is_short else "group/form flex flex-col gap-8"


def refusal_class() -> str:
    """Return the classes of a sentence at the foot of a form that cannot be sent just now."""
    return "rounded-xl bg-(--bad-soft) px-4 py-3 text-base text-(--ink)"


def form_fields(*children: Child, is_locked: rx.Var[bool], **props: Any) -> rx.Component:
    """Return all fields of a form; nothing can be typed while it `is_locked`.

    A field that takes the focus stays clear of the bar at the foot of the form.
    """
    return rx.el.fieldset(
        *children,
        disabled=is_locked,
        class_name="flex min-w-0 flex-col gap-8 [&_:is(input,textarea,select,button)]:scroll-mb-36",
        **props,
    )


def saved_or_not(saved: Text, not_saved: Text) -> rx.Component:
    """Return how the form around it stands; `form_draft` marks one that is not saved."""
    return rx.fragment(
        rx.el.span(
            rx.el.span(class_name="size-2.5 shrink-0 rounded-full bg-(--good)", aria_hidden="true"),
            saved,
            class_name="inline-flex items-center gap-3 group-data-unsaved/form:hidden",
        ),
        rx.el.span(
            rx.el.span(
                class_name="size-2.5 shrink-0 rounded-full border-2 border-(--warn)",
                aria_hidden="true",
            ),
            not_saved,
            class_name="hidden items-center gap-3 group-data-unsaved/form:inline-flex",
            data_testid="not-saved",
        ),
    )


IF_CHECKED = {
    "kind-online": "hidden group-has-[#kind-online:checked]/form:block",
    "tell": "hidden group-has-[#tell:checked]/form:block",
    "when-before": "hidden pl-8 group-has-[#when-before:checked]/form:block",
    "when-moment": "hidden pl-8 group-has-[#when-moment:checked]/form:block",
    "free": "hidden pl-8 group-has-[#free:checked]/form:block",
}
UNLESS_CHECKED = {
    "kind-online": "group-has-[#kind-online:checked]/form:hidden",
    "tell": "group-has-[#tell:checked]/form:hidden",
}


def if_checked(control_id: str, *children: Child) -> rx.Component:
    """Return children that are shown while a control of the form is chosen."""
    return rx.el.span(*children, class_name=IF_CHECKED[control_id])


def unless_checked(control_id: str, *children: Child) -> rx.Component:
    """Return children that are shown while a control of the form is not chosen."""
    return rx.el.span(*children, class_name=UNLESS_CHECKED[control_id])


def noted_tick(
    text: Text, field_id: str, *, hint: Text = "", is_forced: bool = False, **props: Any
) -> rx.Component:
    """Return a check box with its label, and a line below it. Its name is its id.

    One that `is_forced` is checked for good.
    """
    forced: list[rx.Component] = []
    if is_forced:
        props |= {"checked": True, "disabled": True}
        forced = [rx.el.input(type="hidden", name=field_id, value="on", read_only=True)]
    return rx.el.div(
        *forced,
        rx.el.label(
            rx.el.input(
                id=field_id,
                name=field_id,
                type="checkbox",
                class_name="size-5 shrink-0 cursor-pointer accent-(--accent)",
                custom_attrs={"aria-describedby": f"{field_id}-note"},
                **props,
            ),
            rx.el.span(text, class_name="text-base text-(--ink)"),
            html_for=field_id,
            class_name="inline-flex min-h-8 cursor-pointer items-center gap-3",
        ),
        rx.el.p(
            hint, id=f"{field_id}-note", class_name="pl-8 text-sm text-(--ink-soft) empty:hidden"
        ),
        class_name="flex flex-col",
    )


def mail_preview(title: Text, subject: Text, text: Text) -> rx.Component:
    """Return a mail that would be sent, folded in."""
    return rx.el.details(
        rx.el.summary(
            title,
            class_name="w-fit cursor-pointer rounded-sm text-base text-(--accent) underline "
            "decoration-1 underline-offset-4",
        ),
        rx.el.div(
            rx.el.p(subject, class_name="font-semibold text-(--ink)"),
            rx.el.p(text, class_name="whitespace-pre-line text-(--ink-soft)"),
            class_name="mt-3 flex max-h-60 flex-col gap-1 overflow-y-auto border-l-2 "
            "border-(--line) pl-4 text-sm leading-relaxed [overflow-wrap:anywhere]",
            tab_index=0,
            dir="auto",
        ),
    )


def missing_points(title: Text, count: Text, *links: Child) -> rx.Component:
    """Return what is still missing, each a `missing_link`."""
    return rx.el.div(
        rx.el.p(
            rx.el.strong(title, class_name="font-semibold text-(--ink)"),
            " ",
            rx.el.span(count, class_name="text-(--ink-soft) tabular-nums"),
            class_name="text-base",
        ),
        rx.el.ul(*links, class_name="flex flex-wrap gap-x-7 gap-y-1.5"),
        class_name="flex flex-col gap-2.5",
        data_testid="missing",
    )


def missing_link(text: Text, field_id: Text) -> rx.Component:
    """Return one point that is missing; it leads to its field."""
    target = rx.Var.create("#").to(str) + rx.Var.create(field_id).to(str)
    return rx.el.li(
        rx.el.span(icon("circle", size="md"), class_name="text-(--edge)"),
        PlainAnchor.create(text, href=target, class_name=TEXT_LINK),
        class_name="inline-flex min-h-6 items-center gap-2 text-base",
    )


def numbered_row(number: Text, *fields: Child, more: Child, last: Child) -> rx.Component:
    """Return fields in one line behind their number; `more` and `last` stand below them."""
    return rx.el.div(
        rx.el.span(
            number,
            class_name="hidden pt-10 text-base text-(--ink-soft) tabular-nums sm:block",
            aria_hidden="true",
        ),
        rx.el.div(
            *fields,
            class_name="grid min-w-0 grid-cols-2 items-start gap-4 *:first:col-span-2 "
            "sm:grid-cols-[minmax(0,1fr)_9rem_9rem] sm:*:first:col-span-1",
        ),
        rx.el.div(more, last, class_name="flex flex-col items-start gap-2 sm:col-start-2"),
        class_name="grid gap-x-4 gap-y-2 sm:grid-cols-[1rem_minmax(0,1fr)]",
    )


def add_button(text: Text, **props: Any) -> rx.Component:
    """Return the button that adds one more row."""
    return rx.el.div(button(icon("plus", size="md"), text, look="quiet", **props))


def conflict_box(title: Text, versions: Child, *actions: Child) -> rx.Component:
    """Return a box about two versions; `focus_on` leads to it by its id `CONFLICT`."""
    return rx.el.div(
        rx.el.p(title, class_name="text-base font-semibold text-(--ink)"),
        versions,
        *actions,
        id=CONFLICT,
        role="alert",
        tab_index=-1,
        class_name="flex flex-col gap-4 rounded-xl bg-(--warn-soft) px-4 py-4",
        data_testid=CONFLICT,
    )


def versions_table(caption: Text, mine: Text, theirs: Text, rows: Child) -> rx.Component:
    """Return a table of two versions; its rows are `two_versions`."""
    head = "py-2 pr-4 text-left text-sm font-normal text-(--ink-soft)"
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="sr-only"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.td(class_name=head),
                    rx.el.th(mine, scope="col", class_name=head),
                    rx.el.th(theirs, scope="col", class_name=head),
                )
            ),
            rx.el.tbody(rows),
            class_name="w-full table-fixed border-collapse text-base text-(--ink)",
        ),
        class_name="overflow-x-auto",
    )


def two_versions(label: Text, mine: Text, theirs: Text) -> rx.Component:
    """Return one row of `versions_table`."""
    cell = (
        "max-h-40 border-t border-(--line) py-2 pr-4 text-left align-top font-normal "
        "[overflow-wrap:anywhere] whitespace-pre-line"
    )
    dash = "\N{EN DASH}"
    return rx.el.tr(
        rx.el.th(label, scope="row", class_name=f"{cell} text-(--ink-soft)"),
        rx.el.td(rx.cond(rx.Var.create(mine) != "", mine, dash), class_name=cell, dir="auto"),
        rx.el.td(rx.cond(rx.Var.create(theirs) != "", theirs, dash), class_name=cell, dir="auto"),
    )


def tab_part(is_current: rx.Var[bool], *children: Child) -> rx.Component:
    """Return one part of a split page, which a narrow screen shows behind a tab."""
    return rx.el.div(
        *children,
        class_name=["flex min-w-0 flex-col gap-3", rx.cond(is_current, "", "max-xl:hidden")],
    )


def narrow_only(*children: Child) -> rx.Component:
    """Return parts for screens without room for two columns."""
    return rx.el.div(*children, class_name="xl:hidden")


def from_tablet(*children: Child) -> rx.Component:
    """Return parts for which a phone has no room."""
    return rx.el.span(*children, class_name="contents max-sm:hidden")


def on_phone(*children: Child) -> rx.Component:
    """Return parts that stand in for those of `from_tablet`."""
    return rx.el.span(*children, class_name="contents sm:hidden")


def still(*children: Child) -> rx.Component:
    """Return parts that can be read and not used: nothing takes a click or the focus."""
    return rx.el.div(*children, custom_attrs={"inert": True})


def view_switch(sign: str, text: Text, *, is_on: rx.Var[bool], **props: Any) -> rx.Component:
    """Return a switch of a preview: an icon with a spoken name, pressed while it is on."""
    return rx.el.button(
        icon(sign, size="md"),
        type="button",
        aria_label=text,
        aria_pressed=is_on,
        title=text,
        class_name="inline-flex size-11 cursor-pointer items-center justify-center rounded-lg "
        "text-(--ink-soft) hover:bg-(--accent-soft) hover:text-(--accent) "
        "aria-pressed:bg-(--accent-soft) aria-pressed:text-(--accent)",
        **props,
    )


def as_on_device(
    wide: Child, narrow: Child, *, is_phone: rx.Var[bool], is_dark: rx.Var[bool]
) -> rx.Component:
    """Return a part as on a wide screen, or as on a phone; dark if asked, else as the device is."""
    scheme = {"data-scheme": rx.cond(is_dark, "dark", "device")}
    phone = rx.el.div(
        narrow,
        class_name="mx-auto w-[24.5rem] max-w-full overflow-hidden rounded-3xl border "
        "border-(--edge) bg-(--paper) p-5 text-(--ink) [&_dl]:grid-cols-1! [&_h1]:text-3xl!",
        custom_attrs=scheme,
        data_testid="as-on-phone",
    )
    screen = rx.el.div(
        wide,
        class_name="rounded-3xl border border-(--line) bg-(--paper) p-5 text-(--ink) sm:p-8",
        custom_attrs=scheme,
    )
    return rx.cond(is_phone, phone, screen)


def wide_dialog(
    *children: Child,
    is_open: rx.Var[bool],
    stamp: rx.Var[int],
    on_closed: Handler,
    title_id: str,
    **props: Any,
) -> rx.Component:
    """Return a dialog as large as the screen, with the properties of `dialog`."""
    return ModalDialog.create(
        rx.el.div(*children, class_name="mx-auto w-full max-w-6xl p-5 sm:p-8"),
        is_open=is_open,
        stamp=stamp,
        on_closed=on_closed,
        class_name="m-0 h-dvh max-h-none w-dvw max-w-none bg-(--paper) text-(--ink)",
        custom_attrs={"aria-labelledby": title_id},
        **props,
    )
