"""From "Book now" to a Stripe Checkout Session."""
