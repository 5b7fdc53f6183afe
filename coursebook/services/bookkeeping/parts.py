"""The services of the school's accounts, as one value."""

from dataclasses import dataclass

from coursebook.services.bookkeeping.fees import FeeReader
from coursebook.services.bookkeeping.ledger_export import LedgerExports
from coursebook.services.bookkeeping.money_lists import MoneyLists
from coursebook.services.bookkeeping.reports import Reports
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.rate_limits import Limits


@dataclass(frozen=True)
class Bookkeeping:
    """Fees and payouts from Stripe, reports, and the ledger as a file."""

    fees: FeeReader
    reports: Reports
    ledger_exports: LedgerExports
    money_lists: MoneyLists

    @classmethod
    def of(cls, context: Context, access: Access, limits: Limits) -> "Bookkeeping":
        """Build them."""
        return cls(
            FeeReader(context),
            Reports(context, access),
            LedgerExports(context, access, limits),
            MoneyLists(context, access),
        )
