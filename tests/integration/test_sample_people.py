"""The sample people of the sandbox: once, in all states, and with books that balance."""

from collections import Counter
from datetime import timedelta

from coursebook.persistence.unit_of_work import reading
from coursebook.services.manage.roster import RosterQuery
from coursebook.services.reconciliation.reconciler import Reconciler
from coursebook.services.seeding.sample_people import COURSE, PEOPLE, seed_people
from coursebook.services.seeding.seed import seed
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness


async def test_the_sample_people_are_added_once_in_all_states(harness: Harness):
    database, now = harness.services.context.database, harness.clock()
    assert await seed_people(database, now) == 0, "without its course"
    await seed(database, now)
    assert await seed_people(database, now) == len(PEOPLE) == 12
    assert await seed_people(database, now) == 0
    async with reading(database) as work:
        course = await work.courses.find(COURSE)
    assert course is not None
    who = await harness.principal(OPERATOR)
    page = await harness.services.rosters.page(who, course.id, RosterQuery(limit=100))
    names = {person.name for person in PEOPLE} | {"Bruno Lima"}
    sampled = [person for person in page.items if person.name in names]
    assert Counter(person.place.value for person in sampled) == {"confirmed": 9, "held": 1}
    assert {list_.value: count for list_, count in page.counts.items()} == {
        "coming": course.confirmed,
        "paying": 1,
        "owes": 3,
        "waiting": 0,
        "cancelled": 2,
    }
    (kept,) = page.course.counts.revenue or ()
    received = [person.received.amount for person in page.items if person.received]
    assert (kept.amount, kept.currency) == (sum(received), course.currency)
    statuses = {person.payment_status for person in sampled}
    assert statuses >= {"paid", "unpaid", "partially_refunded"}
    assert any(person.note for person in sampled)
    assert any(person.tags for person in sampled)


async def test_the_books_of_the_sample_people_balance(harness: Harness):
    database, now = harness.services.context.database, harness.clock()
    await seed(database, now)
    await seed_people(database, now)
    books = await check_books(harness)
    assert [entry for entry in books.inbox if entry.resolved_at is None] == []
    reconciler = Reconciler(harness.services.context, every=timedelta(), pause=0)
    async for seen in reconciler.run_to_end():
        run = seen.run
    assert run is not None
    assert run.differences == ()
