"""The list of all routes with their files, which React Router sends with every page."""

import json
from pathlib import Path
from typing import Any

FILES = "manifest-*.js"
"""The file of a build, below `assets`."""
WHOLE = "console-"
"""Before the name of the file with all routes; pages of the console load it (`shells.mjs`)."""
_CONSOLE = "manage"


def read(client: Path) -> dict[str, Any]:
    """Return the list in the file of most pages. `client` is the folder of the static pages."""
    manifest: dict[str, Any] = json.loads(_parts(_file(client))[1])
    return manifest


def keep_console_apart(client: Path) -> None:
    """Keep the routes of the console out of the file of all pages, and write one with all routes.

    A step from a page of students to one of the console then loads a document
    (`current_page/page_loader.jsx`). What a route does not have is left out, which says the same.
    """
    file = _file(client)
    before, text, after = _parts(file)
    manifest, url = json.loads(text), f"/assets/{WHOLE}{file.name}"
    whole = file.with_name(f"{WHOLE}{file.name}")
    whole.write_text(before + _json({**manifest, "url": url}) + after, encoding="utf-8")
    routes = {
        name: {key: value for key, value in route.items() if value is not False}
        for name, route in manifest["routes"].items()
        if route.get("path", "").split("/")[0] != _CONSOLE
    }
    file.write_text(before + _json({**manifest, "routes": routes}) + after, encoding="utf-8")


def _file(client: Path) -> Path:
    return next((client / "assets").glob(FILES))


def _parts(file: Path) -> tuple[str, str, str]:
    text = file.read_text(encoding="utf-8")
    start, end = text.index("{"), text.rindex("}") + 1
    return text[:start], text[start:end], text[end:]


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
