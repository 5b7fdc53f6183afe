"""Pictures of courses: made small, stored in the database, served from `/media`.

A picture is stored under the hash of its content, so that two courses share the same one. Being in
the database, it is in every backup and reaches every process.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.Image import Resampling

from coursebook.domain.external_text import clean_id
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.context import Context

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_STORED_BYTES = {"large": 400 * 1024, "small": 80 * 1024}
SIZES = {"large": (1600, 1000), "small": (800, 500)}
"""Pixels of the two forms of a picture, in the shape that cards and pages show (16:10)."""
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITIES = (82, 70, 56, 42)
"""WebP qualities, tried in turn until the file is small enough."""
SCALES = (1, 0.75, 0.5)
ID_LENGTH = 32


class NotAPicture(Exception):
    """The bytes cannot be used as a picture. The message is one sentence."""


@dataclass(frozen=True)
class WebPicture:
    """A picture as it is served: two WebP files, without metadata."""

    id: str
    large: bytes
    small: bytes
    width: int
    height: int

    @property
    def address(self) -> str:
        """The path of the large file; the small one ends in `-s.webp`."""
        return f"/media/{self.id}.webp"


def web_picture(data: bytes) -> WebPicture:
    """Turn, crop and shrink a JPEG, PNG or WebP file. Raises NotAPicture.

    It takes about a second of processor time for a photo of 12 megapixels.
    """
    if len(data) > MAX_FILE_BYTES:
        raise NotAPicture(f"The picture is larger than {MAX_FILE_BYTES // 1024**2} MB.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NotAPicture(f"The picture has more than {MAX_PIXELS // 10**6} megapixels.")
            image.draft("RGB", SIZES["large"])
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except UnidentifiedImageError:
        raise NotAPicture("The picture must be a JPEG, PNG or WebP file.") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise NotAPicture("The picture file is damaged.") from None
    large, small = _encoded(upright, "large"), _encoded(upright, "small")
    with Image.open(io.BytesIO(large)) as stored:
        width, height = stored.size
    name = hashlib.sha256(large).hexdigest()[:ID_LENGTH]
    return WebPicture(name, large, small, width, height)


def _encoded(image: Image.Image, form: str) -> bytes:
    """Return a WebP file that is small enough: first with less quality, then with fewer pixels."""
    for scale in SCALES:
        fitted = ImageOps.fit(image, _size_within(image, SIZES[form], scale), Resampling.LANCZOS)
        for quality in QUALITIES:
            file = io.BytesIO()
            fitted.save(file, "WEBP", quality=quality, method=4)
            if file.tell() <= MAX_STORED_BYTES[form]:
                return file.getvalue()
    raise NotAPicture("The picture has too much detail to be shown: choose another one.")


def _size_within(image: Image.Image, size: tuple[int, int], most: float) -> tuple[int, int]:
    """Return `most` of a size, or less where the image would have to be enlarged."""
    scale = min(most, image.width / size[0], image.height / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


async def store_picture(work: UnitOfWork, picture: WebPicture, *, by: str, now: datetime) -> None:
    """Store a picture once; the same picture may be there already."""
    await work.pictures.add_once(
        {
            "id": picture.id,
            "large": picture.large,
            "small": picture.small,
            "width": picture.width,
            "height": picture.height,
            "created_at": now,
            "created_by": by,
        }
    )


class Pictures:
    """Reads pictures for `/media`."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def file(self, name: str) -> bytes | None:
        """Return a WebP file by the last part of its address (`ID.webp`, `ID-s.webp`), or None."""
        stem, dot, ending = name.rpartition(".")
        picture_id, is_small = stem.removesuffix("-s"), stem.endswith("-s")
        if not dot or ending != "webp" or clean_id(picture_id, ID_LENGTH) is None:
            return None
        async with reading(self._context.database) as work:
            return await work.pictures.file(picture_id, "small" if is_small else "large")
