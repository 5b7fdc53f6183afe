"""The school as its owners describe it: name, mail address, postal address, time zone.

A value in the environment wins over one of the settings page, which wins over `school.toml`.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from coursebook.domain.course_edits.reminder import USUAL_LEAD, WRONG_LEAD, is_lead
from coursebook.domain.external_text import mail_address
from coursebook.domain.reader import Reader
from coursebook.domain.rights import Permission
from coursebook.domain.school_settings import NO, SCHOOL_SETTINGS, YES
from coursebook.domain.waiting_list.turn import USUAL_TURN, WRONG_TURN, is_turn
from coursebook.errors import FieldError, Invalid
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.log import current_request_id
from coursebook.mail.facts import School
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.cache import MicroCache
from coursebook.services.context import Context
from coursebook.services.manage.access import Access

log = structlog.get_logger("coursebook.manage")

REMINDER_MINUTES = "reminder_minutes"
OFFER_MINUTES = "offer_minutes"
CACHE_SECONDS = 5.0
"""How long the name is kept. A change in any process drops it at once (topic `school`)."""
TIMEOUT_NAME = 0.3
"""Seconds that a page waits for the name; then it shows the last one."""


@dataclass(frozen=True)
class SchoolView:
    """The school's settings. `fixed` names those that are set in the environment.

    A text is "" when it is set nowhere. `timezone` is an IANA name. `payment_details` says how to
    pay by transfer, in one line. `reminder_minutes`: how long before a start people are reminded,
    in figures; "0" is never. `offer_minutes`: how long a place is offered to somebody who waits.
    `teacher_messages`: "yes" when teachers may write to the people of
    their courses, else "no"; `teacher_contacts`: whether they see their mail addresses.
    """

    name: str
    email: str
    address: str
    timezone: str
    payment_details: str
    reminder_minutes: str
    offer_minutes: str
    teacher_messages: str
    teacher_contacts: str
    fixed: frozenset[str]


class SchoolProfile:
    """The use cases of the settings page."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access
        self._name = context.school_defaults.get("name", "")
        self._dropped_at = -1.0
        self._names = MicroCache[str](
            CACHE_SECONDS, 1, time.monotonic, lambda _, since: since <= self._dropped_at
        )

    async def shown_name(self) -> str:
        """Return the name for the pages, "" when it is set nowhere.

        It comes from a cache. Without the database it is the last one: this never fails.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT_NAME):
                self._name = await self._names.get("name", self._read_name)
        return self._name

    def topics_changed(self, changed: Collection[str]) -> None:
        """Drop the cached name after a change of the settings."""
        if topics.SCHOOL in changed or topics.EVERYTHING in changed:
            self._dropped_at = time.monotonic()

    async def _read_name(self) -> str:
        try:
            return (await self.current()).name
        except Exception as error:  # noqa: BLE001 - a page needs no name to be of use
            log.warning("school_name.failed", reason=str(error) or type(error).__name__)
            return self._name

    async def current(self) -> SchoolView:
        """Return the settings, for services and pages that show them."""
        async with reading(self._context.database) as work:
            return await school_view(self._context, work)

    async def get(self, who: Principal | None) -> SchoolView:
        """Return the settings for an owner. Raises Unauthenticated, Forbidden, RateLimited."""
        (await self._access.rights_of(who)).require(Permission.MANAGE_SETTINGS)
        return await self.current()

    async def patch(self, who: Principal | None, values: Mapping[str, object]) -> SchoolView:
        """Set the given values; "" goes back to that of `school.toml`. Return all of them.

        Raises Unauthenticated, Forbidden, RateLimited, and Invalid with a pointer for each wrong
        value and for one that is set in the environment. Nothing is stored then.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.MANAGE_SETTINGS)
        assert who is not None, "has rights"
        texts = _checked(values, self._context.fixed_settings)
        now, actor = self._context.clock(), rights.actor(who.user_id)
        async with writing(self._context.database) as work:
            stored = await work.school_settings.texts()
            changed = {n: text for n, text in texts.items() if text != stored.get(n, "")}
            for name, text in changed.items():
                await work.school_settings.put(name, text, now, str(actor))
                change = Change(
                    booking_id=None,
                    subject=name,
                    event="changed",
                    from_state=None,
                    to_state=None,
                    data={"before": stored.get(name, ""), "after": text},
                    about="settings",
                )
                work.audit.write(change, actor=actor, request_id=current_request_id(), now=now)
            if changed:
                work.mark_changed(topics.SCHOOL)
            await work.flush()
            view = await school_view(self._context, work)
        if changed:
            log.info("settings.changed", names=sorted(changed))
        return view


async def school_view(context: Context, work: UnitOfWork) -> SchoolView:
    """Return the settings as they are in this transaction."""
    stored = await work.school_settings.texts()
    defaults, fixed = context.school_defaults, context.fixed_settings
    values = {
        name: ("" if name in fixed else stored.get(name, "")) or _default(name, defaults)
        for name in SCHOOL_SETTINGS
    }
    return SchoolView(**values, fixed=fixed)


def _default(name: str, defaults: Mapping[str, str]) -> str:
    usual = {
        REMINDER_MINUTES: str(USUAL_LEAD),
        OFFER_MINUTES: str(USUAL_TURN // timedelta(minutes=1)),
        "teacher_messages": NO,
        "teacher_contacts": NO,
    }
    return usual.get(name) or defaults.get(name, "")


async def reminder_minutes(work: UnitOfWork) -> int:
    """Return how many minutes before a start people are reminded, 0 for never."""
    return int((await work.school_settings.texts()).get(REMINDER_MINUTES) or USUAL_LEAD)


async def offer_minutes(work: UnitOfWork) -> int | None:
    """Return how long a place is offered to somebody who waits; None when it was never set."""
    return int((await work.school_settings.texts()).get(OFFER_MINUTES) or 0) or None


async def sender_of(context: Context, work: UnitOfWork) -> School:
    """Return the school as the sender of mails and the organizer of calendar entries."""
    view = await school_view(context, work)
    return School.of(view.name, view.email, view.address, context.school.sender)


def _checked(values: Mapping[str, object], fixed: frozenset[str]) -> dict[str, str]:
    """Return the values as texts. Raises Invalid with one error for each wrong value."""
    texts, errors = {}, []
    for name, value in values.items():
        text = value.strip() if isinstance(value, str) else ""
        sentence = _problem(name, value, text, fixed)
        if sentence:
            errors.append(FieldError(f"/{name}", sentence))
        texts[name] = text
    if errors:
        raise Invalid(errors)
    return texts


def _problem(name: str, value: object, text: str, fixed: frozenset[str]) -> str:
    """Return what is wrong with a value, "" for nothing."""
    if name not in SCHOOL_SETTINGS:
        return "There is no such setting."
    if name in fixed:
        return f"This is set by SCHOOL_{name.upper()} in the environment; change it there."
    if not isinstance(value, str):
        return "This must be a text."
    if len(text) > SCHOOL_SETTINGS[name]:
        return "This text is too long."
    if not text.isprintable():
        return "Please write this in one line."
    is_right, sentence = _CHECKS.get(name, (bool, ""))
    return sentence if text and not is_right(text) else ""


def _is_lead(text: str) -> bool:
    return text.isascii() and text.isdecimal() and is_lead(int(text))


def _is_turn(text: str) -> bool:
    return text.isascii() and text.isdecimal() and is_turn(int(text))


_CHECKS: dict[str, tuple[Callable[[str], object], str]] = {
    "email": (mail_address, "This is not an email address, such as hello@school.example."),
    "timezone": (
        lambda name: Reader.of("", name).timezone,
        "This is not a time zone, such as Europe/Lisbon.",
    ),
    REMINDER_MINUTES: (_is_lead, WRONG_LEAD),
    OFFER_MINUTES: (_is_turn, WRONG_TURN),
    "teacher_messages": ((YES, NO).__contains__, "Choose yes or no."),
    "teacher_contacts": ((YES, NO).__contains__, "Choose yes or no."),
}
