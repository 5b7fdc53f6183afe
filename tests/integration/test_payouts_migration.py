"""The columns of fees, payouts and receipts for a database that has payments already."""

from datetime import timedelta

import sqlalchemy as sa

from coursebook.persistence.engine.databases import open_database
from coursebook.persistence.maintenance.migrate import downgrade_to, upgrade_to_head
from coursebook.persistence.schema.tables import PaymentAttempt
from tests.integration.test_database_promise_migration import empty_url
from tests.support.rows import NOW, a_booking, a_course, a_user, an_attempt

__all__ = ["empty_url"]
LATER = NOW + timedelta(days=1)


async def test_payments_without_a_moment_get_that_of_their_page(empty_url: str):
    await upgrade_to_head(empty_url)
    user, course = a_user(), a_course()
    booking = a_booking(user, course)
    paid = an_attempt(booking, state="succeeded", payment_intent_id="pi_1")
    free = an_attempt(booking, state="succeeded", amount=0)
    told = an_attempt(booking, state="succeeded", payment_intent_id="pi_2", taken_at=LATER)
    expected = {paid.id: paid.created_at, free.id: None, told.id: LATER}
    database = open_database(empty_url)
    async with database.write_session() as session, session.begin():
        for row in (user, course, booking, paid, free, told):
            await session.execute(sa.insert(type(row)).values(row.model_dump()))
    await database.close()
    await downgrade_to(empty_url, "0021")
    await upgrade_to_head(empty_url)
    database = open_database(empty_url)
    async with database.read_session() as session:
        attempts = (await session.scalars(sa.select(PaymentAttempt))).all()
    await database.close()
    assert {attempt.id: attempt.taken_at for attempt in attempts} == expected
    assert {attempt.fee for attempt in attempts} == {None}
    assert {attempt.receipt_number for attempt in attempts} == {None}
