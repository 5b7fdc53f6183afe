"""Puts bookings into states that are hard to reach over HTTP, through the product's own writers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from coursebook.domain.actor import Actor
from coursebook.domain.attempt import AttemptState, idempotency_key
from coursebook.domain.booking import EndCause
from coursebook.domain.money import Money
from coursebook.payments.gateway import CheckoutSessionRequest
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import AuditEntry, Course, CourseStatus, PaymentAttempt
from coursebook.persistence.unit_of_work import writing
from coursebook.services.installation import installation_of
from coursebook.services.locked_booking import LockedBookingAndCourse, lock_booking
from tests.support.harness import Harness, Started

QUICK_SECONDS = 0.02


@asynccontextmanager
async def locked_booking_of(
    harness: Harness, started: Started
) -> AsyncIterator[LockedBookingAndCourse]:
    """Lock a booking with its course, as a use case does."""
    async with writing(harness.services.context.database) as work:
        locked = await lock_booking(work, started.booking_id, Actor("test"), harness.clock())
        assert locked is not None
        yield locked


async def release_held_seat(harness: Harness, started: Started) -> None:
    """Release the seat while the Checkout Session can still be paid, as a wrong answer could."""
    async with locked_booking_of(harness, started) as locked:
        attempt = (await locked.work.attempts.of_booking(started.booking_id))[-1]
        locked.set_attempt(attempt, AttemptState.EXPIRED, "A wrong answer.")
        locked.put_end(EndCause.PAGE_EXPIRED, "A wrong answer.")


async def cancel_with_open_session(harness: Harness, started: Started) -> None:
    """Cancel a booking without closing its Checkout Session."""
    async with locked_booking_of(harness, started) as locked:
        locked.put_end(EndCause.STUDENT, "As if Stripe had said that the page is closed.")


async def forget_session(harness: Harness, started: Started) -> None:
    """Undo our record of a Checkout Session, as if the process had died before storing it."""
    async with writing(harness.services.context.database) as work:
        await work.session.execute(
            sa.update(PaymentAttempt)
            .where(col(PaymentAttempt.session_id) == started.session_id)
            .values(session_id=None, checkout_url=None, state="created")
        )
        await work.session.execute(
            sa.delete(AuditEntry).where(
                col(AuditEntry.booking_id) == started.booking_id,
                col(AuditEntry.to_state) == "open",
            )
        )


async def mark_course_cancelled(harness: Harness, course: Course) -> None:
    """Set a course to cancelled without touching its bookings."""
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        row.status = CourseStatus.CANCELLED.value


async def open_second_session(
    harness: Harness, started: Started, price: Money | None = None
) -> Started:
    """Open a second Checkout Session for a booking, as two faulty processes could.

    `price` overrides the booking's price.
    """
    gateway = harness.services.context.gateway
    maker = await installation_of(harness.services.context)
    async with locked_booking_of(harness, started) as locked:
        booking = locked.booking
        asked = price or Money(booking.price, booking.currency)
        attempt = PaymentAttempt(
            id=new_id("pay"),
            booking_id=booking.id,
            number=2,
            state=AttemptState.CREATED.value,
            amount=asked.amount,
            currency=asked.currency,
            idempotency_key=idempotency_key(booking.id, 2),
            params={},
            asked_at=harness.clock(),
            created_at=harness.clock(),
            updated_at=harness.clock(),
        )
        locked.open_attempt(attempt, "Another page.")
        ask = CheckoutSessionRequest(
            maker=maker,
            booking_id=booking.id,
            attempt_number=2,
            title=locked.course.title,
            price=asked,
            email="",
            success_url="http://localhost/success",
            cancel_url="http://localhost/cancel",
            expires_at=harness.clock() + timedelta(minutes=40),
        )
        attempt.params = gateway.params_for(ask)
    facts = await gateway.create_session(attempt.params, attempt.idempotency_key)
    async with locked_booking_of(harness, started) as locked:
        row = await locked.work.attempts.find(attempt.id)
        assert row is not None
        row.session_id = facts.id
        locked.set_attempt(row, AttemptState.OPEN, "Another page.")
    return Started(
        started.student, 201, started.booking_id, facts.id, facts.url or "", started.expires_at
    )


def shorten_stripe_timeouts(
    harness: Harness, patch: pytest.MonkeyPatch, timeout: float = 0.5
) -> None:
    """Shorten the Stripe SDK's retry delays and timeout."""
    patch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", QUICK_SECONDS)
    patch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", QUICK_SECONDS)
    http = harness.services.context.gateway._http  # type: ignore[attr-defined]
    patch.setattr(http, "_timeout", timeout)
