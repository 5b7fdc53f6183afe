"""An extension as one declaration."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from coursebook.domain.course_fields import CourseField
from coursebook.mail.kinds import MailKind
from coursebook.mail.messages import Writer
from coursebook.payments.event_targets import EVENTS, EventTarget

Job = Callable[[Any], Awaitable[None]]
"""Runs in every round of the worker. The argument is the `Services` of `coursebook.wiring`."""
_MAIL_NAME = re.compile(r"[a-z][a-z0-9_]*")
_EVENT_NAME = re.compile(r"[a-z_]+(\.[a-z_]+)+")


class ExtensionError(Exception):
    """An extension is wrong. The message is one sentence that names the file, and the line."""


@dataclass(frozen=True, kw_only=True)
class Extension:
    """The additions of an extension. Raises ExtensionError for an invalid one.

    `pages` are of the type `coursebook.ui.page.Page`. `fields` are added to every course. `mails`
    has the function that writes each kind of mail, under the name that `enqueue_mail` gets.
    `payment_events` says what to fetch after each further event of Stripe; subscribe the endpoint
    to them too. `jobs` run in every round of the worker, in any process, so each must be
    idempotent.
    """

    name: str
    pages: tuple[Any, ...] = ()
    fields: tuple[CourseField, ...] = ()
    mails: Mapping[str, Writer] = field(default_factory=dict)
    payment_events: Mapping[str, EventTarget] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()

    def __post_init__(self) -> None:
        """Check every part, so that a mistake is found at the start."""
        for kind, part in (("pages", self.pages), ("fields", self.fields), ("jobs", self.jobs)):
            if not isinstance(part, tuple):
                raise ExtensionError(f"{kind} of the extension {self.name} must be a tuple.")
        for declared in self.fields:
            if not isinstance(declared, CourseField):
                raise ExtensionError(f"The field {declared!r} must be a CourseField.")
        self._check_mails()
        self._check_events()
        for job in self.jobs:
            if not inspect.iscoroutinefunction(job):
                raise ExtensionError(f"The job {_name_of(job)} must be an async function.")

    def _check_mails(self) -> None:
        for name, write in self.mails.items():
            if not _MAIL_NAME.fullmatch(name) or not callable(write):
                raise ExtensionError(
                    f"The mail {name!r} needs a name such as course_soon, and a function."
                )
            if name in {str(kind) for kind in MailKind}:
                raise ExtensionError(f"The product has a mail {name!r} already.")

    def _check_events(self) -> None:
        for event, target in self.payment_events.items():
            if not _EVENT_NAME.fullmatch(event) or not isinstance(target, EventTarget):
                raise ExtensionError(
                    f"The payment event {event!r} needs a name such as charge.updated, and an "
                    "EventTarget."
                )
            if event in EVENTS:
                raise ExtensionError(f"The product handles the payment event {event} already.")


def _name_of(job: object) -> str:
    return str(getattr(job, "__name__", job))
