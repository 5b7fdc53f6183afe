"""Who we talk to about money: Stripe, behind a few dataclasses of our own."""
