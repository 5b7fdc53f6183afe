"""Where a payment page may be: people who want to pay are sent nowhere else.

The address comes from Stripe's answer. An answer that was forged or mixed up (a wrong
STRIPE_API_BASE, a proxy that lies) must not become a page that looks like ours and takes cards.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

STRIPE = ".stripe.com"
TLS = 443


@dataclass(frozen=True)
class PaymentPages:
    """The places that are meant; with none said, Stripe's own.

    `sandbox` is the origin of its payment page, when it runs; `own_host` a domain that was bought
    with Stripe for the page (docs.stripe.com/payments/checkout/custom-domains).
    """

    sandbox: str = ""
    own_host: str = ""

    def has(self, url: str) -> bool:
        """Tell whether people may be sent to this address to pay."""
        if not url.isascii() or not url.isprintable() or any(c in url for c in " \\"):
            return False  # browsers and Python need not read it alike
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if self.sandbox:
            return f"{parts.scheme}://{parts.netloc}" == self.sandbox
        is_stripes = host.endswith(STRIPE) or (bool(self.own_host) and host == self.own_host)
        is_plain = "@" not in parts.netloc and port in (None, TLS)
        return parts.scheme == "https" and is_stripes and is_plain


STRIPES_OWN = PaymentPages()
