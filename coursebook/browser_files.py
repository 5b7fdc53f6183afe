"""JavaScript files that lie beside the Python modules that use them.

`rx.asset(name, shared=True)` does the same. It looks for its caller in the sources of the whole
stack, which took half of the time to import the product.
"""

import secrets
import sys
from pathlib import Path, PurePosixPath

FOLDER = PurePosixPath("external")
"""Where Reflex links such files, below `assets`."""


def browser_file(module: str, name: str) -> str:
    """Link `name`, which lies beside a module, into the assets; return its import path.

    `module` is the caller's `__name__`. Raises FileNotFoundError if there is no such file.
    """
    source = Path(sys.modules[module].__file__ or "").with_name(name)
    if not source.exists():
        raise FileNotFoundError(source)
    place = FOLDER.joinpath(*module.split("."), name)
    _link(Path("assets", place).absolute(), source)
    return f"$/public/{place}"


def _link(link: Path, source: Path) -> None:
    """Make a symbolic link, or replace what is there. Several processes may do so at once."""
    if link.is_symlink() and link.readlink() == source:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    made = link.with_name(f".{secrets.token_hex(8)}.tmp")
    made.symlink_to(source)
    made.replace(link)
