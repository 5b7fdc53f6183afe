"""The stand-in for Stripe's API."""
