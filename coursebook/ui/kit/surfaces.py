"""Panels, pictures, badges, and the skeletons that are shown while they load."""

import reflex as rx

from coursebook.ui.kit.logo import mark

_BADGE = "inline-flex max-w-full items-center gap-1.5 rounded-2xl px-3 py-1 text-sm font-medium"
BADGES = {
    "good": "bg-(--good-soft) text-(--good)",
    "warn": "bg-(--warn-soft) text-(--warn)",
    "bad": "bg-(--bad-soft) text-(--bad)",
    "plain": "bg-(--sunken) text-(--ink-soft)",
    "accent": "bg-(--accent-soft) text-(--accent)",
}


def panel(*children: rx.Component, **props: object) -> rx.Component:
    """Return a raised box, at most one on a page, for the most important content."""
    classes = (
        "flex flex-col gap-5 rounded-2xl border border-(--line) bg-(--surface) p-6 "
        "shadow-(--shadow) sm:p-8"
    )
    return rx.el.section(*children, class_name=classes, **props)


def badge(*children: object, tone: str = "plain", **props: object) -> rx.Component:
    """Return a short word on a coloured background. The word carries the meaning."""
    return rx.el.span(*children, class_name=f"{_BADGE} {BADGES[tone]}", **props)


def picture(
    src: rx.Var[str] | str, *, hover: bool = False, eager: rx.Var[bool] | bool = False
) -> rx.Component:
    """Return a course's picture in 16:10. It is decorative, so it has no accessible name.

    A course without a picture shows our logo. `eager`: fetch it before the layout.
    """
    zoom = " transition-transform duration-500 group-hover:scale-[1.03]" if hover else ""
    lift = " transition-shadow duration-300 group-hover:shadow-(--lift)" if hover else ""
    return rx.el.div(
        rx.cond(
            rx.Var.create(src) != "",
            rx.el.img(
                src=src,
                alt="",
                # As attributes: Reflex would turn `width` into a style, stronger than any class.
                custom_attrs={"width": "800", "height": "500"},
                loading=rx.cond(eager, "eager", "lazy"),
                class_name=f"size-full object-cover{zoom}",
            ),
            mark("absolute inset-0 m-auto text-(--edge)/45", size=40),
        ),
        class_name="relative aspect-[16/10] w-full overflow-hidden rounded-2xl bg-(--sunken) "
        "after:pointer-events-none after:absolute after:inset-0 after:rounded-2xl after:border "
        f"after:border-(--veil) after:content-['']{lift}",
    )


def thumbnail(src: rx.Var[str] | str) -> rx.Component:
    """Return a small picture beside a booking."""
    return rx.el.div(
        picture(src),
        class_name="hidden w-40 shrink-0 sm:block",
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


def skeleton(shape: str = "line") -> rx.Component:
    """Return a grey placeholder for content that is loading."""
    return rx.el.div(
        class_name=f"max-w-full animate-pulse bg-(--sunken) {BONES[shape]}", aria_hidden="true"
    )
