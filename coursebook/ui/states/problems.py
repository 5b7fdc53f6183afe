"""Refusals and surprises into sentences: the one place of the pages that does it."""

import secrets

import structlog

from coursebook.errors import (
    AlreadyBooked,
    CoursebookError,
    NotRetryable,
    PaymentProcessing,
    PaymentProviderError,
)
from coursebook.ui import words
from coursebook.ui.rows import Notice

log = structlog.get_logger(__name__)

_SEE_BOOKINGS = (AlreadyBooked, PaymentProcessing, PaymentProviderError, NotRetryable)


def notice_of(problem: Exception) -> Notice:
    """Return what the person reads about a problem, with the next step where there is one."""
    text = sentence_of(problem)
    if isinstance(problem, _SEE_BOOKINGS):
        return Notice(text, "bad", words.TO_BOOKINGS, "/bookings")
    return Notice(text, "bad")


def sentence_of(problem: Exception) -> str:
    """Return the sentence of a refusal; a surprise is logged and gets a number to tell us."""
    if isinstance(problem, CoursebookError):
        return problem.detail
    reference = secrets.token_hex(4)
    log.error("page_surprise", reference=reference, exc_info=problem)
    return words.UNEXPECTED.format(reference=reference)
