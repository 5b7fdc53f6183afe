"""The list of routes that pages of students load has none of the console."""

import json
from pathlib import Path

from coursebook.ui.build.console import ConsoleApart
from coursebook.ui.reflex_compat import route_manifest

PATHS = {"root": "", "[courses]._index": "courses", "[manage].[team]._index": "manage/team"}


def test_only_the_list_of_the_console_has_its_routes(tmp_path: Path):
    routes = {name: {"id": name, "path": path, "hasLoader": False} for name, path in PATHS.items()}
    whole = {"entry": {"module": "/assets/a.js"}, "routes": routes, "url": "/assets/manifest-1.js"}
    (tmp_path / "assets").mkdir()
    file = tmp_path / "assets" / "manifest-1.js"
    file.write_text(f"window.list={json.dumps(whole)};")
    ConsoleApart().post_build(static_dir=tmp_path)
    assert file.read_text().startswith("window.list={")
    left = route_manifest.read(tmp_path)
    assert left["routes"] == {
        name: {"id": name, "path": PATHS[name]} for name in ("root", "[courses]._index")
    }
    assert (left["entry"], left["url"]) == (whole["entry"], whole["url"])
    text = (tmp_path / "assets" / "console-manifest-1.js").read_text()
    assert text[-1] == ";"
    all_of_it = json.loads(text.removeprefix("window.list=")[:-1])
    assert all_of_it == {**whole, "url": "/assets/console-manifest-1.js"}
