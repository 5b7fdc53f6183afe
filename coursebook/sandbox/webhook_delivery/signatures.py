"""Sign a webhook body as Stripe does (docs.stripe.com/webhooks, "Verify manually")."""

import hashlib
import hmac


def signature_header(body: bytes, secrets: tuple[str, ...], at: int) -> str:
    """Return the `Stripe-Signature` of a body: one `v1` per secret, at epoch second `at`."""
    signed = b"%d." % at + body
    signatures = (
        hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets
    )
    return ",".join([f"t={at}", *(f"v1={signature}" for signature in signatures)])
