"""What the school's accounts are made of: the ledger, payouts, and days in the school's zone."""
