"""Where a payment page may be: people who want to pay are sent nowhere else.

The address comes from Stripe's answer. An answer that was forged or mixed up (a wrong
STRIPE_API_BASE, a proxy that lies) must not become a page that looks like ours and takes cards.
"""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

STRIPE = ".stripe.com"
TLS = 443
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class PaymentPages:
    """The places that are meant; with none said, Stripe's own.

    `own_host` is a domain that was bought with Stripe for the page
    (docs.stripe.com/payments/checkout/custom-domains). `api` is where Stripe's API is asked: when
    that is a stand-in on this machine, its pages are on its port.
    """

    own_host: str = ""
    api: str = ""

    def has(self, url: str) -> bool:
        """Tell whether people may be sent to this address to pay."""
        if not url.isascii() or not url.isprintable() or any(c in url for c in " \\@"):
            return False  # browsers and Python need not read it alike
        try:
            page = urlsplit(url)
            return self._is_stripes(page) or self._is_stand_ins(page)
        except ValueError:
            return False

    def _is_stripes(self, page: SplitResult) -> bool:
        host = page.hostname or ""
        is_meant = host.endswith(STRIPE) or (bool(self.own_host) and host == self.own_host)
        return page.scheme == "https" and is_meant and page.port in (None, TLS)

    def _is_stand_ins(self, page: SplitResult) -> bool:
        api = urlsplit(self.api)
        is_here = api.hostname in LOOPBACK and page.hostname in LOOPBACK
        return is_here and (page.scheme, page.port) == (api.scheme, api.port)


STRIPES_OWN = PaymentPages()
