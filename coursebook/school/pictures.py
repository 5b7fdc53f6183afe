"""The pictures of a school that has brought none: share picture and icons, with its name."""

import struct
from functools import cache

from coursebook.school.brand import School
from coursebook.school.colours import LIGHT, tokens_of
from coursebook.school.outlines import (
    UNITS,
    Picture,
    can_draw,
    letters,
    rounded_square,
    text_polygons,
    width_of,
)

WIDTH, HEIGHT = 1200, 630
"""The size that link previews show (developers.facebook.com/docs/sharing/webmasters/images)."""
OUR_ACCENT = "#17594a"
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

    A name with letters that we cannot draw is left out.
    """
    accent, _ = _accent(school)
    picture = Picture(WIDTH, HEIGHT, LIGHT.paper)
    picture.fill([[(0, HEIGHT - BAR), (WIDTH, HEIGHT - BAR), (WIDTH, HEIGHT), (0, HEIGHT)]], accent)
    _draw_tile(picture, school, MARGIN, TILE)
    if can_draw(school.name):
        size, lines = _set(school.name)
        baseline = HEIGHT - BAR - MARGIN - (len(lines) - 1) * size * LINE
        for line in lines:
            picture.fill(text_polygons(line, MARGIN, baseline, size), LIGHT.ink)
            baseline += size * LINE
    return picture.png()


@cache
def icon_file(school: School) -> bytes:
    """Return favicon.ico: one PNG picture in the container of icons."""
    picture = Picture(ICON, ICON, LIGHT.paper)
    _draw_tile(picture, school, 0, ICON)
    png, offset = picture.png(), 22
    head = struct.pack("<HHH", 0, 1, 1)
    entry = struct.pack("<BBBBHHII", ICON, ICON, 0, 0, 1, 24, len(png), offset)
    return head + entry + png


def icon_svg(school: School) -> bytes:
    """Return favicon.svg: the first letter of the name on the accent."""
    accent, on_accent = _accent(school)
    size = 22 / UNITS
    letter = _initial(school)
    width, path = letters()[letter] if letter else (0, "")
    move = f"translate({16 - width * size / 2:.2f} 23.5) scale({size:.4f})"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{accent}"/>'
        f'<path transform="{move}" d="{path}" fill="{on_accent}"/></svg>'
    ).encode()


def _draw_tile(picture: Picture, school: School, corner: float, side: float) -> None:
    """Draw the first letter on the accent; `corner` is the distance from the left and the top."""
    accent, on_accent = _accent(school)
    picture.fill(rounded_square(corner, corner, side, side * 0.22), accent)
    letter, size = _initial(school), side * 0.68
    if letter:
        start = corner + (side - width_of(letter, size)) / 2
        picture.fill(text_polygons(letter, start, corner + side * 0.735, size), on_accent)


def _initial(school: School) -> str:
    first = school.name[0].upper()
    return first if can_draw(first) else ""


def _accent(school: School) -> tuple[str, str]:
    accent = school.accent or OUR_ACCENT
    return accent, tokens_of(accent, LIGHT)["on-accent"]


def _set(name: str) -> tuple[float, list[str]]:
    """Return the largest size at which a name fits below the tile, and its lines."""
    room = WIDTH - 2 * MARGIN
    for size in range(MAX_SIZE, MIN_SIZE, -4):
        lines = _wrapped(name, size, room)
        height = size * (CAPITAL + (len(lines) - 1) * LINE)
        if height <= MAX_HEIGHT and all(width_of(line, size) <= room for line in lines):
            return size, lines
    most = int(MAX_HEIGHT / (MIN_SIZE * LINE))
    return MIN_SIZE, _wrapped(name, MIN_SIZE, room)[:most]


def _wrapped(name: str, size: float, room: float) -> list[str]:
    lines: list[str] = []
    for word in name.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
