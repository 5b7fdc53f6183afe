"""The accounts of the school: Stripe's fees and payouts, reports, the ledger."""
