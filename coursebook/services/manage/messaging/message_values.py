"""What a person writes into a message, checked in one place for the API and the pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coursebook.domain.external_text import clean_id, clean_line, is_storable
from coursebook.domain.messaging.audience import LASTING, MAX_CHOSEN, Audience, AudienceKind
from coursebook.domain.messaging.message_limits import MAX_BODY, MAX_SUBJECT
from coursebook.domain.texts.placeholders import PLACEHOLDERS, unknown_placeholders
from coursebook.errors import FieldError, Invalid
from coursebook.persistence.schema.columns import ID_LENGTH

NO_SUBJECT = "Write a subject."
NO_BODY = "Write a text."
NOBODY_LATER = "Nobody who books later can come under this choice of people."
CHOOSE_SOMEBODY = f"Choose 1 to {MAX_CHOSEN} bookings."


@dataclass(frozen=True)
class MessageValues:
    """What is written: to whom, subject and text with placeholders, and whether later ones get it.

    `keeps_open`: also who books later, until the course begins.
    """

    audience: Audience
    subject: str
    body: str
    keeps_open: bool = False


NOTHING_WRITTEN = MessageValues(Audience(AudienceKind.COMING), "", "")


def read_message(values: Mapping[str, Any], before: MessageValues) -> MessageValues:
    """Return the values; names that are missing stay as `before`. Raises Invalid with pointers.

    `audience` is `{"kind": …, "booking_ids": […]}`. A message without subject or text can be saved.
    """
    errors: list[FieldError] = []
    audience = before.audience
    if "audience" in values:
        audience = _audience(values["audience"], errors) or before.audience
    subject = _text(values, "subject", before.subject, MAX_SUBJECT, errors)
    body = _text(values, "body", before.body, MAX_BODY, errors)
    keeps_open = values.get("keeps_open", before.keeps_open) is True
    if keeps_open and audience.kind not in LASTING and not errors:
        errors.append(FieldError("/keeps_open", NOBODY_LATER))
    if errors:
        raise Invalid(errors)
    return MessageValues(audience, clean_line(subject, MAX_SUBJECT), body.strip(), keeps_open)


def missing_texts(values: MessageValues) -> list[FieldError]:
    """Return what a message lacks to be sent."""
    errors = []
    if not values.subject:
        errors.append(FieldError("/subject", NO_SUBJECT))
    if not values.body:
        errors.append(FieldError("/body", NO_BODY))
    return errors


def _audience(value: object, errors: list[FieldError]) -> Audience | None:
    stored = value if isinstance(value, Mapping) else {}
    try:
        kind = AudienceKind(str(stored.get("kind")))
    except ValueError:
        known = ", ".join(AudienceKind)
        errors.append(FieldError("/audience/kind", f"Choose one of these: {known}."))
        return None
    if kind is not AudienceKind.CHOSEN:
        return Audience(kind)
    ids = _ids(stored.get("booking_ids"))
    if not 0 < len(ids) <= MAX_CHOSEN:
        errors.append(FieldError("/audience/booking_ids", CHOOSE_SOMEBODY))
        return None
    return Audience(kind, ids)


def _ids(value: object) -> tuple[str, ...]:
    """Return the ids in a list, each once; () unless all of them can be ids."""
    listed = value if isinstance(value, list | tuple) else ()
    are_ids = all(clean_id(item, ID_LENGTH) for item in listed)
    return tuple(dict.fromkeys(listed)) if are_ids else ()


def _text(
    values: Mapping[str, Any], name: str, before: str, most: int, errors: list[FieldError]
) -> str:
    """Return a text as it was written, and add what is wrong with it."""
    text = values.get(name, before)
    if not isinstance(text, str):
        errors.append(FieldError(f"/{name}", "This must be a text."))
        return before
    errors.extend(FieldError(f"/{name}", sentence) for sentence in _problems(text, most))
    return text


def _problems(text: str, most: int) -> Iterator[str]:
    if not is_storable(text):
        yield "This text has characters that cannot be stored."
    if len(text) > most:
        yield f"This text has {len(text):,} characters; {most:,} are possible."
    unknown = unknown_placeholders(text)
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        named = ", ".join(f"{{{name}}}" for name in unknown)
        yield f"There is no {named}. You can use {known}."
