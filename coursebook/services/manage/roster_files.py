"""The people of a course as a table: its columns and words, and the CSV and XLSX files of it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import IO, Any, Protocol
from zoneinfo import ZoneInfo

import xlsxwriter

from coursebook.domain.amount_text import money_text
from coursebook.domain.money import exponent_of
from coursebook.services.manage.roster import RosterPerson
from coursebook.services.views import MoneyView

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for another encoding."""
PIECE_BYTES = 65536
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_SEPARATORS, _DECIMAL_POINTS = {"de": ";"}, {"de": ","}
_AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""A name that looks like a formula or a link stays a text."""
_BASE = ("number", "name", "booked_by", "place", "booked", "attendance", "note", "tags")
_HEADS = {
    "en": {
        "number": "Number",
        "name": "Name",
        "booked_by": "Booked by",
        "place": "Place",
        "booked": "Booked",
        "attendance": "Attendance",
        "note": "Note",
        "tags": "Tags",
        "email": "Mail address",
        "payment": "Payment",
        "price": "Price",
        "received": "Received",
        "owed": "Owed",
    },
    "de": {
        "number": "Nummer",
        "name": "Name",
        "booked_by": "Gebucht von",
        "place": "Platz",
        "booked": "Gebucht",
        "attendance": "Anwesenheit",
        "note": "Notiz",
        "tags": "Stichwörter",
        "email": "E-Mail-Adresse",
        "payment": "Zahlung",
        "price": "Preis",
        "received": "Erhalten",
        "owed": "Offen",
    },
}
_WORDS = {
    "en": {
        "held": "paying",
        "confirmed": "coming",
        "cancelled": "cancelled",
        "waiting": "waiting",
        "unpaid": "unpaid",
        "processing": "on its way",
        "paid": "paid",
        "failed": "failed",
        "refunded": "given back",
        "partially_refunded": "part given back",
        "disputed": "disputed",
        "present": "here",
        "absent": "did not come",
        "excused": "excused",
    },
    "de": {
        "held": "bezahlt gerade",
        "confirmed": "kommt",
        "cancelled": "storniert",
        "waiting": "wartet",
        "unpaid": "unbezahlt",
        "processing": "unterwegs",
        "paid": "bezahlt",
        "failed": "gescheitert",
        "refunded": "erstattet",
        "partially_refunded": "teilweise erstattet",
        "disputed": "angefochten",
        "present": "da",
        "absent": "kam nicht",
        "excused": "entschuldigt",
    },
}
LANGUAGES = frozenset(_HEADS)
_WIDTHS = {"name": 28, "booked_by": 22, "note": 40, "tags": 20, "email": 32, "payment": 18}
"""Widths of columns in a spreadsheet, in characters; the others have `WIDTH`."""
WIDTH = 13

Cell = str | date | Decimal | MoneyView | None


class Columns(Protocol):
    """The columns of a table, in one of `LANGUAGES`."""

    @property
    def language(self) -> str:
        """The language of the texts."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""

    @property
    def heads(self) -> list[str]:
        """The texts above the columns."""


@dataclass(frozen=True)
class RosterColumns:
    """Which columns a file has, in which of `LANGUAGES`, with days in which zone."""

    language: str
    zone: ZoneInfo
    has_contacts: bool
    has_money: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        contacts = ("email",) if self.has_contacts else ()
        money = ("payment", "price", "received", "owed") if self.has_money else ()
        return (*_BASE, *contacts, *money)

    @property
    def heads(self) -> list[str]:
        """The texts above the columns."""
        return [_HEADS[self.language][name] for name in self.names]

    def cells(self, person: RosterPerson) -> list[Cell]:
        """Return the values of one row."""
        words, status = _WORDS[self.language], person.payment_status
        place = person.place.value if person.place else "waiting"
        values: dict[str, Cell] = {
            "number": person.number,
            "name": person.name,
            "booked_by": person.booked_by,
            "place": words.get(place, place),
            "booked": person.booked_at.astimezone(self.zone).date(),
            "attendance": words[person.attendance.state.value] if person.attendance else "",
            "note": person.note,
            "tags": ", ".join(person.tags),
            "email": person.email or "",
            "payment": words[status.value] if status else "",
            "price": person.price,
            "received": person.received,
            "owed": person.owed,
        }
        return [values[name] for name in self.names]


def csv_lines(columns: Columns, rows: Iterable[Sequence[Cell]]) -> str:
    """Return rows of a CSV file. No spreadsheet takes a cell of it for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=_SEPARATORS.get(columns.language, ","))
    writer.writerows([[_csv_cell(cell, columns.language) for cell in row] for row in rows])
    return text.getvalue()


def _csv_cell(cell: Cell, language: str) -> str:
    match cell:
        case None:
            return ""
        case MoneyView():
            return _amount(cell.amount, cell.currency, language)
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}".replace(".", _DECIMAL_POINTS.get(language, "."))
        case _:
            return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


@lru_cache(maxsize=1024)
def _amount(amount: int, currency: str, language: str) -> str:
    """Return an amount in words; in one course the same few come again and again."""
    return money_text(amount, currency, language)


class Spreadsheet:
    """An XLSX file that is written row by row: the library keeps the current row in memory only."""

    def __init__(self, file: IO[bytes], columns: Columns) -> None:
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True, **_AS_TEXT})
        self._sheet = self._book.add_worksheet()
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self._money: dict[str, Any] = {}
        self._row = 1
        for at, name in enumerate(columns.names):
            self._sheet.set_column(at, at, _WIDTHS.get(name, WIDTH))
        self._sheet.freeze_panes(1, 0)
        self._sheet.write_row(0, 0, columns.heads, self._book.add_format({"bold": True}))

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows below the last one."""
        for row in rows:
            for at, cell in enumerate(row):
                self._write(at, cell)
            self._row += 1

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def _write(self, at: int, cell: Cell) -> None:
        match cell:
            case MoneyView():
                amount = cell.amount / 10 ** exponent_of(cell.currency)
                self._sheet.write_number(self._row, at, amount, self._money_format(cell.currency))
            case date():
                self._sheet.write_datetime(self._row, at, cell, self._day)
            case str() if cell:
                self._sheet.write_string(self._row, at, cell)

    def _money_format(self, currency: str) -> Any:  # noqa: ANN401 - a format of the library
        if currency not in self._money:
            decimals = exponent_of(currency)
            pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._money[currency] = self._book.add_format(
                {"num_format": f'{pattern} "{currency.upper()}"'}
            )
        return self._money[currency]


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """Return the content of a file in pieces."""
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        yield piece
