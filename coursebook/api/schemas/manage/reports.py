"""Parameters and responses of the reports."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from coursebook.api.schemas.manage.sums import Sum
from coursebook.api.schemas.models import ResponseModel
from coursebook.domain.bookkeeping.ledger_lines import Grouping, ReportRow, Sums
from coursebook.domain.money import CURRENCIES
from coursebook.services.bookkeeping.reports import (
    MAX_COURSES,
    MoneyReport,
    OccupancyReport,
    ReportQuery,
)

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _day(value: object) -> object:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("This must be a day, like 2026-11-30.")
    return value


def _day_schema(description: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": "date", "description": description})


FirstDay = Annotated[
    date | None,
    BeforeValidator(_day),
    _day_schema("The first day, in the school's zone. Without it the first of the month."),
]
LastDay = Annotated[
    date | None, BeforeValidator(_day), _day_schema("The last day. Without it today.")
]


class PeriodParameters(BaseModel):
    """The days of a report."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: FirstDay = Field(default=None, alias="from")
    last: LastDay = Field(default=None, alias="to")

    def to_query(self) -> ReportQuery:
        """Return the days as the service takes them."""
        return ReportQuery(self.first, self.last)


class LedgerParameters(PeriodParameters):
    """Which part of the ledger."""

    currency: Literal[*sorted(CURRENCIES)] | None = Field(  # type: ignore[valid-type]
        default=None, description="Only this currency."
    )

    def to_query(self) -> ReportQuery:
        """Return the parameters as the service takes them."""
        return ReportQuery(self.first, self.last, currency=self.currency)


class MoneyReportParameters(LedgerParameters):
    """Which sums."""

    by: Grouping = Field(default=Grouping.COURSE, description="What a row stands for.")

    def to_query(self) -> ReportQuery:
        """Return the parameters as the service takes them."""
        return ReportQuery(self.first, self.last, self.by, self.currency)


class MoneySums(ResponseModel):
    """Sums in one currency."""

    currency: str
    payments: int = Field(ge=0, description="How many payments came, by card or by hand.")
    refunds: int = Field(ge=0, description="How many went back.")
    received: Sum
    given_back: Sum = Field(description="Refunded, or on its way.")
    kept: Sum = Field(description="`received` without `given_back`, as in a booking.")
    at_the_bank: Sum = Field(description="What of it is disputed at a bank, or was lost to it.")
    ledger: Sum = Field(
        description="`kept` without `at_the_bank`: the sum of the amounts in the ledger."
    )
    fees: Sum = Field(description="What Stripe took, as far as it is known.")
    fees_unknown: int = Field(ge=0, description="Payments whose fee Stripe has not said yet.")
    left: Sum = Field(description="`ledger` without `fees`.")
    on_the_way: Sum = Field(
        description="What of `left` is in payouts of Stripe that have not arrived at your bank yet."
    )


class MoneyReportRow(MoneySums):
    """The sums of one course, month, day or method, in one currency."""

    key: str = Field(
        description="A course's id, `2026-11`, `2026-11-30`, or a method. `others`: the courses of "
        f"a currency after the first {MAX_COURSES}, together."
    )
    title: str = Field(description="The title of the course; empty for other rows.")


class MoneyReportAnswer(ResponseModel):
    """The money of some days. Sums of different currencies are never added."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    timezone: str = Field(description="The school's zone, in which days begin.")
    by: Grouping
    rows: list[MoneyReportRow]
    totals: list[MoneySums] = Field(description="One for each currency: the sum of its rows.")
    first_day: date | None = Field(description="The day of the first movement of all.")


class CourseOccupancy(ResponseModel):
    """How full a course is."""

    course_id: str
    title: str
    starts_on: date
    places: int = Field(ge=0)
    confirmed: int = Field(ge=0)
    held: int = Field(ge=0)
    free: int = Field(ge=0)


class Occupancy(ResponseModel):
    """How full the published courses are that begin on some days, by their start."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    timezone: str
    rows: list[CourseOccupancy]


def money_report(report: MoneyReport) -> MoneyReportAnswer:
    """Return the response for a report."""
    return MoneyReportAnswer(
        first=report.period.first,
        last=report.period.last,
        timezone=report.period.zone.key,
        by=report.by,
        rows=[MoneyReportRow(key=r.key, title=r.label, **_sums(r)) for r in report.rows],
        totals=[MoneySums(**_sums(row)) for row in report.totals],
        first_day=report.first_day,
    )


def occupancy(report: OccupancyReport) -> Occupancy:
    """Return the response for a report of places."""
    return Occupancy(
        first=report.period.first,
        last=report.period.last,
        timezone=report.period.zone.key,
        rows=[CourseOccupancy.model_validate(course) for course in report.courses],
    )


def _sums(row: ReportRow) -> dict[str, Any]:
    sums: Sums = row.sums
    amounts = {
        "received": sums.received,
        "given_back": sums.given_back,
        "kept": sums.kept,
        "at_the_bank": sums.at_the_bank,
        "ledger": sums.ledger,
        "fees": sums.fees,
        "left": sums.left,
        "on_the_way": sums.on_the_way,
    }
    return {
        "currency": row.currency,
        "payments": sums.payments,
        "refunds": sums.refunds,
        "fees_unknown": sums.fees_unknown,
        **{n: Sum(amount=amount, currency=row.currency) for n, amount in amounts.items()},
    }
