"""What the pages of extensions that use ordinary Reflex cost their visitors, after a build."""

import gzip
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursebook.ui.reflex_compat import route_manifest

COSTS = "page-costs.txt"
"""The file of a build with a line for each such page, beside the server's copy of the pages."""
LATER = re.compile(r"""import\([`"']\./([^`"']+\.js)[`"']\)""")
"""A file that is loaded in the browser only, such as Plotly, which is larger than all others."""
MAX_NAMES = 6
KB = 1000


@dataclass(frozen=True)
class StyledPage:
    """A page by its route, the name of its file without suffix, and what it has on it."""

    route: str
    file: str
    components: tuple[str, ...]


def cost_lines(client: Path, pages: Iterable[StyledPage], *, is_quick: bool = False) -> list[str]:
    """Return a line for each page. `client` is the folder of the built static pages.

    `is_quick`: the build is for development, so its files are larger than those of visitors.
    """
    about = " (about half in `make run`)" if is_quick else ""
    manifest = route_manifest.read(client)
    common = _files_of(manifest["entry"]) | _files_of(manifest["routes"]["root"])
    lines = []
    for page in pages:
        own = _with_later(client, _files_of(manifest["routes"][f"routes/{page.file}"]), common)
        size = sum(_sent_size(client / file.lstrip("/")) for file in own)
        lines.append(
            f"{page.route} has {_list(page.components)}: {size / KB:.0f} KB{about} of scripts and "
            "styles, and inline styles in its Content-Security-Policy, on this page only."
        )
    return lines


def _files_of(entry: dict[str, Any]) -> set[str]:
    return {entry["module"], *entry["imports"], *entry["css"]}


def _with_later(client: Path, files: set[str], common: set[str]) -> set[str]:
    """Return these files and those that they load once the page is open, without common ones."""
    own, pending = set[str](), list(files - common)
    while pending:
        file = pending.pop()
        own.add(file)
        path = client / file.lstrip("/")
        text = path.read_text(encoding="utf-8") if path.suffix == ".js" and path.exists() else ""
        later = {f"/assets/{name}" for name in LATER.findall(text)}
        pending += later - own - common
    return own


def _sent_size(path: Path) -> int:
    """Return the bytes that a browser loads: compressed, as the product sends the file."""
    compressed = path.with_name(f"{path.name}.br")
    if compressed.exists():
        return compressed.stat().st_size
    return len(gzip.compress(path.read_bytes()))


def _list(names: tuple[str, ...]) -> str:
    rest = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {rest} more" if rest > 0 else "")
