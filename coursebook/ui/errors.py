"""What people see when something breaks, on the server or in the browser. Never a stack trace."""

import reflex as rx
from redis.exceptions import RedisError

from coursebook.ui import i18n, kit
from coursebook.ui.middleware.redis_outage import say_at_once, say_states_are_away
from coursebook.ui.reflex_compat.components import error_boundary
from coursebook.ui.states.error_messages import sentence_of


def backend_problem(exception: Exception) -> rx.event.EventSpec | None:
    """Tell the tab what a handler raised: a refusal as it is, a surprise as a number.

    Never answers with an event. Reflex would handle that one in the place where the first has
    failed, call this for its failure too, and so go on for ever.
    """
    if isinstance(exception, RedisError):
        say_states_are_away(exception)
    else:
        say_at_once(lambda language: sentence_of(exception, language))
    return None


def crash_page() -> rx.Component:
    """Return what stands there when a page could not be drawn. It needs no state to work."""
    return kit.main(
        kit.column(
            kit.stack(
                kit.page_title(i18n.CRASH_TITLE),
                kit.lead(i18n.CRASH_TEXT),
                kit.reload_link(i18n.CRASH_RELOAD),
                gap="lg",
            ),
            width="text",
        ),
        target="content",
    )


def boundary_wrap(is_stateful: bool) -> rx.Component:
    """Return the boundary that keeps a broken page from breaking the rest."""
    quiet = {} if is_stateful else {"on_error": rx.noop()}
    return error_boundary(fallback_render=rx.Var.create(crash_page()), **quiet)
