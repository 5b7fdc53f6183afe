"""From «Book now» to a Checkout Session of Stripe."""
