"""The files of a school in front of ours, and nothing else of its disk."""

from pathlib import Path

import httpx
import pytest

from coursebook.api.middleware.school_files import SchoolFiles
from coursebook.school import School
from coursebook.school.pictures import (
    HEIGHT,
    WIDTH,
    can_draw,
    icon_file,
    icon_svg,
    share_picture,
)
from coursebook.school.stylesheet import style_of, style_url

ACCENTS = {"accent": "#9a3412", "accent_dark": "#f2a98a"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assets = tmp_path / "school" / "assets"
    (assets / "courses").mkdir(parents=True)
    (assets / "logo.svg").write_text("<svg/>")
    (assets / "share.png").write_bytes(b"share")
    (assets / "courses" / "clay.svg").write_text("<svg>clay</svg>")
    (tmp_path / "school" / "school.toml").write_text("secret = 1")
    (assets / "out.svg").symlink_to(tmp_path / "school" / "school.toml")
    return tmp_path / "school"


async def asked(school: School, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async def ours(scope, _receive, send):  # what stands behind
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ours"})

    transport = httpx.ASGITransport(SchoolFiles(ours, school))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        return await client.request(method, path, headers=headers)


async def test_an_asset_lies_over_ours_and_is_cached_as_ours_are(folder: Path):
    answer = await asked(School(folder=folder), "/courses/clay.svg")
    assert (answer.text, answer.headers["content-type"]) == ("<svg>clay</svg>", "image/svg+xml")
    assert "cache-control" not in answer.headers
    again = await asked(
        School(folder=folder), "/courses/clay.svg", **{"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304
    head = await asked(School(folder=folder), "/courses/clay.svg", "HEAD")
    assert head.content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/courses/other.svg",
        "/../school.toml",
        "/%2e%2e/school.toml",
        "/..%2fschool.toml",
        "/out.svg",
        "/courses",
        "/courses/",
        "/",
        "/a\x00.svg",
        f"/{'x' * 400}.svg",
    ],
)
async def test_everything_else_is_asked_of_the_product(folder: Path, path: str):
    url = path.replace("\x00", "%00")
    assert (await asked(School(folder=folder), url)).text == "ours"


@pytest.mark.parametrize("path", ["/api/docs.css", "/assets/base.js", "/_de/index.html"])
async def test_the_api_and_the_build_are_never_covered(folder: Path, path: str):
    file = folder / "assets" / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("the school's")
    assert (await asked(School(folder=folder), path)).text == "ours"


async def test_a_post_is_asked_of_the_product(folder: Path):
    assert (await asked(School(folder=folder), "/logo.svg", "POST")).text == "ours"


async def test_logo_and_share_picture_are_shown_where_browsers_look(folder: Path):
    school = School(folder=folder, name="Barro", logo="logo.svg", share_image="share.png")
    assert (await asked(school, "/favicon.svg")).text == "<svg/>"
    share = await asked(school, "/og.png")
    assert (share.content, share.headers["content-type"]) == (b"share", "image/png")


async def test_a_school_with_a_name_gets_pictures_with_it():
    school = School(name="Barro", **ACCENTS)
    png = await asked(school, "/og.png")
    assert png.headers["content-type"] == "image/png"
    again = await asked(school, "/og.png", **{"If-None-Match": png.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await asked(school, "/favicon.ico")).headers["content-type"] == "image/x-icon"
    assert (await asked(school, "/favicon.svg")).headers["content-type"] == "image/svg+xml"
    assert (await asked(School(), "/og.png")).text == "ours"


async def test_the_style_sheet_is_kept_for_ever_at_its_own_address():
    school = School(**ACCENTS)
    answer = await asked(school, style_url(school))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    assert "cache-control" not in (await asked(school, "/school.css")).headers


def test_the_style_has_the_colours_of_both_schemes_and_the_font():
    style = style_of(School(folder=Path("x"), font="fonts/barro.woff2", **ACCENTS))
    light, dark = style.split("prefers-color-scheme: dark")
    assert "--accent: #9a3412;" in light
    assert 'url("/fonts/barro.woff2")' in light
    assert "--accent: #f2a98a;" in dark
    assert ':root:root [data-scheme="dark"] { --accent: #f2a98a;' in dark
    assert style_of(School()) == style_url(School()) == ""


def test_a_share_picture_has_the_size_that_previews_want():
    png = share_picture(School(name="Oficina do Barro, Cerâmica & Azulejo de Lisboa", **ACCENTS))
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert (width, height) == (WIDTH, HEIGHT)
    assert len(png) < 100_000
    assert png != share_picture(School(name="Other", **ACCENTS))


@pytest.mark.parametrize("name", ["陶芸教室", "x" * 120, "Ł", " ".join(["wide"] * 24), "é"])
def test_every_name_gives_pictures(name: str):
    school = School(name=name)
    assert share_picture(school).startswith(b"\x89PNG")
    assert icon_file(school).startswith(b"\0\0\1\0")
    assert b"<svg" in icon_svg(school)


@pytest.mark.parametrize("name", ["Łódź Çelik ȘĂȚ", "Ærø & Åse’s – “Šest”", "Ünal 12 (Köln)"])
def test_latin_names_are_drawn(name: str):
    assert can_draw(name)


@pytest.mark.parametrize("name", ["陶芸", "Школа", "Barro 陶"])
def test_a_name_is_drawn_whole_or_not_at_all(name: str):
    assert not can_draw(name)
