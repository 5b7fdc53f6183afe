"""The people of a course as a CSV file, written while it is read from the database."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from coursebook.domain.amount_text import money_text
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CourseNotFound
from coursebook.identity.principal import Principal
from coursebook.log import current_request_id
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services.context import Context
from coursebook.services.manage.roster import RosterPerson, RosterQuery, Rosters
from coursebook.services.rate_limits import Limits

PEOPLE_AT_ONCE = 500
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for another encoding."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SEPARATORS = {"de": ";"}
_HEADS = {
    "en": ("Number", "Name", "Place", "Booked", "Mail address", "Payment", "Received"),
    "de": ("Nummer", "Name", "Platz", "Gebucht", "E-Mail-Adresse", "Zahlung", "Erhalten"),
}
_WORDS = {
    "en": {
        "held": "paying",
        "confirmed": "coming",
        "cancelled": "cancelled",
        "unpaid": "unpaid",
        "processing": "on its way",
        "paid": "paid",
        "failed": "failed",
        "refunded": "given back",
        "partially_refunded": "part given back",
        "disputed": "disputed",
    },
    "de": {
        "held": "bezahlt gerade",
        "confirmed": "kommt",
        "cancelled": "storniert",
        "unpaid": "unbezahlt",
        "processing": "unterwegs",
        "paid": "bezahlt",
        "failed": "gescheitert",
        "refunded": "erstattet",
        "partially_refunded": "teilweise erstattet",
        "disputed": "angefochten",
    },
}


@dataclass(frozen=True)
class RosterExport:
    """A CSV file: its name, and its text in pieces."""

    file_name: str
    pieces: AsyncIterator[str]


class RosterExports:
    """Writes the people of a course to a file, as far as the person who asks may see them."""

    def __init__(self, context: Context, rosters: Rosters, limits: Limits) -> None:
        self._context = context
        self._rosters = rosters
        self._limits = limits

    async def csv(
        self, who: Principal | None, course_id: str, query: RosterQuery, language: str
    ) -> RosterExport:
        """Return the people of one list by name, and record who took them.

        Raises Forbidden, CourseNotFound, RateLimited, Unavailable.
        """
        rights = await self._rosters.rights_of(who, course_id, query)
        assert who is not None, "rights_of refuses nobody"
        async with writing(self._context.database) as work:
            course = await work.session.get(Course, course_id)
            if course is None:
                raise CourseNotFound
            await self._limits.count("export", who.user_id)
            data = {"format": "csv", "list": query.listed.value if query.listed else ""}
            change = Change(
                *(None, f"course {course_id}", "exported", None, None),
                data=data,
                course_id=course_id,
                about="export",
            )
            work.audit.write(
                change,
                actor=rights.actor(who.user_id),
                request_id=current_request_id(),
                now=self._context.clock(),
            )
            zone = ZoneInfo(course.timezone)
            day = course.starts_at.astimezone(zone).date()
            name = f"{course.slug}-{day.isoformat()}.csv"
        known = language if language in _WORDS else "en"
        return RosterExport(name, self._pieces(course_id, query, rights, zone, known))

    async def _pieces(
        self,
        course_id: str,
        query: RosterQuery,
        rights: Rights,
        zone: ZoneInfo,
        language: str,
    ) -> AsyncIterator[str]:
        words = _WORDS[language]
        count = 4
        if rights.allows(Permission.SEE_CONTACTS, course_id):
            count = 5
        if rights.allows(Permission.SEE_MONEY, course_id):
            count = 7
        yield BYTE_ORDER_MARK + _lines([_HEADS[language][:count]], language)
        page = replace(query, sort="name", limit=PEOPLE_AT_ONCE, cursor=None)
        while True:
            items, cursor = await self._rosters.people(course_id, page, rights)
            rows = [_cells(person, words, zone, language)[:count] for person in items]
            yield _lines(rows, language)
            if cursor is None:
                return
            page = replace(page, cursor=cursor)


def _cells(person: RosterPerson, words: dict[str, str], zone: ZoneInfo, language: str) -> list[str]:
    received, status = person.received, person.payment_status
    return [
        person.number,
        person.name,
        words.get(person.place.value, person.place.value),
        person.booked_at.astimezone(zone).date().isoformat(),
        person.email or "",
        words[status.value] if status else "",
        money_text(received.amount, received.currency, language) if received else "",
    ]


def _lines(rows: Iterable[Iterable[str]], language: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=_SEPARATORS.get(language, ","))
    writer.writerows([[_as_text(cell) for cell in row] for row in rows])
    return text.getvalue()


def _as_text(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
