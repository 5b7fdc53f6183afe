"""What came with a payment: usually what was asked for."""

from coursebook.persistence.schema.tables import PaymentAttempt


def came(attempt: PaymentAttempt) -> tuple[int, str]:
    """Return amount (minor units) and currency that Stripe took, or that we asked for."""
    if attempt.received_amount is None:
        return attempt.amount, attempt.currency
    return attempt.received_amount, attempt.received_currency or attempt.currency
