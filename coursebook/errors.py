"""All errors for callers, each with a stable code, an HTTP status and a sentence for people.

CoursebookError
├── Unauthenticated        401 unauthenticated
├── Forbidden              403 forbidden
├── NotFound
│   ├── CourseNotFound     404 course_not_found
│   ├── BookingNotFound    404 booking_not_found
│   ├── MeetingNotFound    404 meeting_not_found
│   ├── InboxEntryNotFound 404 inbox_entry_not_found
│   ├── PaymentNotFound    404 payment_not_found
│   ├── PayoutNotFound     404 payout_not_found
│   ├── MessageNotFound    404 message_not_found
│   ├── ClaimNotFound      404 claim_not_found
│   └── GrantNotFound      404 grant_not_found
├── Conflict
│   ├── CourseFull         409 course_full
│   ├── AlreadyBooked      409 already_booked
│   ├── BookingClosed      409 booking_closed
│   ├── PaymentProcessing  409 payment_processing
│   ├── NotRetryable       409 not_retryable
│   ├── NotCancellable     409 not_cancellable
│   ├── ChangedMeanwhile   409 changed_meanwhile  (with the current amount)
│   │   ├── EditedMeanwhile                       (with the current course)
│   │   └── MessageEditedMeanwhile
│   ├── CourseChanged      409 course_changed
│   ├── LastOwner          409 last_owner
│   ├── CapacityBelowBookings 409 capacity_below_bookings
│   ├── HasBookings        409 has_bookings
│   ├── AlreadyCancelled   409 already_cancelled
│   ├── NothingToRefund    409 nothing_to_refund
│   ├── Disputed           409 disputed
│   ├── NotMovable         409 not_movable
│   └── NotActionable      409 not_actionable
├── TooLarge               413 too_large
├── WrongMediaType         415 wrong_media_type
├── Invalid                422 invalid            (with one FieldError for each field)
├── RateLimited            429 rate_limited       (with retry_after, seconds)
├── PaymentProviderError   502 payment_provider_error
└── Unavailable            503 unavailable

The API renders them as RFC 9457 problems, the pages as a notice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """The error of one field. `pointer` is a JSON Pointer (RFC 6901) into the request."""

    pointer: str
    detail: str


class CoursebookError(Exception):
    """An error that a person can understand. The message is the sentence they read."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    sentence: ClassVar[str] = "Something went wrong on our side. Please try again."

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or self.sentence
        super().__init__(self.detail)


class Unauthenticated(CoursebookError):
    """The caller is not signed in, or the session token is no longer valid."""

    code, status, title = "unauthenticated", 401, "Please sign in"
    sentence = "Please sign in first. Nothing was booked and nothing was charged."


class Forbidden(CoursebookError):
    """The person is signed in, but their role does not allow this."""

    code, status, title = "forbidden", 403, "Not allowed"
    sentence = "Your account may not do this."


class NotFound(CoursebookError):
    """The object does not exist, or this person may not see it."""

    status: ClassVar[int] = 404


class CourseNotFound(NotFound):
    """No published course has this id or slug."""

    code, title = "course_not_found", "No such course"
    sentence = "We could not find this course. It may have been withdrawn."


class BookingNotFound(NotFound):
    """No booking of this person has this id."""

    code, title = "booking_not_found", "No such booking"
    sentence = "We could not find this booking in your account."


class MeetingNotFound(NotFound):
    """No meeting has this id, or it is of a course that the person may not see."""

    code, title = "meeting_not_found", "No such meeting"
    sentence = "We could not find this meeting. It may have been cancelled."


class InboxEntryNotFound(NotFound):
    """The money inbox has no entry with this id."""

    code, title = "inbox_entry_not_found", "No such entry"
    sentence = "The money inbox has no such entry."


class PaymentNotFound(NotFound):
    """The booking has no such payment by hand."""

    code, title = "payment_not_found", "No such payment"
    sentence = "We could not find this payment."


class PayoutNotFound(NotFound):
    """Stripe made no such payout, or we have not heard of it yet."""

    code, title = "payout_not_found", "No such payout"
    sentence = "We could not find this payout."


class MessageNotFound(NotFound):
    """No message has this id, or it is about a course that the person may not write to."""

    code, title = "message_not_found", "No such message"
    sentence = "We could not find this message."


class ClaimNotFound(NotFound):
    """The link that adds bookings to an account is forged, used, or over."""

    code, title = "claim_not_found", "Link no longer valid"
    sentence = (
        "This link no longer works: it was used, or it is older than 30 days. Please ask the "
        "school for a new one."
    )


class GrantNotFound(NotFound):
    """No such role or invitation, or the link of an invitation is no longer valid."""

    code, title = "grant_not_found", "No such role or invitation"
    sentence = "We could not find this role or invitation."


class Conflict(CoursebookError):
    """The request is valid, but the current state does not allow it."""

    status: ClassVar[int] = 409


class CourseFull(Conflict):
    """Every seat is held or confirmed."""

    code, title = "course_full", "Course full"
    sentence = "All places on this course are taken. Nothing was charged."


class AlreadyBooked(Conflict):
    """This student already has a confirmed seat on this course."""

    code, title = "already_booked", "Already booked"
    sentence = "You already have a place on this course. Nothing was charged again."


class BookingClosed(Conflict):
    """The course has started, was cancelled, or is not open for booking."""

    code, title = "booking_closed", "Booking closed"
    sentence = "This course can no longer be booked. Nothing was charged."


class PaymentProcessing(Conflict):
    """The bank is still processing a payment; a second one must not be started."""

    code, title = "payment_processing", "Payment on its way"
    sentence = (
        "Your payment is on its way: the bank is still processing it. Please do not pay again; "
        "we will tell you as soon as it goes through."
    )


class NotRetryable(Conflict):
    """This booking has nothing to pay for."""

    code, title = "not_retryable", "Nothing to pay"
    sentence = "This booking does not need another payment."


class NotCancellable(Conflict):
    """The booking has ended, or its terms no longer allow cancelling."""

    code, title = "not_cancellable", "Cannot be cancelled"
    sentence = "This booking can no longer be cancelled."


class ChangedMeanwhile(Conflict):
    """The amount differs from the one that the caller confirmed. Nothing was done.

    `amount` and `currency` are the current sum; no amount when no money would move.
    """

    code, title = "changed_meanwhile", "The amount has changed"
    sentence = "The amount has changed since you saw it. Nothing has happened; please look again."

    def __init__(
        self, amount: int | None = None, currency: str = "", detail: str | None = None
    ) -> None:
        self.amount, self.currency = amount, currency
        super().__init__(detail)


class EditedMeanwhile(ChangedMeanwhile):
    """Somebody else saved the course first. Nothing was stored.

    `current` is the course as it is now, so that both versions can be compared.
    """

    title = "Somebody else saved meanwhile"
    sentence = "Somebody else has saved this course meanwhile. Nothing was stored; compare both."

    def __init__(self, current: object = None) -> None:
        self.current = current
        super().__init__()


class MessageEditedMeanwhile(ChangedMeanwhile):
    """Somebody else saved, sent or stopped the message first. Nothing was stored or sent."""

    title = "Somebody else was faster"
    sentence = (
        "Somebody else has changed this message meanwhile. Nothing was stored or sent; please look "
        "at it again."
    )


class CourseChanged(Conflict):
    """Price, terms, dates or place of the course differ from those that the person saw."""

    code, title = "course_changed", "The course has changed"
    sentence = (
        "Price, dates, place or terms of this course have changed since you opened it. "
        "Nothing was booked; please look at it again."
    )


class LastOwner(Conflict):
    """The role is that of the last owner: nobody could give roles without it."""

    code, title = "last_owner", "Last owner"
    sentence = "This is the last owner. Invite another owner first."


class CapacityBelowBookings(Conflict):
    """A course cannot have fewer places than are held or confirmed. `taken` is their number."""

    code, title = "capacity_below_bookings", "Too few places"
    sentence = "More places are taken than that, so there cannot be so few. Nothing has changed."

    def __init__(self, taken: int | None = None) -> None:
        self.taken = taken
        if taken is None:
            super().__init__()
            return
        places = "1 place is" if taken == 1 else f"{taken} places are"
        super().__init__(f"{places} taken, so there cannot be fewer. Nothing has changed.")


class HasBookings(Conflict):
    """People have places on the course, so it cannot be hidden."""

    code, title = "has_bookings", "People have booked"
    sentence = "People have places on this course, so it cannot be hidden. Nothing has changed."


class AlreadyCancelled(Conflict):
    """The course was cancelled, which is final."""

    code, title = "already_cancelled", "Course cancelled"
    sentence = "This course was cancelled, so it can no longer be changed."


class NothingToRefund(Conflict):
    """No money of this booking is left to give back."""

    code, title = "nothing_to_refund", "Nothing to give back"
    sentence = "No money of this booking is left to give back. Nothing has happened."


class Disputed(Conflict):
    """A bank questions a payment of the booking, so Stripe refunds none of it."""

    code, title = "disputed", "Payment disputed"
    sentence = (
        "A payment of this booking is disputed at the bank, so nothing can be given back now. "
        "Nothing has happened."
    )


class NotMovable(Conflict):
    """The booking cannot be moved to the other course, or not in its present state."""

    code, title = "not_movable", "Cannot be moved"
    sentence = "This booking cannot be moved to that course. Nothing has changed."


class NotFull(Conflict):
    """A place is free, so nobody has to wait for one."""

    code, title = "not_full", "A place is free"
    sentence = "A place is free on this course: you can book it now."


class AlreadyWaiting(Conflict):
    """The person is on the waiting list, or was offered a place from it."""

    code, title = "already_waiting", "Already waiting"
    sentence = "You are on the waiting list of this course already."


class NotActionable(Conflict):
    """The entry, course or booking does not allow this action now."""

    code, title = "not_actionable", "Cannot be done"
    sentence = "This action is not possible for this entry now. Nothing has changed."


class TooLarge(CoursebookError):
    """The request body is larger than we accept."""

    code, status, title = "too_large", 413, "Too large"
    sentence = "The request is larger than we accept."


class WrongMediaType(CoursebookError):
    """The body is a file of a format that we do not read."""

    code, status, title = "wrong_media_type", 415, "Not a picture"
    sentence = "The picture must be a JPEG, PNG or WebP file."


class Invalid(CoursebookError):
    """The request is not valid; `errors` names each field."""

    code, status, title = "invalid", 422, "Not valid"
    sentence = "Please check the marked fields."

    def __init__(self, errors: Iterable[FieldError] = (), detail: str | None = None) -> None:
        self.errors = tuple(errors)
        joined = " ".join(e.detail for e in self.errors)
        super().__init__(detail or joined or None)


class RateLimited(CoursebookError):
    """Too many requests. `retry_after` is the number of seconds to wait."""

    code, status, title = "rate_limited", 429, "Too many tries"

    def __init__(self, retry_after: int) -> None:
        self.retry_after = max(1, retry_after)
        unit = "second" if self.retry_after == 1 else "seconds"
        super().__init__(
            f"That was a lot of tries. Please wait {self.retry_after} {unit} and try again. "
            "Nothing was charged."
        )


class PaymentProviderError(CoursebookError):
    """Stripe did not answer, or refused the call. The booking stays."""

    code, status, title = "payment_provider_error", 502, "Payment service not reachable"
    sentence = (
        "We could not reach the payment service. Your place is held and nothing was charged; "
        "please try again in a moment."
    )


class Unavailable(CoursebookError):
    """A part that we need (database, sign-in) is unavailable right now."""

    code, status, title = "unavailable", 503, "Not available right now"
    sentence = "We cannot do this right now. Nothing was charged; please try again in a minute."
