"""Bookings of all courses, the newest first, and those of people or numbers that are looked for.

A search looks through the newest `RECENT` bookings first: a common word fills a page there. Else it
reads the people, at most `MAX_PEOPLE` of them and the newest, and then their bookings. So it costs
the same however many bookings there are.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.booking import SeatState
from coursebook.domain.search import IN_CONTACT, IN_NAME
from coursebook.persistence.course_search.index import lexeme_term
from coursebook.persistence.schema.folded_text import fold, folded
from coursebook.persistence.schema.keyset import Key, below
from coursebook.persistence.schema.search_tables import PersonSearch
from coursebook.persistence.schema.tables import Booking, PaymentAttempt, Refund, User

RECENT = 500
"""Bookings that are looked through one by one before the people are searched."""
MAX_PEOPLE = 500
"""People of one search whose bookings are read."""
MAX_SORTED = 2_000
"""With more people than this PostgreSQL finds the newest of them by reading in order of time."""
person_fts = sa.table("person_fts", sa.column("rowid", sa.BigInteger))
FTS_KEY = sa.literal_column("+person_fts.rowid", sa.BigInteger)
"""The unary `+`: see `course_search/index.py`."""


@dataclass(frozen=True)
class BookingFilter:
    """Which bookings. `number` is the end of a booking's id.

    `words` are those of people (`domain/search.py`), `texts` the same as they were typed.
    `courses`: only of these; None for all. With `in_contacts` mail addresses are searched too.
    `payment` is the id of a payment, its page or a refund at Stripe, `receipt` the number of a
    receipt that Stripe mailed.
    """

    words: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    number: str = ""
    place: SeatState | None = None
    courses: Collection[str] | None = None
    in_contacts: bool = False
    payment: str = ""
    receipt: str = ""


class BookingSearch:
    """The search over all bookings."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    @cached_property
    def _is_sqlite(self) -> bool:
        return self._session.get_bind().dialect.name == "sqlite"

    async def page(
        self, chosen: BookingFilter, after: Key | None, limit: int
    ) -> list[tuple[Booking, User]]:
        """Return bookings and their payers, the newest first, after a key; at most `limit`."""
        query = sa.select(Booking, User).join(User, col(User.id) == col(Booking.user_id))
        if chosen.place is not None:
            query = query.where(col(Booking.place) == chosen.place.value)
        if chosen.courses is not None:
            query = query.where(col(Booking.course_id).in_(sorted(chosen.courses)))
        if after is not None:
            query = query.where(below(Booking.created_at, Booking.id, after))
        query = query.order_by(*_NEWEST_FIRST).limit(limit)
        if chosen.words and chosen.courses is None:
            recent = await self._among_recent(chosen, after, limit)
            if len(recent) == limit:
                return recent
        if chosen.words or chosen.number or chosen.payment or chosen.receipt:
            query = query.where(sa.or_(*await self._found(chosen)))
        return await self._pairs(query)

    async def people(self, words: tuple[str, ...], limit: int) -> list[User]:
        """Return accounts and guests with these words in name or address, the newest first."""
        keys, _ = await self._people(BookingFilter(words=words, in_contacts=True))
        query = sa.select(User).where(col(User.id).in_(keys[:MAX_PEOPLE]))
        query = query.order_by(col(User.seen_at).desc(), col(User.id)).limit(limit)
        return list((await self._session.scalars(query)).all())

    async def _pairs(self, query: Any) -> list[tuple[Booking, User]]:  # noqa: ANN401
        return [(row[0], row[1]) for row in await self._session.execute(query)]

    async def _among_recent(
        self, chosen: BookingFilter, after: Key | None, limit: int
    ) -> list[tuple[Booking, User]]:
        """Return those with the words among the newest `RECENT` bookings after a key.

        They are joined, because PostgreSQL answers EXISTS under OR by finding all people first.
        """
        newest = sa.select(Booking).order_by(*_NEWEST_FIRST).limit(RECENT)
        if after is not None:
            newest = newest.where(below(Booking.created_at, Booking.id, after))
        recent: Any = orm.aliased(Booking, newest.subquery())
        payer, participant = orm.aliased(PersonSearch), orm.aliased(PersonSearch)
        texts = col(payer.lexemes), col(participant.lexemes)
        query = (
            sa.select(recent, User)
            .join(User, col(User.id) == recent.user_id)
            .outerjoin(payer, col(payer.user_id) == recent.user_id)
            .outerjoin(participant, col(participant.booking_id) == recent.id)
            .where(sa.or_(*_by_number(chosen, recent), *map(self._with_words(chosen), texts)))
            .order_by(recent.created_at.desc(), recent.id.desc())
        )
        if chosen.place is not None:
            query = query.where(recent.place == chosen.place.value)
        return await self._pairs(query.limit(limit))

    def _with_words(self, chosen: BookingFilter) -> Callable[[Any], sa.ColumnElement[bool]]:
        """Return the condition of the words for one row of lexemes."""
        if self._is_sqlite:
            return lambda lexemes: _in_lexemes(chosen, lexemes)
        return lambda lexemes: _has_lexemes(_match(chosen, is_sqlite=False), lexemes)

    async def _found(self, chosen: BookingFilter) -> list[sa.ColumnElement[bool]]:
        found = [sa.false(), *_by_number(chosen)]
        if chosen.words and chosen.courses is not None:
            found.append(_in_texts(chosen))
        elif chosen.words:
            users, bookings = await self._people(chosen)
            found += [col(Booking.user_id).in_(users)] if users else []
            found += [col(Booking.id).in_(bookings)] if bookings else []
        return found

    async def _people(self, chosen: BookingFilter) -> tuple[list[str], list[str]]:
        """Return the users, and the bookings of other participants, that have the words."""
        matching = _match(chosen, is_sqlite=self._is_sqlite)
        rows = await (self._in_fts(matching) if self._is_sqlite else self._in_gin(matching))
        return [row[1] for row in rows if row[1]], [row[2] for row in rows if row[2]]

    async def _in_fts(self, matching: str) -> Sequence[Any]:
        """Return key, user and booking of the newest people that match, on SQLite."""
        query = sa.select(*_FOUND).join(person_fts, col(PersonSearch.key) == FTS_KEY)
        query = query.where(sa.literal_column("person_fts").bool_op("MATCH")(matching))
        query = query.order_by(person_fts.c.rowid.desc()).limit(MAX_PEOPLE)
        return (await self._session.execute(query)).all()

    async def _in_gin(self, matching: str) -> Sequence[Any]:
        """Return key, user and booking of the newest people that match, on PostgreSQL.

        With ORDER BY and LIMIT it reads everybody in order of time. That is the fastest way for a
        common word (6 ms among 333,000 people), and the slowest for a rare one (230 ms): so sort
        few of them first, and read in order only when there are more.
        """
        query = sa.select(*_FOUND).where(_has_lexemes(matching, col(PersonSearch.lexemes)))
        few = query.limit(MAX_SORTED + 1).cte("few").prefix_with("MATERIALIZED")
        count = sa.select(sa.func.count()).select_from(few).scalar_subquery()
        in_order = sa.select(few.c.key, few.c.user_id, few.c.booking_id, count)
        in_order = in_order.order_by(few.c.key.desc()).limit(MAX_PEOPLE)
        rows: Sequence[Any] = (await self._session.execute(in_order)).all()
        if rows and rows[0][3] > MAX_SORTED:
            by_time = query.order_by(col(PersonSearch.key).desc()).limit(MAX_PEOPLE)
            rows = (await self._session.execute(by_time)).all()
        return rows


_FOUND: tuple[Any, ...] = (
    col(PersonSearch.key),
    col(PersonSearch.user_id),
    col(PersonSearch.booking_id),
)


_NEWEST_FIRST = (col(Booking.created_at).desc(), col(Booking.id).desc())


def _by_number(chosen: BookingFilter, booking: Any = Booking) -> list[sa.ColumnElement[bool]]:  # noqa: ANN401
    """Return the conditions of numbers: the booking's, a payment's, a receipt's."""
    found: list[sa.ColumnElement[bool]] = []
    if chosen.number:
        found.append(booking.number_end == chosen.number)
    if chosen.payment:
        found += [booking.id.in_(query) for query in _paid_by(chosen.payment)]
    if chosen.receipt:
        found.append(booking.id.in_(_with_receipt(chosen.receipt)))
    return found


def _in_lexemes(chosen: BookingFilter, lexemes: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401
    """Return the condition of the words on SQLite, where one row of `person_fts` is slow to ask."""
    text = sa.literal(" ") + lexemes + sa.literal(" ")
    fields = (IN_NAME, IN_CONTACT) if chosen.in_contacts else (IN_NAME,)
    return sa.and_(
        *(
            sa.or_(*(sa.func.instr(text, _beginning(f"{field}{word}")) > 0 for field in fields))
            for word in chosen.words
        )
    )


def _beginning(lexeme: str) -> str:
    """Return how a lexeme begins in a text of them; a number has to be the whole one."""
    return f" {lexeme} " if lexeme.isdigit() else f" {lexeme}"


def _has_lexemes(matching: str, lexemes: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401
    condition: sa.ColumnElement[bool] = lexemes.bool_op("@@")(
        sa.cast(sa.literal(matching), TSQUERY)
    )
    return condition


def _paid_by(payment: str) -> list[sa.Select[str]]:
    """Return the queries for the bookings of an id of Stripe's; each column has an index."""
    attempt = sa.select(col(PaymentAttempt.booking_id))
    return [
        attempt.where(col(PaymentAttempt.session_id) == payment),
        attempt.where(col(PaymentAttempt.payment_intent_id) == payment),
        sa.select(col(Refund.booking_id)).where(col(Refund.stripe_refund_id) == payment),
    ]


def _with_receipt(number: str) -> sa.Select[str]:
    """Return the query for the booking of a receipt; the column has an index."""
    attempt = sa.select(col(PaymentAttempt.booking_id))
    return attempt.where(col(PaymentAttempt.receipt_number) == number)


def _match(chosen: BookingFilter, *, is_sqlite: bool) -> str:
    one_of, both = (" OR ", " AND ") if is_sqlite else (" | ", " & ")
    fields = (IN_NAME, IN_CONTACT) if chosen.in_contacts else (IN_NAME,)
    return both.join(
        f"({one_of.join(lexeme_term(f'{field}{word}', is_sqlite=is_sqlite) for field in fields)})"
        for word in chosen.words
    )


def _in_texts(chosen: BookingFilter) -> sa.ColumnElement[bool]:
    """Return the condition for the few bookings of some courses, whose texts are read."""
    columns = [col(User.name), col(Booking.participant_name)]
    if chosen.in_contacts:
        columns += [col(User.email), col(Booking.participant_email)]
    return sa.and_(
        *(
            sa.or_(*(folded(text).contains(fold(word), autoescape=True) for text in columns))
            for word in chosen.texts
        )
    )
