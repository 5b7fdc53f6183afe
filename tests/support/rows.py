"""Valid rows for every table, for tests that then change one value."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlmodel import SQLModel

from coursebook.persistence.engine.databases import Database
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    OutboxMessage,
    PaymentAttempt,
    Refund,
    User,
    WebhookEvent,
)

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
_numbers = count(1)


async def delete_all(database: Database) -> None:
    """Delete every row of every table, in one call of the driver: a tenth of the time."""
    tables = reversed(SQLModel.metadata.sorted_tables)
    deletes = "".join(f'DELETE FROM "{table.name}";' for table in tables)
    async with database.writing.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        run_script = driver.executescript if database.is_sqlite else driver.execute
        await run_script(f"BEGIN; {deletes} COMMIT;")


def a_course(**changes: Any) -> Course:
    """Return a published course with ten places at 45 euros."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"crs_{number}",
        "slug": f"course-{number}",
        "title": f"Course {number}",
        "summary": "One good day.",
        "description": "You come, you learn, you go.",
        "category": "Craft",
        "level": "Beginner",
        "instructor": "Ada Example",
        "is_online": False,
        "place_name": "The Hall",
        "place_address": "1 Mill Lane",
        "timezone": "Europe/Lisbon",
        "starts_at": NOW + timedelta(days=30),
        "ends_at": NOW + timedelta(days=30, hours=4),
        "price": 4500,
        "currency": "eur",
        "terms": [],
        "capacity": 10,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Course(**values | changes)


def a_user(**changes: Any) -> User:
    """Return a person."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"usr_{number}",
        "subject": f"user_{number}",
        "email": f"person{number}@example.test",
        "created_at": NOW,
        "seen_at": NOW,
    }
    return User(**values | changes)


def a_booking(user: User, course: Course, **changes: Any) -> Booking:
    """Return a held booking of this person on this course."""
    values: dict[str, Any] = {
        "id": f"bkg_{next(_numbers)}",
        "user_id": user.id,
        "course_id": course.id,
        "place": "held",
        "price": course.price,
        "currency": course.currency,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Booking(**values | changes)


def an_attempt(booking: Booking, **changes: Any) -> PaymentAttempt:
    """Return an open attempt to pay this booking."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"pay_{number}",
        "booking_id": booking.id,
        "number": number,
        "state": "open",
        "amount": booking.price,
        "currency": booking.currency,
        "idempotency_key": f"key-{number}",
        "params": {},
        "session_id": f"cs_test_{number}",
        "asked_at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return PaymentAttempt(**values | changes)


def a_refund(attempt: PaymentAttempt, **changes: Any) -> Refund:
    """Return a refund of this attempt, on its way."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"rfd_{number}",
        "booking_id": attempt.booking_id,
        "attempt_id": attempt.id,
        "state": "pending",
        "amount": attempt.amount,
        "currency": attempt.currency,
        "cause": "cancelled",
        "idempotency_key": f"refund-{number}",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Refund(**values | changes)


def an_event(**changes: Any) -> WebhookEvent:
    """Return a stored event that nobody has handled."""
    values: dict[str, Any] = {
        "id": f"evt_{next(_numbers)}",
        "type": "checkout.session.completed",
        "livemode": False,
        "payload": {},
        "next_try_at": NOW,
        "received_at": NOW,
    }
    return WebhookEvent(**values | changes)


def a_message(**changes: Any) -> OutboxMessage:
    """Return an outbox message that is due."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": f"out_{number}",
        "kind": "mail:booked",
        "dedupe_key": f"mail-{number}",
        "payload": {},
        "next_try_at": NOW,
        "created_at": NOW,
    }
    return OutboxMessage(**values | changes)
