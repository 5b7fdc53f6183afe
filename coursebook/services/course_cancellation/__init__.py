"""Cancelling a whole course: what it would mean, the decision, and working it off."""
