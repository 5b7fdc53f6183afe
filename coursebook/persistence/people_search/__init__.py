"""The search for people and their bookings."""
