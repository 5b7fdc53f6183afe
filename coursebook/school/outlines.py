"""Letters as outlines, and filling outlines with a colour: pictures without an image library.

The one thing to draw is a school's name in the font of headings. Pillow would be 7 MB and a decoder
of every image format for it; the outlines of 328 letters (`fraunces.json`, from Fraunces 600 under
the SIL Open Font License, `assets/fonts/OFL.txt`) and a page of Python draw it in 0.2 seconds.
"""

import json
import math
import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

UNITS = 500
"""Units of one em in `fraunces.json`."""
CURVE_STEPS = 6
SCANLINES = 4
"""Scanlines of one row of pixels; edges are smooth along them anyway."""
HALF_STEP = 0.002
"""Half of one of the 256 steps of a channel."""

Point = tuple[float, float]
Polygon = Sequence[Point]
Edge = tuple[float, float, float, float, int]
"""From its upper to its lower point, and 1 or -1 for the direction it had."""
_TOKEN = re.compile(r"([MLHVQZ])([^MLHVQZ]*)")


@cache
def letters() -> dict[str, tuple[int, str]]:
    """Return the letters that can be drawn, with their width and their outline (an SVG path)."""
    text = (Path(__file__).parent / "fraunces.json").read_text(encoding="utf-8")
    return {letter: (width, path) for letter, (width, path) in json.loads(text).items()}


def can_draw(text: str) -> bool:
    """Tell whether every letter of a text can be drawn."""
    return all(letter in letters() for letter in text)


def width_of(text: str, size: float) -> float:
    """Return the width of a text whose em is `size` pixels."""
    return sum(letters()[letter][0] for letter in text) * size / UNITS


def text_polygons(text: str, left: float, baseline: float, size: float) -> list[Polygon]:
    """Return the outlines of a text."""
    polygons: list[Polygon] = []
    scale = size / UNITS
    for letter in text:
        width, path = letters()[letter]
        polygons += [
            [(left + x * scale, baseline + y * scale) for x, y in points]
            for points in _polygons(path)
        ]
        left += width * scale
    return polygons


def rounded_square(left: float, top: float, size: float, radius: float) -> list[Polygon]:
    """Return the outline of a square with round corners."""
    points = []
    for corner, (x, y) in enumerate(((1, 1), (0, 1), (0, 0), (1, 0))):
        centre = (
            left + radius + x * (size - 2 * radius),
            top + radius + y * (size - 2 * radius),
        )
        for step in range(17):
            angle = math.pi / 2 * (corner + step / 16)
            points.append(
                (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))
            )
    return [points]


class Picture:
    """A picture of one colour to draw on. Colours are such as "#17594a"."""

    def __init__(self, width: int, height: int, ground: str) -> None:
        self.width, self.height = width, height
        self._rows = [bytearray(bytes.fromhex(ground[1:]) * width) for _ in range(height)]

    def fill(self, polygons: Iterable[Polygon], colour: str) -> None:
        """Fill the inside of outlines, with smooth edges."""
        ink = bytes.fromhex(colour[1:])
        for row, edges in self._rows_of(polygons).items():
            first = max(0, math.floor(min(min(edge[0], edge[2]) for edge in edges)))
            last = min(self.width, math.ceil(max(max(edge[0], edge[2]) for edge in edges)))
            self._blend(row, self._coverage(row, edges), ink, range(first, last))

    def _rows_of(self, polygons: Iterable[Polygon]) -> Mapping[int, list[Edge]]:
        """Return the edges that cross each row of pixels."""
        rows: dict[int, list[Edge]] = defaultdict(list)
        for polygon in polygons:
            for edge in _edges(polygon):
                for row in range(max(0, int(edge[1])), min(self.height, math.ceil(edge[3]))):
                    rows[row].append(edge)
        return rows

    def png(self) -> bytes:
        """Return the picture as a PNG file (w3.org/TR/png-3)."""
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        data = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)

    def _coverage(self, row: int, edges: Sequence[Edge]) -> list[float]:
        """Return the changes of coverage from pixel to pixel of one row."""
        changes = [0.0] * (self.width + 2)
        for line in range(SCANLINES):
            y = row + (line + 0.5) / SCANLINES
            crossings = sorted(
                (x0 + (y - y0) * (x1 - x0) / (y1 - y0), turn)
                for x0, y0, x1, y1, turn in edges
                if y0 <= y < y1
            )
            winding = 0.0
            for x, turn in crossings:
                before, winding = winding, winding + turn
                if bool(before) != bool(winding):
                    place = min(max(x, 0.0), float(self.width))
                    pixel = int(place)
                    share = (1 if winding else -1) / SCANLINES
                    changes[pixel] += share * (1 - (place - pixel))
                    changes[pixel + 1] += share * (place - pixel)
        return changes

    def _blend(self, row: int, changes: Sequence[float], ink: bytes, columns: range) -> None:
        pixels, covered = self._rows[row], 0.0
        for column in columns:
            covered += changes[column]
            place = column * 3
            if covered > 1 - HALF_STEP:
                pixels[place : place + 3] = ink
            elif covered > HALF_STEP:
                for channel in range(3):
                    below = pixels[place + channel]
                    pixels[place + channel] = round(below + (ink[channel] - below) * covered)


def _polygons(path: str) -> Iterator[list[Point]]:
    """Yield the closed outlines of an SVG path of straight lines and quadratic curves."""
    points: list[Point] = []
    for command, text in _TOKEN.findall(path):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", text)]
        if command == "M":
            points = [(numbers[0], numbers[1])]
        elif command == "Z":
            yield points
        else:
            points += _steps(command, numbers, points[-1])


def _steps(command: str, numbers: Sequence[float], start: Point) -> Iterator[Point]:
    if command == "H":
        yield (numbers[0], start[1])
    elif command == "V":
        yield (start[0], numbers[0])
    elif command == "L":
        yield from zip(numbers[::2], numbers[1::2], strict=True)
    else:
        for place in range(0, len(numbers), 4):
            x1, y1, x2, y2 = numbers[place : place + 4]
            for step in range(1, CURVE_STEPS + 1):
                t = step / CURVE_STEPS
                yield (
                    (1 - t) ** 2 * start[0] + 2 * (1 - t) * t * x1 + t * t * x2,
                    (1 - t) ** 2 * start[1] + 2 * (1 - t) * t * y1 + t * t * y2,
                )
            start = (x2, y2)


def _edges(polygon: Polygon) -> Iterator[Edge]:
    """Yield the edges of an outline from top to bottom, with the direction they had."""
    for (x0, y0), (x1, y1) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if y0 < y1:
            yield (x0, y0, x1, y1, 1)
        elif y0 > y1:
            yield (x1, y1, x0, y0, -1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
