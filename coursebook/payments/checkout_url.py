"""The hosts that a Checkout Session's URL may have. A student is redirected to no other host.

The URL comes from Stripe's answer. A forged or misrouted answer (a wrong STRIPE_API_BASE, a
compromised proxy) must not redirect a student to a page that looks like ours and takes cards.
"""

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

STRIPE = ".stripe.com"
TLS = 443
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class CheckoutHosts:
    """The allowed hosts. Without arguments, Stripe's own.

    `own_host` is a custom domain for Checkout (docs.stripe.com/payments/checkout/custom-domains).
    `api` is the address of Stripe's API: when it is a stand-in on this machine, its Checkout pages
    are on the same port.
    """

    own_host: str = ""
    api: str = ""

    def allows(self, url: str) -> bool:
        """Return whether a student may be redirected to this URL."""
        if not url.isascii() or not url.isprintable() or any(c in url for c in " \\@"):
            return False  # browsers and Python may parse it differently
        try:
            page = urlsplit(url)
            return self._is_stripe(page) or self._is_stand_in(page)
        except ValueError:
            return False

    def _is_stripe(self, page: SplitResult) -> bool:
        host = page.hostname or ""
        is_allowed = host.endswith(STRIPE) or (bool(self.own_host) and host == self.own_host)
        return page.scheme == "https" and is_allowed and page.port in (None, TLS)

    def _is_stand_in(self, page: SplitResult) -> bool:
        api = urlsplit(self.api)
        is_local = api.hostname in LOOPBACK and page.hostname in LOOPBACK
        return is_local and (page.scheme, page.port) == (api.scheme, api.port)


STRIPE_HOSTS = CheckoutHosts()
