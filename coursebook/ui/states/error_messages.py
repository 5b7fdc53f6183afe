"""Sentences for errors. The pages show no error in any other way."""

import secrets

import structlog

from coursebook.errors import (
    AlreadyBooked,
    ChangedMeanwhile,
    CoursebookError,
    NotRetryable,
    PaymentProcessing,
    PaymentProviderError,
    RateLimited,
)
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.rows import Notice

log = structlog.get_logger(__name__)

_SEE_BOOKINGS = (AlreadyBooked, PaymentProcessing, PaymentProviderError, NotRetryable)


def notice_of(error: Exception, language: str) -> Notice:
    """Return the notice of an error, with a link to the next step where there is one."""
    text = sentence_of(error, language)
    if isinstance(error, _SEE_BOOKINGS):
        return Notice(text, "bad", i18n.of(language).TO_BOOKINGS, "/bookings")
    return Notice(text, "bad")


def sentence_of(error: Exception, language: str) -> str:
    """Return the sentence of an error; an unexpected one is logged under a reference."""
    if isinstance(error, RateLimited):
        return say.counted(error.retry_after, i18n.of(language).RATE_LIMITED, language)
    if isinstance(error, ChangedMeanwhile):  # its detail names sums, in English
        return i18n.text_of(error.sentence, language)
    if isinstance(error, CoursebookError):
        return i18n.text_of(error.detail, language)
    return surprise(reference_of(error), language)


def reference_of(error: Exception) -> str:
    """Log an unexpected error and return the reference of its log line."""
    reference = secrets.token_hex(4)
    log.error("page.failed", reference=reference, exc_info=error)
    return reference


def surprise(reference: str, language: str) -> str:
    """Return the sentence about an unexpected error, with its reference."""
    return str(i18n.of(language).UNEXPECTED.format(reference=reference))
