"""Queries for the accounts of the school: fees, payouts, the ledger and its sums."""
