"""Pictures of courses: made small, stored in the database, served from `/media`.

A picture is stored under the hash of its content, so that two courses share the same one. Being in
the database, it is in every backup and reaches every process.
"""

import asyncio
import hashlib
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.Image import Resampling

from coursebook.domain.external_text import clean_id
from coursebook.domain.rights import Permission
from coursebook.errors import FieldError, Invalid, TooLarge, Unavailable, WrongMediaType
from coursebook.identity.principal import Principal
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.manage.access import Access

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_DECODER_BYTES = 160_000_000
"""The memory that reading one picture may take."""
MAX_STORED_BYTES = {"large": 400 * 1024, "small": 80 * 1024}
SIZES = {"large": (1600, 1000), "small": (800, 500)}
"""Pixels of the two forms of a picture, in the shape that cards and pages show (16:10)."""
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITIES = (82, 70, 56, 42)
"""WebP qualities, tried in turn until the file is small enough."""
SCALES = (1, 0.75, 0.5)
ID_LENGTH = 32
TOO_MANY_PIXELS = f"The picture has more than {MAX_PIXELS // 10**6} megapixels."
TOO_MUCH_MEMORY = "The picture is too large to be read. Please save it as a smaller JPEG file."


MAX_UPLOADS = 2
"""How many uploads are read at once; pictures are shrunk one after another."""
TIMEOUT_SECONDS = 20.0
"""How long an upload waits for its turn."""


class NotAPicture(Exception):
    """The bytes cannot be used as a picture. The message is one sentence."""


class WrongFormat(NotAPicture):
    """The bytes are not a file of a format that we read."""


class FileTooLarge(NotAPicture):
    """The file has more than `MAX_FILE_BYTES`."""


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
        """The path of the large file."""
        return f"/media/{self.id}.webp"

    @property
    def small_address(self) -> str:
        """The path of the small file."""
        return f"/media/{self.id}-s.webp"


def web_picture(data: bytes) -> WebPicture:
    """Turn, crop and shrink a JPEG, PNG or WebP file. Raises NotAPicture.

    It takes about a second of processor time for a photo of 12 megapixels.
    """
    if len(data) > MAX_FILE_BYTES:
        raise FileTooLarge(f"The picture is larger than {MAX_FILE_BYTES // 1024**2} MB.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            upright = _upright(image)
    except UnidentifiedImageError:
        raise WrongFormat("The picture must be a JPEG, PNG or WebP file.") from None
    except Image.DecompressionBombError:
        raise NotAPicture(TOO_MANY_PIXELS) from None
    except (OSError, SyntaxError, ValueError):
        raise NotAPicture("The picture file is damaged.") from None
    large, small = _encoded(upright, "large"), _encoded(upright, "small")
    with Image.open(io.BytesIO(large)) as stored:
        width, height = stored.size
    name = hashlib.sha256(large).hexdigest()[:ID_LENGTH]
    return WebPicture(name, large, small, width, height)


def _upright(image: Image.Image) -> Image.Image:
    """Return the image as a person sees it, in RGB, with not many more pixels than are stored."""
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        raise NotAPicture(TOO_MANY_PIXELS)
    image.draft("RGB", SIZES["large"])  # a JPEG is shrunk while it is read
    factor = min(image.size) // (2 * min(SIZES["large"]))
    if _decoder_bytes(image, pixels, factor) > MAX_DECODER_BYTES:
        raise NotAPicture(TOO_MUCH_MEMORY)
    plain = image if image.mode in ("RGB", "RGBA", "L") else image.convert("RGB")
    smaller = plain.reduce(factor) if factor > 1 else plain
    ImageOps.exif_transpose(smaller, in_place=True)
    return smaller if smaller.mode == "RGB" else smaller.convert("RGB")


def _decoder_bytes(image: Image.Image, pixels: int, factor: int) -> int:
    """Return the memory that reading takes, in Pillow and in the library of the format.

    `pixels` is the number of pixels of the file, `factor` how much the image is reduced at once.
    """
    own = pixels if image.mode == "P" else 0  # indices into the palette
    if image.format == "WEBP":
        own = 8 * pixels  # two canvases
    elif image.format == "JPEG" and "progression" in image.info:
        own = 6 * pixels  # the coefficients of the whole image
    copies = 1 if factor > 1 else 2
    return own + 4 * copies * image.width * image.height


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
    """Takes pictures from people who may edit courses, and reads them for `/media`."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access
        self._uploads = asyncio.Semaphore(MAX_UPLOADS)
        self._decoder = asyncio.Semaphore(1)

    async def upload(self, who: Principal, read: Callable[[], Awaitable[bytes]]) -> WebPicture:
        """Store a picture. `read` returns the file, and is called only for a person who may write.

        Raises Forbidden, TooLarge, WrongMediaType, Invalid, and Unavailable while others upload.
        """
        (await self._access.rights_of(who)).require(Permission.WRITE_COURSES)
        await self._wait_for_turn()
        try:
            data = await read()
            async with self._decoder:
                picture = await asyncio.to_thread(_checked_picture, data)
        finally:
            self._uploads.release()
        now = self._context.clock()
        async with writing(self._context.database) as work:
            await store_picture(work, picture, by=str(who.actor), now=now)
        return picture

    async def _wait_for_turn(self) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await self._uploads.acquire()
        except TimeoutError:
            sentence = "Other pictures are being uploaded. Please try again in a moment."
            raise Unavailable(sentence) from None

    async def file(self, name: str) -> bytes | None:
        """Return a WebP file by the last part of its address (`ID.webp`, `ID-s.webp`), or None."""
        stem, dot, ending = name.rpartition(".")
        picture_id, is_small = stem.removesuffix("-s"), stem.endswith("-s")
        if not dot or ending != "webp" or clean_id(picture_id, ID_LENGTH) is None:
            return None
        async with reading(self._context.database) as work:
            return await work.pictures.file(picture_id, "small" if is_small else "large")


def _checked_picture(data: bytes) -> WebPicture:
    """Return the picture as `web_picture` does, with errors for callers."""
    try:
        return web_picture(data)
    except FileTooLarge as error:
        raise TooLarge(str(error)) from None
    except WrongFormat as error:
        raise WrongMediaType(str(error)) from None
    except NotAPicture as error:
        raise Invalid([FieldError("", str(error))]) from None
