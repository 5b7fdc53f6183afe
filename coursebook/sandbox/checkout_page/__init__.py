"""The stand-in for Stripe's payment page."""
