"""Stripe, behind a gateway protocol and dataclasses of our own."""
