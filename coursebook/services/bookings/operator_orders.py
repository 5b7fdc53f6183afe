"""What operators ask for a booking: refunds, cancellations, notes and tags, with their words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coursebook.domain.booking_edits.give_back import GiveBack
from coursebook.domain.external_text import clean_line, is_storable
from coursebook.errors import FieldError, Invalid
from coursebook.services.bookings.expected_amounts import Expected

MAX_REASON_LENGTH = 500
MAX_NOTE_LENGTH = 2000
MAX_TAG_LENGTH = 40
MAX_TAGS = 20


@dataclass(frozen=True)
class RefundOrder:
    """A refund of `amount` minor units; `expected` is the sum kept that the operator saw.

    `note` is for the student, and so is the reason. With `cancels` the place ends too; then less
    than was promised must be `agreed`.
    """

    amount: int
    reason: str
    expected: Expected
    note: str = ""
    cancels: bool = False
    agreed: bool = False


def checked_choice(choice: GiveBack) -> GiveBack:
    """Return a choice with its words trimmed. Raises Invalid."""
    return replace(choice, reason=_words(choice.reason, "/reason", MAX_REASON_LENGTH))


def checked_order(order: RefundOrder) -> RefundOrder:
    """Return a refund with its words trimmed. Raises Invalid, also without a reason."""
    reason = _words(order.reason, "/reason", MAX_REASON_LENGTH)
    if not reason:
        raise Invalid([FieldError("/reason", "Please give a reason.")])
    return replace(order, reason=reason, note=_words(order.note, "/note", MAX_REASON_LENGTH))


def checked_note(note: str) -> str:
    """Return the school's note, trimmed. Raises Invalid."""
    return _words(note, "/note", MAX_NOTE_LENGTH)


def checked_tags(tags: Sequence[str]) -> list[str]:
    """Return tags, each once whatever its capitals. Raises Invalid for too many or too long."""
    lines = [clean_line(tag, MAX_TAG_LENGTH + 1) for tag in tags]
    for number, line in enumerate(lines):
        if len(line) > MAX_TAG_LENGTH:
            message = f"At most {MAX_TAG_LENGTH} characters."
            raise Invalid([FieldError(f"/tags/{number}", message)])
    once = {line.casefold(): line for line in reversed(lines) if line}
    if len(once) > MAX_TAGS:
        raise Invalid([FieldError("/tags", f"At most {MAX_TAGS} tags.")])
    return [once.pop(line.casefold()) for line in lines if line.casefold() in once]


def _words(text: str, pointer: str, max_length: int) -> str:
    trimmed = text.strip()
    if not is_storable(trimmed):
        raise Invalid([FieldError(pointer, "This text has characters that cannot be stored.")])
    if len(trimmed) > max_length:
        raise Invalid([FieldError(pointer, f"At most {max_length} characters.")])
    return trimmed
