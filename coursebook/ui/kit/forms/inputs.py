"""Fields to write in. Each has a visible label, a hint below, and an error in place of the hint.

`field_id` is the id of the control: the error summary links to it. `name` is the key of the value
in the form's data, and the id unless it is given. `error` is the sentence below, "" without one.
`aside` stands at the right of the label, such as "optional" or a count of letters. Other properties
go to the control, such as `default_value`, `on_change` or `auto_complete`.
"""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Text

_CONTROL = (
    "min-h-12 w-full min-w-0 rounded-xl border border-(--edge) bg-(--surface) px-4 text-base "
    "text-(--ink) placeholder:text-(--ink-soft) hover:border-(--accent) "
    "disabled:cursor-not-allowed disabled:bg-(--sunken) [&[readonly]]:bg-(--sunken) "
    "aria-[invalid=true]:border-(--bad) "
    "aria-[invalid=true]:shadow-[inset_0_0_0_1px_var(--bad)]"
)
_LABEL = "text-[0.9375rem] font-semibold text-(--ink)"
_SHORT = (
    "sm:[&>div]:grid sm:[&>div]:grid-cols-[11rem_1fr] sm:[&>div]:items-center sm:[&>div]:gap-x-5 "
    "[&>div>:first-child]:col-span-full"
)
BROWSER_ZONES = "Intl.supportedValuesOf('timeZone')"
"""JavaScript for the names of the time zones that the browser knows."""


def field_error(text: Text) -> rx.Component:
    """Return the sentence below a field about what is wrong with it."""
    return rx.el.span(
        rx.el.span(icon("circle-alert"), class_name="mt-0.5"),
        rx.el.span(text, class_name="min-w-0"),
        class_name="flex gap-1.5 text-sm text-(--bad)",
    )


def text_field(
    label: Text,
    field_id: Text,
    *,
    suggestions: rx.Var[list[str]] | Sequence[str] = (),
    hint: Text = "",
    error: Text = "",
    aside: Text = "",
    is_short: bool = False,
    **props: Any,
) -> rx.Component:
    """Return a field for one line of text, with suggestions to choose from if there are any.

    `is_short`: it is as wide as a number, and what it means stands beside it.
    """
    extra: list[rx.Component] = []
    if not isinstance(suggestions, tuple) or suggestions:
        options = rx.foreach(suggestions, lambda value: rx.el.option(value=value))
        extra = [rx.el.datalist(options, id=_id_of(field_id, "choices"))]
        props["custom_attrs"] = {
            "list": _id_of(field_id, "choices"),
            **props.get("custom_attrs", {}),
        }
    props.setdefault("type", "text")
    control = rx.el.input(**_about(field_id, error), **_control(props))
    field = _field(label, field_id, control, *extra, hint=hint, error=error, aside=aside)
    return rx.el.div(field, class_name=_SHORT) if is_short else field


def long_field(
    label: Text,
    field_id: Text,
    *,
    rows: int = 3,
    above: rx.Component | None = None,
    hint: Text = "",
    error: Text = "",
    aside: Text = "",
    **props: Any,
) -> rx.Component:
    """Return a field for several lines of text; it can be drawn taller.

    `above` is a row of buttons that touches the field.
    """
    look = f"{_CONTROL} py-3 leading-relaxed resize-y field-sizing-content max-h-128"
    if above is not None:
        look += " min-h-44 rounded-t-none"
    control = rx.el.textarea(
        rows=str(rows), **_about(field_id, error), **_control(props, look), dir="auto"
    )
    if above is not None:
        control = rx.el.div(above, control, class_name="flex flex-col")
    return _field(label, field_id, control, hint=hint, error=error, aside=aside)


def number_field(label: Text, field_id: Text, **props: Any) -> rx.Component:
    """Return a field for a whole number. What is typed stays as it is, also when it is wrong."""
    return text_field(label, field_id, input_mode="numeric", auto_complete="off", **props)


def money_field(label: Text, field_id: Text, **props: Any) -> rx.Component:
    """Return a field for a sum, such as "45.00" or "45,00". What is typed stays as it is."""
    return text_field(label, field_id, input_mode="decimal", auto_complete="off", **props)


def date_field(label: Text, field_id: Text, **props: Any) -> rx.Component:
    """Return a field for a day, in the browser's own way; its value is YYYY-MM-DD."""
    return text_field(label, field_id, type="date", **props)


def time_field(label: Text, field_id: Text, **props: Any) -> rx.Component:
    """Return a field for a time of day, in the browser's own way; its value is HH:MM."""
    return text_field(label, field_id, type="time", **props)


def option_field(
    label: Text,
    field_id: Text,
    *options: Any,
    hint: Text = "",
    error: Text = "",
    aside: Text = "",
    **props: Any,
) -> rx.Component:
    """Return a drop-down with a visible label. Options come as `option` components."""
    look = f"{_CONTROL} cursor-pointer appearance-none truncate pr-10"
    control = rx.el.div(
        rx.el.select(*options, **_about(field_id, error), **_control(props, look)),
        rx.el.span(
            icon("chevron-down"),
            class_name="pointer-events-none absolute inset-y-0 right-4 flex items-center "
            "text-(--ink-soft)",
        ),
        class_name="relative",
    )
    return _field(label, field_id, control, hint=hint, error=error, aside=aside)


def zone_field(label: Text, field_id: Text, current: Text, **props: Any) -> rx.Component:
    """Return a drop-down of the time zones that the browser knows, and `current` before them."""
    zones = rx.Var(BROWSER_ZONES, _var_type=list[str])

    def other(name: rx.Var[str]) -> rx.Component:
        return rx.cond(name == current, rx.fragment(), rx.el.option(name, value=name))

    return option_field(
        label,
        field_id,
        rx.el.option(current, value=current),
        rx.foreach(zones, other),
        **props,
    )


def choice_field(
    label: Text, field_id: Text, *choices: rx.Component, hint: Text = "", error: Text = ""
) -> rx.Component:
    """Return a few choices of which one is taken. They come as `choice` components.

    The first choice should have the id `field_id`, so that the error summary can link to it.
    """
    return rx.el.fieldset(
        rx.el.legend(label, class_name=f"{_LABEL} pb-1.5"),
        rx.el.div(*choices, class_name="flex flex-wrap gap-x-8 gap-y-1"),
        _below(field_id, hint, error),
        class_name="flex min-w-0 flex-col",
        custom_attrs={"aria-describedby": _id_of(field_id, "note")},
    )


def choice(text: Text, name: Text, value: Text, choice_id: Text, **props: Any) -> rx.Component:
    """Return one choice of a `choice_field`; `name` is the same for all of them."""
    return rx.el.label(
        rx.el.input(
            id=choice_id,
            type="radio",
            name=name,
            value=value,
            class_name="size-5 shrink-0 cursor-pointer accent-(--accent)",
            **props,
        ),
        rx.el.span(text, class_name="py-1 text-base text-(--ink)"),
        html_for=choice_id,
        class_name="inline-flex min-h-11 cursor-pointer items-center gap-3",
    )


def _field(
    label: Text,
    field_id: Text,
    control: rx.Component,
    *extra: rx.Component,
    hint: Text,
    error: Text,
    aside: Text,
) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.label(label, html_for=field_id, class_name=_LABEL),
            rx.el.span(aside, class_name="text-sm text-(--ink-soft) tabular-nums empty:hidden"),
            class_name="flex items-baseline justify-between gap-3",
        ),
        control,
        *extra,
        _below(field_id, hint, error),
        class_name="flex min-w-0 flex-col gap-1.5",
    )


def _below(field_id: Text, hint: Text, error: Text) -> rx.Component:
    """Return the line below a field. It is always there, since the field refers to it."""
    return rx.el.div(
        rx.cond(_is_set(error), field_error(error), rx.el.span(hint, class_name="empty:hidden")),
        id=_id_of(field_id, "note"),
        class_name="text-sm leading-relaxed text-(--ink-soft)",
    )


def _about(field_id: Text, error: Text) -> dict[str, Any]:
    """Return the properties that tie a control to its label, hint and error."""
    return {
        "id": field_id,
        "aria_invalid": rx.cond(_is_set(error), "true", "false"),
        "aria_describedby": _id_of(field_id, "note"),
    }


def _control(props: dict[str, Any], look: str = _CONTROL) -> dict[str, Any]:
    return {"class_name": look, **props}


def _is_set(text: Text) -> Any:
    return rx.Var.create(text) != ""


def _id_of(field_id: Text, part: str) -> Any:
    if isinstance(field_id, str):
        return f"{field_id}-{part}"
    return field_id.to(str) + f"-{part}"
