"""What a page of ordinary Reflex costs, as it is said after a build."""

import json
from pathlib import Path

from coursebook.run.build.page_costs import StyledPage, cost_lines

WHAT = "of scripts and styles, and inline styles in its Content-Security-Policy, on this page only."


def test_a_line_names_page_components_weight_and_policy(tmp_path: Path) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    sizes = {"base.js": 120_000, "root.js": 2_000, "page.js": 90_400, "page.css": 49_300}
    for name, size in sizes.items():
        (assets / name).write_bytes(b"x")
        (assets / f"{name}.br").write_bytes(b"x" * size)
    (assets / "plain.js").write_bytes(b"x" * 5_000)  # compresses well

    def entry(module: str, *css: str) -> dict[str, object]:
        return {
            "module": f"/assets/{module}",
            "imports": ["/assets/base.js"],
            "css": [f"/assets/{name}" for name in css],
        }

    (assets / "late.js").write_text("const more = () => import(`./heavy.js`);")
    (assets / "heavy.js").write_text('import("./base.js"); import("./late.js")')
    (assets / "heavy.js.br").write_bytes(b"x" * 1_400_000)
    routes = {
        "routes/[plot]._index": entry("late.js"),
        "root": entry("root.js"),
        "routes/[numbers]._index": entry("page.js", "page.css"),
        "routes/[other]._index": entry("plain.js"),
    }
    manifest = {"entry": entry("root.js"), "routes": routes}
    (assets / "manifest-1.js").write_text(f"window.manifest={json.dumps(manifest)};")
    names = ("BarChart", "Text", "p with color")
    assert cost_lines(
        tmp_path,
        [
            StyledPage("/numbers", "[numbers]._index", names),
            StyledPage("/other", "[other]._index", tuple("abcdefgh")),
            StyledPage("/plot", "[plot]._index", ("Plotly",)),
        ],
    ) == [
        f"/numbers has BarChart, Text, p with color: 140 KB {WHAT}",
        f"/other has a, b, c, d, e, f and 2 more: 0 KB {WHAT}",
        f"/plot has Plotly: 1400 KB {WHAT}",
    ]
    quick = cost_lines(tmp_path, [StyledPage("/numbers", "[numbers]._index", names)], is_quick=True)
    assert quick == [
        f"/numbers has BarChart, Text, p with color: 140 KB (about half in `make run`) {WHAT}"
    ]
