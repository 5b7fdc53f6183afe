"""How often the worker asks Stripe about the same thing."""

from datetime import timedelta

POLL_INTERVAL = timedelta(seconds=60)
"""Poll each unsettled session or refund at Stripe at most this often."""
DISPUTE_POLL_INTERVAL = timedelta(hours=1)
"""Disputes take weeks and send events. Polling covers lost events."""
