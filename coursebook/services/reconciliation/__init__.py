"""Comparison of our database with Stripe."""
