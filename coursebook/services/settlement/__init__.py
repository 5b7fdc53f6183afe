"""Applying what Stripe reports about a payment: `settle` first, its effects beside it."""
