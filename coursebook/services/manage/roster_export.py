"""The people of a course as a file, written while it is read from the database."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from coursebook.domain.booking import RosterList
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CourseNotFound
from coursebook.identity.principal import Principal
from coursebook.log import current_request_id
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services.context import Context
from coursebook.services.manage.roster import RosterQuery, Rosters
from coursebook.services.manage.roster_files import (
    BYTE_ORDER_MARK,
    CSV_TYPE,
    LANGUAGES,
    XLSX_TYPE,
    Cell,
    RosterColumns,
    Spreadsheet,
    csv_lines,
    pieces_of,
)
from coursebook.services.rate_limits import Limits

PEOPLE_AT_ONCE = 500
FileFormat = Literal["csv", "xlsx"]


@dataclass(frozen=True)
class RosterExport:
    """A file: its name, its media type, and its content in pieces."""

    file_name: str
    media_type: str
    pieces: AsyncIterator[bytes]


class RosterExports:
    """Writes the people of a course to a file, as far as the person who asks may see them."""

    def __init__(self, context: Context, rosters: Rosters, limits: Limits) -> None:
        self._context = context
        self._rosters = rosters
        self._limits = limits

    async def file(
        self,
        who: Principal | None,
        course_id: str,
        query: RosterQuery,
        language: str,
        file_format: FileFormat = "csv",
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
            listed = "chosen" if query.ids else query.listed or ""
            change = Change(
                *(None, f"course {course_id}", "exported", None, None),
                data={"format": file_format, "list": str(listed)},
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
            name = f"{course.slug}-{day.isoformat()}.{file_format}"
        columns = RosterColumns(
            language if language in LANGUAGES else "en",
            zone,
            has_contacts=rights.allows(Permission.SEE_CONTACTS, course_id),
            has_money=rights.allows(Permission.SEE_MONEY, course_id),
        )
        rows = self._rows(course_id, query, rights, columns)
        if file_format == "csv":
            return RosterExport(name, CSV_TYPE, _csv(columns, rows))
        return RosterExport(name, XLSX_TYPE, _xlsx(columns, rows))

    async def _rows(
        self, course_id: str, query: RosterQuery, rights: Rights, columns: RosterColumns
    ) -> AsyncIterator[list[list[Cell]]]:
        if query.listed is RosterList.WAITING and not query.ids:
            after = 0
            while people := await self._rosters.waiting(
                course_id, query, rights, after=after, limit=PEOPLE_AT_ONCE
            ):
                yield [columns.cells(person) for person in people]
                after = people[-1].position or 0
            return
        ids = await self._rosters.ids_by_name(course_id, query, rights)
        for first in range(0, len(ids), PEOPLE_AT_ONCE):
            some = ids[first : first + PEOPLE_AT_ONCE]
            people = await self._rosters.people(course_id, some, rights)
            yield [columns.cells(person) for person in people]


async def _csv(
    columns: RosterColumns, rows: AsyncIterator[list[list[Cell]]]
) -> AsyncIterator[bytes]:
    yield (BYTE_ORDER_MARK + csv_lines(columns, [columns.heads])).encode()
    async for some in rows:
        yield csv_lines(columns, some).encode()


async def _xlsx(
    columns: RosterColumns, rows: AsyncIterator[list[list[Cell]]]
) -> AsyncIterator[bytes]:
    """Write the whole file to the disk, then send it: its table of contents comes last."""
    with tempfile.TemporaryFile() as file:
        sheet = Spreadsheet(file, columns)
        async for some in rows:
            await asyncio.to_thread(sheet.write, some)
        await asyncio.to_thread(sheet.close)
        for piece in pieces_of(file):
            yield piece
