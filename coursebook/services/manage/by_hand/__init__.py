"""Bookings that the school makes, and money that it takes, by hand."""
