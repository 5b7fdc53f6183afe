"""The attempt of a booking that costs nothing, so that every booking has one."""

from coursebook.domain.attempt import AttemptState, idempotency_key
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import PaymentAttempt
from coursebook.services.locked_booking import LockedBookingAndCourse


async def charge_nothing(
    locked: LockedBookingAndCourse, cause: str, *, done: str | None = None
) -> None:
    """Record a first attempt over nothing that has succeeded. `done`: another cause for its end."""
    booking, now = locked.booking, locked.now
    attempt = PaymentAttempt(
        id=new_id("pay"),
        booking_id=booking.id,
        number=1,
        state=AttemptState.CREATED.value,
        amount=0,
        currency=booking.currency,
        idempotency_key=idempotency_key(booking.id, 1),
        params={},
        asked_at=now,
        created_at=now,
        updated_at=now,
    )
    locked.open_attempt(attempt, cause)
    await locked.work.flush()
    locked.set_attempt(attempt, AttemptState.SUCCEEDED, done or cause)
