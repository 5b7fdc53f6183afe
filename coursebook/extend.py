"""What extensions are made of, in one place: `from coursebook.extend import Extension, Page, kit`.

Every name is imported when it is asked for, so that an extension without pages does not load
Reflex.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coursebook.domain.course_fields import CourseField
    from coursebook.extensions.declaration import Extension, ExtensionError
    from coursebook.http_security.page_sources import PageSources
    from coursebook.mail.facts import MailFacts
    from coursebook.mail.letter import Mail
    from coursebook.mail.messages import booking_mail
    from coursebook.payments.event_targets import EventTarget
    from coursebook.persistence.unit_of_work import reading, writing
    from coursebook.services.catalog.course_query import CourseQuery
    from coursebook.services.locked_booking import lock_booking
    from coursebook.ui import i18n, kit, layout
    from coursebook.ui.components.page_states import in_view_state
    from coursebook.ui.page import Page
    from coursebook.ui.states.page_state import PageState
    from coursebook.ui.states.session import SessionState
    from coursebook.wiring import Services, services

_MODULES = {
    "CourseField": "coursebook.domain.course_fields",
    "CourseQuery": "coursebook.services.catalog.course_query",
    "EventTarget": "coursebook.payments.event_targets",
    "Extension": "coursebook.extensions.declaration",
    "ExtensionError": "coursebook.extensions.declaration",
    "Mail": "coursebook.mail.letter",
    "MailFacts": "coursebook.mail.facts",
    "Page": "coursebook.ui.page",
    "PageSources": "coursebook.http_security.page_sources",
    "PageState": "coursebook.ui.states.page_state",
    "Services": "coursebook.wiring",
    "SessionState": "coursebook.ui.states.session",
    "booking_mail": "coursebook.mail.messages",
    "i18n": "coursebook.ui.i18n",
    "in_view_state": "coursebook.ui.components.page_states",
    "kit": "coursebook.ui.kit",
    "lock_booking": "coursebook.services.locked_booking",
    "layout": "coursebook.ui.layout",
    "reading": "coursebook.persistence.unit_of_work",
    "services": "coursebook.wiring",
    "writing": "coursebook.persistence.unit_of_work",
}

__all__ = [
    "CourseField",
    "CourseQuery",
    "EventTarget",
    "Extension",
    "ExtensionError",
    "Mail",
    "MailFacts",
    "Page",
    "PageSources",
    "PageState",
    "Services",
    "SessionState",
    "booking_mail",
    "i18n",
    "in_view_state",
    "kit",
    "layout",
    "lock_booking",
    "reading",
    "services",
    "writing",
]


def __getattr__(name: str) -> object:
    """Return a name of this module from where it is defined (PEP 562). Raises AttributeError."""
    if name not in _MODULES:
        raise AttributeError(f"coursebook.extend has no {name!r}; it has {', '.join(__all__)}.")
    module = import_module(_MODULES[name])
    return module if module.__name__.endswith(f".{name}") else vars(module)[name]
