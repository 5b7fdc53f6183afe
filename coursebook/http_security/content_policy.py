"""Content-Security-Policy: what a browser may load, run and send on our pages.

Only our own script files run, and the few inline scripts of the build, each allowed by its hash
(w3.org/TR/CSP3). There is no nonce, so one rendered page can be cached and served to many visitors.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from coursebook.http_security.page_sources import INLINE, OWN_SITE, PageSources
from coursebook.settings import Settings

DEFAULT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For everything that is not a page: API responses, files, errors."""
SUBRESOURCE_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""For scripts, styles, fonts and images, in case one is opened on its own."""
BOT_CHECK = "https://challenges.cloudflare.com"
"""Clerk's bot protection (clerk.com/docs/guides/secure/best-practices/csp-headers)."""
CLERK_IMAGES = "https://img.clerk.com"


@dataclass(frozen=True)
class ContentPolicy:
    """The policy of one installation. `sign_in` is the origin of its sign-in service."""

    public_url: str
    sign_in: str
    is_clerk: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the policy for these settings."""
        return cls(settings.public_url, settings.token_issuer, not settings.is_sandbox)

    def page(
        self,
        scripts: Iterable[str],
        sources: PageSources = OWN_SITE,
        styles: Iterable[str] = (),
    ) -> str:
        """Return the policy of a page that may run only these inline `scripts` (`sha256-…`).

        `styles` are the hashes of its inline style sheets, `sources` the other sites that this one
        page may use.
        """
        allowed = [f"'{digest}'" for digest in sorted(scripts)]
        rules = {
            "default-src": "'none'",
            "script-src": " ".join(["'self'", *allowed]),
            "style-src": "'self'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": f"'self' {_socket(self.public_url)} {self.sign_in}",
            "manifest-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "'none'",
        }
        if self.is_clerk:
            rules["script-src"] += f" {self.sign_in} {BOT_CHECK}"
            rules["img-src"] += f" {CLERK_IMAGES}"
            rules["style-src"] += f" {INLINE}"  # its forms insert style elements
            rules |= {"frame-src": BOT_CHECK, "worker-src": "'self' blob:"}
        for name, origins in sources.directives.items():
            parts = dict.fromkeys(f"{rules.get(name, '')} {origins}".split())
            rules[name] = " ".join(parts)
        if INLINE not in rules["style-src"]:  # a hash would turn it off
            rules["style-src"] = " ".join([rules["style-src"], *map("'{}'".format, styles)])
        directives = [f"{name} {value}" for name, value in rules.items()]
        if self.public_url.startswith("https://"):
            directives.append("upgrade-insecure-requests")
        return "; ".join(directives)


def _socket(public_url: str) -> str:
    """Return the origin of our socket, since not every browser counts it as 'self'."""
    parts = urlsplit(public_url)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
