"""The handling of unexpected errors on the server and in the browser. No stack trace is shown."""

import reflex as rx
from redis.exceptions import RedisError

from coursebook.ui import i18n, kit
from coursebook.ui.middleware.redis_outage import show_sentence, show_states_unavailable
from coursebook.ui.reflex_compat.components import error_boundary
from coursebook.ui.states.error_messages import sentence_of


def show_backend_error(exception: Exception) -> rx.event.EventSpec | None:
    """Show the error of a handler in its tab: a refusal in words, any other with a reference.

    Never returns an event. Reflex would handle it in the same context, and if that fails too, call
    this function again in an endless loop.
    """
    if isinstance(exception, RedisError):
        show_states_unavailable(exception)
    else:
        show_sentence(lambda language: sentence_of(exception, language))
    return None


def crash_page() -> rx.Component:
    """Return the page that replaces one that failed to render. It works without any state."""
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
    """Return the React error boundary around each page."""
    quiet = {} if is_stateful else {"on_error": rx.noop()}
    return error_boundary(fallback_render=rx.Var.create(crash_page()), **quiet)
