"""What things lie on: panels, pictures, badges, notices, lists of facts, skeletons."""

from collections.abc import Callable

import reflex as rx

from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Handler, Text

_BADGE = (
    "inline-flex items-center gap-1.5 rounded-full px-3 py-1 text-sm font-medium whitespace-nowrap"
)
BADGES = {
    "good": "bg-(--good-soft) text-(--good)",
    "warn": "bg-(--warn-soft) text-(--warn)",
    "bad": "bg-(--bad-soft) text-(--bad)",
    "plain": "bg-(--sunken) text-(--ink-soft)",
    "accent": "bg-(--accent-soft) text-(--accent)",
}
NOTICES = {
    "good": ("circle-check", "bg-(--good-soft) text-(--good)"),
    "info": ("info", "bg-(--accent-soft) text-(--accent)"),
    "bad": ("circle-alert", "bg-(--bad-soft) text-(--bad)"),
}


def panel(*children: rx.Component, **props: object) -> rx.Component:
    """Return a raised box. One on a page: what matters most."""
    classes = (
        "flex flex-col gap-5 rounded-2xl border border-(--line) bg-(--surface) p-6 "
        "shadow-(--shadow) sm:p-8"
    )
    return rx.el.section(*children, class_name=classes, **props)


def badge(*children: object, tone: str = "plain", **props: object) -> rx.Component:
    """Return a short word on a ground of colour. The word carries the meaning."""
    return rx.el.span(*children, class_name=f"{_BADGE} {BADGES[tone]}", **props)


def picture(src: rx.Var[str] | str, *, hover: bool = False, eager: bool = False) -> rx.Component:
    """Return a course's picture in 16:10. It only decorates, so it has no spoken name."""
    zoom = " transition-transform duration-300 group-hover:scale-[1.03]" if hover else ""
    return rx.el.div(
        rx.cond(
            rx.Var.create(src) != "",
            rx.el.img(
                src=src,
                alt="",
                # As attributes: Reflex would make a style of `width`, stronger than any class.
                custom_attrs={"width": "800", "height": "500"},
                loading="eager" if eager else "lazy",
                class_name=f"size-full object-cover{zoom}",
            ),
        ),
        class_name="aspect-[16/10] w-full overflow-hidden rounded-2xl bg-(--sunken)",
    )


def thumbnail(src: rx.Var[str] | str) -> rx.Component:
    """Return a small picture beside a booking."""
    return rx.el.div(
        picture(src),
        class_name="hidden w-40 shrink-0 sm:block",
    )


def notice(text: Text, tone: Text, *more: rx.Component, **props: object) -> rx.Component:
    """Return a sentence that says what happened. `tone`: good, info or bad."""
    return rx.match(
        tone,
        *[(name, _notice(*look, text, more, **props)) for name, look in NOTICES.items()],
        _notice(*NOTICES["info"], text, more, **props),
    )


def _notice(
    sign: str, look: str, text: Text, more: tuple[object, ...], **props: object
) -> rx.Component:
    return rx.el.div(
        rx.el.span(icon(sign, size="md"), class_name="mt-0.5"),
        rx.el.div(
            rx.el.p(text, class_name="text-base leading-relaxed text-(--ink)"),
            *more,
            class_name="flex min-w-0 flex-col gap-2",
        ),
        class_name=f"flex gap-3 rounded-xl px-4 py-3 {look}",
        **props,
    )


def live_region(*children: rx.Component, **props: object) -> rx.Component:
    """Return a region whose changes a screen reader speaks; it takes no room while empty."""
    return rx.el.div(
        *children, role="status", aria_live="polite", class_name="empty:absolute", **props
    )


def fact(sign: str, name: str, *values: rx.Component | rx.Var) -> rx.Component:
    """Return one fact of a list: icon, spoken name, value. Belongs into `facts`."""
    return rx.el.div(
        rx.el.dt(
            icon(sign, size="md"),
            rx.el.span(name, class_name="sr-only"),
            class_name="mt-0.5 text-(--accent)",
        ),
        rx.el.dd(*values, class_name="min-w-0 text-base leading-relaxed text-(--ink)"),
        class_name="flex gap-3",
    )


def facts(*children: rx.Component) -> rx.Component:
    """Return a list of facts."""
    return rx.el.dl(*children, class_name="grid gap-4 sm:grid-cols-2")


def figures(*rows: tuple[str, rx.Var | str]) -> rx.Component:
    """Return names and values in two columns, such as a receipt."""
    return rx.el.dl(
        *[
            rx.el.div(
                rx.el.dt(name, class_name="text-(--ink-soft)"),
                rx.el.dd(value, class_name="text-right font-medium text-(--ink)"),
                class_name="flex items-baseline justify-between gap-6 py-3",
            )
            for name, value in rows
        ],
        class_name="divide-y divide-(--line) border-y border-(--line) text-base",
    )


def rule() -> rx.Component:
    """Return a thin line between two parts."""
    return rx.el.hr(class_name="border-t border-(--line)")


BONES = {
    "line": "h-4 w-full rounded-md",
    "long": "h-4 w-11/12 rounded-md",
    "short": "h-4 w-2/3 rounded-md",
    "eyebrow": "h-4 w-40 rounded-md",
    "heading": "h-7 w-5/6 rounded-md",
    "title": "h-12 w-4/5 rounded-lg",
    "badge": "h-7 w-44 rounded-full",
    "picture": "aspect-[16/10] w-full rounded-2xl",
    "panel": "h-80 w-full rounded-2xl",
}


def bone(shape: str = "line") -> rx.Component:
    """Return a grey shape that stands where something will be."""
    return rx.el.div(class_name=f"animate-pulse bg-(--sunken) {BONES[shape]}", aria_hidden="true")


def disclosure(summary: str, *children: rx.Component, **props: object) -> rx.Component:
    """Return a part that is folded away until its line is pressed."""
    return rx.el.details(
        rx.el.summary(
            summary,
            class_name="w-fit cursor-pointer rounded-sm py-1 text-base font-medium "
            "text-(--ink-soft) hover:text-(--ink)",
        ),
        rx.el.div(*children, class_name="pt-3"),
        **props,
    )


def timeline(steps: rx.Var, step: Callable[[rx.Var], rx.Component]) -> rx.Component:
    """Return things that happened, oldest first; `step` draws one of them."""
    return rx.el.ol(
        rx.foreach(steps, step), class_name="flex flex-col gap-3 border-l border-(--line) pl-5"
    )


def timeline_step(text: rx.Var[str], at: rx.Var[str]) -> rx.Component:
    """Return one thing that happened, with its time."""
    return rx.el.li(
        rx.el.p(text, class_name="text-base text-(--ink)"),
        rx.el.p(at, class_name="text-sm text-(--ink-soft)"),
        class_name="relative before:absolute before:top-2 before:-left-[1.4rem] before:size-2 "
        "before:rounded-full before:bg-(--edge) before:content-['']",
    )


def segments(label: str, *children: rx.Component) -> rx.Component:
    """Return a row of choices, one of which is pressed; it scrolls where there is no room."""
    return rx.el.div(
        *children,
        role="group",
        aria_label=label,
        class_name="-mx-5 flex gap-2 overflow-x-auto px-5 py-1 sm:mx-0 sm:flex-wrap sm:px-0",
    )


_SEGMENT = (
    "min-h-11 cursor-pointer rounded-full border px-4 text-base font-medium whitespace-nowrap "
    "transition-colors duration-150"
)


def segment(text: str, is_chosen: rx.Var[bool], on_click: Handler, **props: object) -> rx.Component:
    """Return one choice of `segments`."""
    chosen = "border-(--accent) bg-(--accent) text-(--on-accent)"
    other = "border-(--line) bg-(--surface) text-(--ink) hover:border-(--accent)"
    return rx.el.button(
        text,
        type="button",
        on_click=on_click,
        aria_pressed=is_chosen,
        class_name=[
            _SEGMENT,
            rx.cond(is_chosen, chosen, other),
        ],
        **props,
    )


def two_lines(first: Text, second: Text) -> rx.Component:
    """Return a value with a quieter line below, when there is one."""
    return rx.fragment(
        rx.el.span(first, class_name="block font-medium"),
        rx.cond(
            rx.Var.create(second) != "",
            rx.el.span(second, class_name="block text-(--ink-soft)"),
        ),
    )


def bullets(items: rx.Var[list[str]]) -> rx.Component:
    """Return a short list of sentences."""
    return rx.el.ul(
        rx.foreach(items, rx.el.li),
        class_name="list-disc space-y-1 pl-5 text-base text-(--ink-soft) marker:text-(--accent)",
    )
