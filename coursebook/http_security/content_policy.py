"""Content-Security-Policy: what a browser may load, run and send on our pages.

Scripts run when they are files of ours, or when they are one of the few inline scripts of the
build, each named by its hash (w3.org/TR/CSP3). What a page tells about courses is data, never
script, so a page can be kept for a second and given to many without a secret in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from coursebook.settings import Settings

NO_SCRIPT = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For everything that is not a page: answers of the API, files, refusals."""
OF_PARTS = "default-src 'none'; frame-ancestors 'none'"
"""For scripts, styles, fonts and pictures, should one be opened by itself."""
BOT_CHECK = "https://challenges.cloudflare.com"
"""Clerk's check against robots (clerk.com/docs/guides/secure/best-practices/csp-headers)."""
CLERK_PICTURES = "https://img.clerk.com"


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

    def page(self, scripts: Iterable[str]) -> str:
        """Return the policy of a page that runs the inline `scripts` (`sha256-…`) and no other."""
        allowed = [f"'{one}'" for one in sorted(scripts)]
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
            rules["img-src"] += f" {CLERK_PICTURES}"
            rules["style-src"] += " 'unsafe-inline'"  # its forms write style elements as they go
            rules |= {"frame-src": BOT_CHECK, "worker-src": "'self' blob:"}
        said = [f"{name} {value}" for name, value in rules.items()]
        if self.public_url.startswith("https://"):
            said.append("upgrade-insecure-requests")
        return "; ".join(said)


def _socket(public_url: str) -> str:
    """Return the origin of our socket: not every browser takes it for 'self'."""
    parts = urlsplit(public_url)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
