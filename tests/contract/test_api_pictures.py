"""Uploading pictures: who may, which files, what is served, and how much memory it takes."""

import asyncio
import io
import subprocess
import sys
import time
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.support.harness import OPERATOR, Harness

PICTURES = "/api/manage/pictures"
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ROTATED_RIGHT = 6


def photo(size: tuple[int, int] = (640, 400), *, orientation: int = 0) -> bytes:
    """Return a JPEG: red on the left, blue on the right, as the sensor saw it."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((30, 30, 200), (size[0] // 2, 0, *size))
    exif = image.getexif()
    exif[0x010F] = "Camera of Olga"
    if orientation:
        exif[0x0112] = orientation
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif.tobytes(), comment=b"taken at home")
    return file.getvalue()


def large_photo() -> bytes:
    """Return a rotated JPEG of about 6 MB, with noise that compresses badly."""
    noise = Image.effect_noise((3000, 2000), 90).convert("RGB")
    exif = noise.getexif()
    exif[0x0112] = ROTATED_RIGHT
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=97, exif=exif.tobytes())
    return file.getvalue()


def bomb() -> bytes:
    """Return a PNG file that says it has 60,000 by 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    side = (60_000).to_bytes(4, "big")
    header = chunk(b"IHDR", side + side + b"\x08\x02\x00\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000)))


async def served(harness: Harness, path: str) -> Image.Image:
    answer = await harness.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    image = Image.open(io.BytesIO(answer.content))
    image.load()
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)
    return image


async def test_a_picture_is_stored_upright_in_two_sizes_without_metadata(sqlite_harness: Harness):
    answer = await sqlite_harness.post(
        PICTURES, OPERATOR, content=photo(orientation=ROTATED_RIGHT), headers={"Content-Type": ""}
    )
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert answer.headers["location"] == body["image"]
    large = await served(sqlite_harness, body["image"])
    assert large.size == (body["width"], body["height"])
    await served(sqlite_harness, body["small_image"])
    red, blue = large.getpixel((200, 10)), large.getpixel((200, large.height - 10))
    assert red[0] > red[2]  # type: ignore[index]
    assert blue[2] > blue[0]  # type: ignore[index]
    again = await sqlite_harness.post(
        PICTURES, OPERATOR, content=photo(orientation=ROTATED_RIGHT), headers={"Content-Type": ""}
    )
    assert again.json() == body


async def test_a_photo_of_six_megabytes_becomes_small(sqlite_harness: Harness):
    data = large_photo()
    assert 5_000_000 < len(data) < 8 * 1024 * 1024
    answer = await sqlite_harness.post(PICTURES, OPERATOR, content=data)
    body = answer.json()
    for name, limit in (("image", 400), ("small_image", 80)):
        file = (await sqlite_harness.get(body[name])).content
        assert len(file) <= limit * 1024


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (SVG, 415, "wrong_media_type"),
        (GIF, 415, "wrong_media_type"),
        (b"<!doctype html><p>renamed to .jpg", 415, "wrong_media_type"),
        (b"", 415, "wrong_media_type"),
        (bomb(), 422, "invalid"),
        (photo()[:-2000], 422, "invalid"),
        (photo() + bytes(9 * 1024 * 1024), 413, "too_large"),
    ],
    ids=["svg", "gif", "html", "empty", "60000x60000", "cut off", "9 MB"],
)
async def test_what_is_not_a_picture_is_refused_with_a_sentence(
    sqlite_harness: Harness, data: bytes, status: int, code: str
):
    answer = await sqlite_harness.post(
        PICTURES, OPERATOR, content=data, headers={"Content-Type": "image/jpeg"}
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["detail"].endswith(".")
    assert "icture" in problem["detail"]


async def test_only_people_who_may_edit_courses_upload(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    refused = await sqlite_harness.post(PICTURES, sam, content=photo())
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    anonymous = await sqlite_harness.post(PICTURES, content=photo())
    assert (anonymous.status_code, anonymous.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("token", ["", "Authorization: Bearer a.b.c\r\n"])
async def test_a_caller_without_a_token_is_refused_before_the_body(
    sqlite_harness: Harness, token: str
):
    host = urlsplit(str(sqlite_harness.api.base_url))
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    head = f"POST {PICTURES} HTTP/1.1\r\nHost: {host.netloc}\r\n{token}"
    start = time.monotonic()
    writer.write(f"{head}Content-Length: 8000000\r\n\r\n".encode())
    async with asyncio.timeout(5):
        status = await reader.readline()
    assert time.monotonic() - start < 1
    writer.close()
    assert status.startswith(b"HTTP/1.1 401")


def test_no_picture_takes_more_memory_than_the_process_has(tmp_path: Path):
    """The largest palette, a large photo, and two that are refused, one after another."""
    palette = io.BytesIO()
    Image.new("P", (5600, 5600)).save(palette, "PNG")
    files = []
    for number, data in enumerate((palette.getvalue(), large_photo(), bomb(), photo()[:-2000])):
        files.append(tmp_path / f"picture-{number}")
        files[-1].write_bytes(data)
    program = """
import resource, sys
from pathlib import Path
from coursebook.services.catalog.pictures import NotAPicture, web_picture
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before, refused = peak(), 0
for path in sys.argv[1:]:
    try:
        web_picture(Path(path).read_bytes())
    except NotAPicture:
        refused += 1
print(peak() - before, refused)
"""
    run = subprocess.run(
        [sys.executable, "-c", program, *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
    )
    grown, refused = map(int, run.stdout.split())
    assert (grown < 250, refused) == (True, 2)
