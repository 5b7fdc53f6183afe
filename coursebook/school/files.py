"""The school's files that replace ours, by their paths on the site."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from coursebook.school.brand import School
from coursebook.school.pictures import icon_file, icon_svg, share_picture
from coursebook.school.stylesheet import PATH as STYLE
from coursebook.school.stylesheet import style_of

SHARE_IMAGE, ICON, ICON_SVG = "/og.png", "/favicon.ico", "/favicon.svg"


@dataclass(frozen=True)
class MadeFile:
    """A file that is made from `school.toml`. `content` may take a moment the first time."""

    media_type: str
    content: Callable[[], bytes]


def asset_paths(school: School) -> Iterator[str]:
    """Yield the paths on the site of the files in the school's `assets`."""
    for path in sorted(school.assets.rglob("*")) if school.assets else ():
        if path.is_file():
            yield f"/{path.relative_to(school.assets or path).as_posix()}"


def renamed_assets(school: School) -> Mapping[str, Path]:
    """Return the files of `assets` that are shown at another path than their own."""
    if school.assets is None:
        return {}
    renamed = {}
    if school.share_image:
        renamed[SHARE_IMAGE] = school.assets / school.share_image
    if school.logo.endswith(".svg"):
        renamed[ICON_SVG] = school.assets / school.logo
    return renamed


def made_files(school: School) -> Mapping[str, MadeFile]:
    """Return the files that are generated for a school with its own name or colour."""
    files = {}
    if style_of(school):
        files[STYLE] = MadeFile("text/css", lambda: style_of(school).encode())
    if school.has_name or school.accent:
        files[SHARE_IMAGE] = MadeFile("image/png", lambda: share_picture(school))
        files[ICON] = MadeFile("image/x-icon", lambda: icon_file(school))
        files[ICON_SVG] = MadeFile("image/svg+xml", lambda: icon_svg(school))
    return files
