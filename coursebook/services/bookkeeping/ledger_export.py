"""The ledger as a file, written while it is read from the database."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from operator import itemgetter

from coursebook.domain.bookkeeping.ledger_lines import LedgerLine
from coursebook.domain.bookkeeping.school_days import Period
from coursebook.domain.rights import Permission
from coursebook.identity.principal import Principal
from coursebook.log import current_request_id
from coursebook.persistence.bookkeeping.ledger_queries import Key, LedgerQueries
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.bookkeeping.ledger_files import LedgerColumns
from coursebook.services.bookkeeping.reports import ReportQuery, period_of
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.roster_export import FileFormat, RosterExport
from coursebook.services.manage.roster_files import (
    BYTE_ORDER_MARK,
    CSV_TYPE,
    LANGUAGES,
    XLSX_TYPE,
    Spreadsheet,
    csv_lines,
    pieces_of,
)
from coursebook.services.rate_limits import Limits

LINES_AT_ONCE = 500
_Batch = list[tuple[Key, LedgerLine]]
_Source = Callable[[LedgerQueries, Period, Key | None, int], Awaitable[_Batch]]
_SOURCES: tuple[_Source, ...] = (
    LedgerQueries.payments_after,
    LedgerQueries.refunds_after,
    LedgerQueries.by_hand_after,
)


class LedgerExports:
    """Writes every movement of money of a period to a file."""

    def __init__(self, context: Context, access: Access, limits: Limits) -> None:
        self._context = context
        self._access = access
        self._limits = limits

    async def file(
        self,
        who: Principal | None,
        query: ReportQuery,
        language: str,
        file_format: FileFormat = "csv",
    ) -> RosterExport:
        """Return the ledger in the order of its days, and record who took it.

        Raises Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable.
        """
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_REPORTS)
        assert who is not None, "has rights"
        async with writing(self._context.database) as work:
            period = await period_of(self._context, work, query)
            await self._limits.count("export", who.user_id)
            days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
            change = Change(
                *(None, "ledger", "exported", None, None),
                data={"format": file_format, **days},
                about="export",
            )
            work.audit.write(
                change,
                actor=rights.actor(who.user_id),
                request_id=current_request_id(),
                now=self._context.clock(),
            )
        name = f"ledger-{period.first.isoformat()}-{period.last.isoformat()}.{file_format}"
        columns = LedgerColumns(language if language in LANGUAGES else "en")
        lines = self._lines(period, query.currency)
        if file_format == "csv":
            return RosterExport(name, CSV_TYPE, _csv(columns, lines))
        return RosterExport(name, XLSX_TYPE, _xlsx(columns, lines))

    async def first_lines(
        self, who: Principal | None, query: ReportQuery, most: int
    ) -> tuple[Period, list[LedgerLine]]:
        """Return the period of a query and its first lines, at most that many, to be shown.

        Raises Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable.
        """
        (await self._access.rights_of(who)).require(Permission.SEE_REPORTS)
        async with reading(self._context.database) as work:
            period = await period_of(self._context, work, query)
        lines: list[LedgerLine] = []
        async for some in self._lines(period, query.currency):
            lines += some
            if len(lines) >= most:
                break
        return period, lines[:most]

    async def _lines(self, period: Period, currency: str | None) -> AsyncIterator[list[LedgerLine]]:
        """Yield the lines day by day, a batch of each source at a time."""
        async with reading(self._context.database) as work:
            few = [*await work.ledger.disputes(period), *await work.ledger.expected_back(period)]
        pending: list[tuple[datetime, LedgerLine]] = [
            (datetime.combine(line.day, time.max, UTC), line) for line in few
        ]
        keys: list[Key | None] = [None] * len(_SOURCES)
        is_open = [True] * len(_SOURCES)
        while True:
            async with reading(self._context.database) as work:
                for at, source in enumerate(_SOURCES):
                    if is_open[at]:
                        batch = await source(work.ledger, period, keys[at], LINES_AT_ONCE)
                        is_open[at] = len(batch) == LINES_AT_ONCE
                        keys[at] = batch[-1][0] if batch else keys[at]
                        pending += [(_moment(key), line) for key, line in batch]
                horizon = min(
                    (_moment(key) for key, more in zip(keys, is_open, strict=True) if more and key),
                    default=None,
                )
                pending.sort(key=itemgetter(0))
                ready = [line for at, line in pending if horizon is None or at <= horizon]
                pending = [] if horizon is None else [row for row in pending if row[0] > horizon]
                titles = await work.ledger.titles_of([*{line.course_id for line in ready}])
            wanted = [
                replace(line, course=titles.get(line.course_id, ""))
                for line in ready
                if currency in (None, line.currency)
            ]
            if wanted:
                yield wanted
            if horizon is None:
                return


def _moment(key: Key) -> datetime:
    at = key[0]
    return at if isinstance(at, datetime) else datetime.combine(at, time.min, UTC)


async def _csv(
    columns: LedgerColumns, lines: AsyncIterator[list[LedgerLine]]
) -> AsyncIterator[bytes]:
    yield (BYTE_ORDER_MARK + csv_lines(columns, [columns.heads])).encode()
    async for some in lines:
        rows = [columns.cells(line, as_text=True) for line in some]
        yield csv_lines(columns, rows).encode()


async def _xlsx(
    columns: LedgerColumns, lines: AsyncIterator[list[LedgerLine]]
) -> AsyncIterator[bytes]:
    """Write the whole file to the disk, then send it: its table of contents comes last."""
    with tempfile.TemporaryFile() as file:
        sheet = Spreadsheet(file, columns)
        async for some in lines:
            rows = [columns.cells(line, as_text=False) for line in some]
            await asyncio.to_thread(sheet.write, rows)
        await asyncio.to_thread(sheet.close)
        for piece in pieces_of(file):
            yield piece
