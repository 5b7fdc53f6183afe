"""The pictures of a school that has brought none: share picture and icons, with its name."""

import io
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from coursebook.school.brand import School
from coursebook.school.colours import LIGHT, tokens_of

WIDTH, HEIGHT = 1200, 630
"""The size that link previews show (developers.facebook.com/docs/sharing/webmasters/images)."""
OUR_ACCENT = "#17594a"
FONT = Path(__file__).parent / "fonts" / "fraunces-600.ttf"
"""The font of headings, with all Latin letters; the one of the pages has only the usual ones."""
MARGIN = 90
TILE = 132
"""The side of the tile with the first letter."""
MAX_SIZE, MIN_SIZE = 112, 44
LINE, CAPITAL = 1.15, 0.75
"""The height of a line, and of a capital letter, in ems."""
BAR = 18
MAX_HEIGHT = HEIGHT - BAR - 2 * MARGIN - TILE - 40
"""The height of the name, below the tile."""
ICON = 32


@cache
def share_picture(school: School) -> bytes:
    """Return the picture of a link preview as a PNG file: a letter on the accent, and the name.

    A name with letters that the font lacks is left out.
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT), LIGHT.paper)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, HEIGHT - BAR, WIDTH, HEIGHT), _accent(school)[0])
    picture.paste(_tile(school, TILE), (MARGIN, MARGIN))
    if can_draw(school.name):
        size, lines = _set(school.name)
        baseline = HEIGHT - BAR - MARGIN - (len(lines) - 1) * size * LINE
        for line in lines:
            draw.text((MARGIN, baseline), line, LIGHT.ink, _font(size), anchor="ls")
            baseline += size * LINE
    return _file(picture, "PNG")


@cache
def icon_file(school: School) -> bytes:
    """Return favicon.ico: the first letter of the name on the accent."""
    return _file(_tile(school, ICON), "ICO")


def icon_svg(school: School) -> bytes:
    """Return favicon.svg, the same for browsers that show it in any size."""
    accent, on_accent = _accent(school)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{accent}"/>'
        f'<text x="16" y="23.5" text-anchor="middle" font-family="Georgia, serif" '
        f'font-weight="600" font-size="22" fill="{on_accent}">{escape(_initial(school))}</text>'
        "</svg>"
    ).encode()


def can_draw(text: str) -> bool:
    """Tell whether the font has every letter of a text."""
    masks = (_font(MIN_SIZE).getmask(letter) for letter in text if letter != " ")
    return all(mask.size[1] > 0 for mask in masks)  # a letter that it lacks is drawn as nothing


def _tile(school: School, side: int) -> Image.Image:
    """Return the first letter on the accent, drawn large and made small, for smooth corners."""
    accent, on_accent = _accent(school)
    scale = 4
    large = Image.new("RGB", (side * scale, side * scale), LIGHT.paper)
    draw = ImageDraw.Draw(large)
    end = side * scale - 1
    draw.rounded_rectangle((0, 0, end, end), side * scale * 0.22, accent)
    letter = _initial(school)
    if can_draw(letter):
        place = (side * scale / 2, side * scale * 0.735)
        draw.text(place, letter, on_accent, _font(side * scale * 0.68), anchor="ms")
    return large.resize((side, side), Image.Resampling.LANCZOS)


def _initial(school: School) -> str:
    return school.name[0].upper()


def _accent(school: School) -> tuple[str, str]:
    accent = school.accent or OUR_ACCENT
    return accent, tokens_of(accent, LIGHT)["on-accent"]


def _set(name: str) -> tuple[float, list[str]]:
    """Return the largest size at which a name fits below the tile, and its lines."""
    room = WIDTH - 2 * MARGIN
    for size in range(MAX_SIZE, MIN_SIZE, -4):
        lines = _wrapped(name, size, room)
        height = size * (CAPITAL + (len(lines) - 1) * LINE)
        if height <= MAX_HEIGHT and all(_font(size).getlength(line) <= room for line in lines):
            return size, lines
    most = int(MAX_HEIGHT / (MIN_SIZE * LINE))
    return MIN_SIZE, _wrapped(name, MIN_SIZE, room)[:most]


def _wrapped(name: str, size: float, room: float) -> list[str]:
    lines: list[str] = []
    for word in name.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font(size).getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def _file(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, optimize=True, sizes=[picture.size])
    return buffer.getvalue()
