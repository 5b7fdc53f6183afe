"""Hashes of the inline scripts in the built pages, for the content policy."""

import base64
import hashlib
from html.parser import HTMLParser
from pathlib import Path

DATA_BLOCKS = ("application/json", "application/ld+json")
"""Script elements that no browser runs (html.spec.whatwg.org, "data block")."""


def hashes_of_pages(client: Path) -> frozenset[str]:
    """Return the hashes of all inline scripts in the HTML files below a folder."""
    hashes: set[str] = set()
    for path in client.rglob("*.html"):
        hashes |= hashes_in(path.read_text(encoding="utf-8"))
    return frozenset(hashes)


def hashes_in(html: str) -> set[str]:
    """Return the `sha256-…` of every inline script that a browser would run in this page."""
    reader = _Scripts()
    reader.feed(html)
    return {_hash(script) for script in reader.scripts}


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


class _Scripts(HTMLParser):
    """Collects the texts of script elements without `src`."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if (
            tag == "script"
            and "src" not in attributes
            and attributes.get("type") not in DATA_BLOCKS
        ):
            self._is_inside = True
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.scripts[-1] += data
