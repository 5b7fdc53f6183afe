"""One step of a timeline: what happened, when, and whether money moved."""

import reflex as rx

DOTS = {
    "good": "before:bg-(--good)",
    "bad": "before:bg-(--bad)",
    "plain": "before:bg-(--edge)",
}
_STEP = (
    "relative flex flex-col gap-0.5 before:absolute before:top-2 before:-left-[1.55rem] "
    "before:size-2.5 before:rounded-full before:ring-4 before:ring-(--paper) before:content-['']"
)


def timeline_step(
    text: rx.Var[str], at: rx.Var[str], money: rx.Var[str], tone: rx.Var[str]
) -> rx.Component:
    """Return one step. `tone`: good, bad or plain; the words carry the meaning."""
    return rx.el.li(
        rx.el.p(text, class_name="text-base text-(--ink)"),
        rx.el.p(
            rx.el.span(at),
            rx.cond(money != "", rx.el.span(" · ", money, class_name="font-medium text-(--ink)")),
            class_name="text-sm text-(--ink-soft)",
        ),
        class_name=[_STEP, rx.match(tone, *DOTS.items(), DOTS["plain"])],
    )
