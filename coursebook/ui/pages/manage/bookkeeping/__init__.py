"""Pages about the accounts: reports, payments, refunds, payouts."""
