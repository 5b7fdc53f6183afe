"""The ledger as a table: its columns and words in each language."""

from datetime import date
from decimal import Decimal

from coursebook.domain.bookkeeping.ledger_lines import LedgerLine
from coursebook.domain.money import exponent_of
from coursebook.services.manage.roster_files import Cell
from coursebook.services.views import MoneyView

NAMES = (
    *("date", "booking", "booking_id", "course", "kind", "method", "state"),
    *("currency", "amount", "fee", "net", "payout", "id"),
)
_HEADS = {
    "en": (
        *("Date", "Booking", "Booking id", "Course", "Kind", "Method", "State"),
        *("Currency", "Amount", "Fee", "Net", "Payout", "Id"),
    ),
    "de": (
        *("Datum", "Buchung", "Buchungs-ID", "Kurs", "Art", "Zahlungsweg", "Zustand"),
        *("Währung", "Betrag", "Gebühr", "Netto", "Auszahlung", "ID"),
    ),
}
_WORDS = {
    "en": {
        "payment": "payment",
        "refund": "refund",
        "dispute": "dispute",
        "by_hand": "by hand",
        "card": "card",
        "cash": "cash",
        "transfer": "transfer",
        "terminal": "card terminal",
        "voucher": "voucher",
        "other": "other",
        "created": "on its way",
        "pending": "on its way",
        "succeeded": "done",
        "open": "open",
        "lost": "lost",
        "won": "won",
        "received": "done",
        "expected": "still to do",
    },
    "de": {
        "payment": "Zahlung",
        "refund": "Erstattung",
        "dispute": "Anfechtung",
        "by_hand": "von Hand",
        "card": "Karte",
        "cash": "bar",
        "transfer": "Überweisung",
        "terminal": "Kartenterminal",
        "voucher": "Gutschein",
        "other": "anderes",
        "created": "unterwegs",
        "pending": "unterwegs",
        "succeeded": "erledigt",
        "open": "offen",
        "lost": "verloren",
        "won": "gewonnen",
        "received": "erledigt",
        "expected": "noch zu tun",
    },
}


class LedgerColumns:
    """The columns of the ledger in one of the languages."""

    def __init__(self, language: str) -> None:
        self.language = language

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return NAMES

    @property
    def heads(self) -> list[str]:
        """The texts above the columns."""
        return list(_HEADS[self.language])

    def cells(self, line: LedgerLine, *, as_text: bool) -> list[Cell]:
        """Return the values of one row; `as_text` with plain numbers for a CSV file."""
        words, currency = _WORDS[self.language], line.currency

        def money(amount: int | None) -> MoneyView | Decimal | None:
            if amount is None:
                return None
            if not as_text:
                return MoneyView(amount, currency)
            return Decimal(amount).scaleb(-exponent_of(currency))

        day: date = line.day
        return [
            *(day, line.number, line.booking_id, line.course),
            *(words[line.kind.value], words[line.method], words.get(line.state, line.state)),
            currency.upper(),
            *(money(line.amount), money(line.fee), money(line.net)),
            *(line.payout_id, line.id),
        ]
