"""The list "Ready to sell"."""

from collections.abc import Callable

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.presenters.manage.readiness import ReadyBlock, ReadyRow


def ready_points(
    ready: rx.Var[ReadyBlock],
    action: Callable[[rx.Var[ReadyRow]], rx.Component] | None = None,
) -> rx.Component:
    """Return the points; `action` returns what else stands at the end of one."""

    def point(row: rx.Var[ReadyRow]) -> rx.Component:
        return kit.check_point(
            row.text,
            *([action(row)] if action else []),
            is_done=row.is_done,
            words=row.words,
            link=row.link,
            href=row.href,
        )

    return kit.checklist(
        i18n.manage.READY_TITLE,
        ready.count,
        kit.step_bar(ready.steps),
        rx.foreach(ready.points, point),
    )
