"""The routes of the reports, and of the ledger as a file."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from coursebook.api.dependencies.authentication import SignedIn
from coursebook.api.dependencies.reader import TheReader
from coursebook.api.dependencies.services import TheServices
from coursebook.api.reference.describe import problem_responses
from coursebook.api.routes.manage.people import file_answer
from coursebook.api.schemas.manage.reports import (
    LedgerParameters,
    MoneyReportAnswer,
    MoneyReportParameters,
    Occupancy,
    PeriodParameters,
    money_report,
    occupancy,
)
from coursebook.errors import Forbidden, Invalid, RateLimited, Unauthenticated, Unavailable
from coursebook.services.manage.roster_files import XLSX_TYPE

router = APIRouter(tags=["Reports"])
PROBLEMS = problem_responses(Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable)


def _file_of(media_type: str, schema: dict[str, str]) -> dict[int | str, dict[str, Any]]:
    answer: dict[int | str, dict[str, Any]] = {200: {"content": {media_type: {"schema": schema}}}}
    return answer | PROBLEMS


@router.get(
    "/api/manage/reports/money",
    operation_id="reportMoney",
    summary="Sum the money of some days",
    responses=PROBLEMS,
)
async def report_money(
    who: SignedIn, parameters: Annotated[MoneyReportParameters, Query()], services: TheServices
) -> MoneyReportAnswer:
    """What came, went back and is left, by course, month, day or method.

    Days begin in the school's zone, which the answer names. A card payment counts on the day it was
    taken, a refund on the day it was made, money by hand on the day that was written down, a
    dispute on the day it was opened. There is no sum over currencies.
    """
    return money_report(await services.bookkeeping.reports.money(who, parameters.to_query()))


@router.get(
    "/api/manage/reports/occupancy",
    operation_id="reportOccupancy",
    summary="Show how full the courses of some days are",
    responses=PROBLEMS,
)
async def report_occupancy(
    who: SignedIn, parameters: Annotated[PeriodParameters, Query()], services: TheServices
) -> Occupancy:
    """The places of published courses that begin on these days."""
    return occupancy(await services.bookkeeping.reports.occupancy(who, parameters.to_query()))


@router.get(
    "/api/manage/reports/ledger.csv",
    operation_id="exportLedger",
    summary="Export the ledger as CSV",
    response_class=StreamingResponse,
    responses=_file_of("text/csv", {"type": "string"}),
)
async def export_ledger(
    who: SignedIn,
    parameters: Annotated[LedgerParameters, Query()],
    services: TheServices,
    reader: TheReader,
) -> StreamingResponse:
    """Every movement of money of these days, one in each line.

    `Amount` is negative when money leaves. The sum of a currency is `ledger` of the report. With
    `Accept-Language: de` it is in German, separated by semicolons, with decimal commas. Each export
    is recorded; 10 an hour are allowed.
    """
    query = parameters.to_query()
    return file_answer(await services.bookkeeping.ledger_exports.file(who, query, reader.language))


@router.get(
    "/api/manage/reports/ledger.xlsx",
    operation_id="exportLedgerSpreadsheet",
    summary="Export the ledger as a spreadsheet",
    response_class=StreamingResponse,
    responses=_file_of(XLSX_TYPE, {"type": "string", "format": "binary"}),
)
async def export_ledger_spreadsheet(
    who: SignedIn,
    parameters: Annotated[LedgerParameters, Query()],
    services: TheServices,
    reader: TheReader,
) -> StreamingResponse:
    """The same table as a spreadsheet (XLSX), with amounts as numbers and days as dates."""
    query = parameters.to_query()
    return file_answer(
        await services.bookkeeping.ledger_exports.file(who, query, reader.language, "xlsx")
    )
