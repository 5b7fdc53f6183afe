"""A payment attempt: one Checkout Session of one booking, and its legal moves."""

from enum import StrEnum


class AttemptState(StrEnum):
    """The state of one attempt to pay.

    created: recorded by us, Stripe may or may not have been called · open: a person can pay ·
    processing: complete at Stripe, money not there yet · succeeded: paid, or nothing to pay ·
    failed: a delayed payment did not come · expired: Stripe closed the session unpaid · superseded:
    Stripe refused the email address, so a newer attempt omits it.
    """

    CREATED = "created"
    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"

    @property
    def is_final(self) -> bool:
        """True when Stripe will not change it any more, short of refunds and disputes."""
        return self not in (AttemptState.CREATED, AttemptState.OPEN, AttemptState.PROCESSING)


ALLOWED: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.CREATED: frozenset(AttemptState) - {AttemptState.CREATED},
    AttemptState.OPEN: frozenset(AttemptState) - {AttemptState.CREATED, AttemptState.OPEN},
    AttemptState.PROCESSING: frozenset({AttemptState.SUCCEEDED, AttemptState.FAILED}),
    # A payment may still arrive after we gave up on an attempt: if Stripe reports it paid, it is
    # paid.
    AttemptState.FAILED: frozenset({AttemptState.SUCCEEDED}),
    AttemptState.EXPIRED: frozenset({AttemptState.SUCCEEDED, AttemptState.PROCESSING}),
    AttemptState.SUPERSEDED: frozenset(
        {AttemptState.SUCCEEDED, AttemptState.PROCESSING, AttemptState.FAILED}
    ),
    AttemptState.SUCCEEDED: frozenset(),
}
"""Legal next states. An older or repeated message with any other move changes nothing."""


def may_become(now: AttemptState, then: AttemptState) -> bool:
    """Tell whether an attempt in state `now` may move to `then`."""
    return then in ALLOWED[now]


def idempotency_key(booking_id: str, number: int, copy_id: str = "") -> str:
    """Return the key of one attempt's create call: a new attempt gets a new key.

    A copy of a database has bookings of the same ids as its original, perhaps on one account, so
    its own id (`copy_id`) is part of its keys.
    """
    key = f"booking-{booking_id}-attempt-{number}"
    return f"{key}-{copy_id}" if copy_id else key
