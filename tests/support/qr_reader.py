"""Reads QR codes as the page at the door does: with jsQR, from the packages of the pages."""

import subprocess
from io import BytesIO

from PIL import Image

from coursebook.run.paths import node_program, web_folder

_READ = """
const jsQR = require(process.argv[1]);
const [width, height] = process.argv.slice(2).map(Number);
const pixels = new Uint8ClampedArray(require("fs").readFileSync(0));
process.stdout.write(jsQR(pixels, width, height)?.data ?? "");
"""


def text_of(picture: bytes) -> str:
    """Return the text of the code in a picture, "" without one. The pages must have been built."""
    with Image.open(BytesIO(picture)) as image:
        size, pixels = image.size, image.convert("RGBA").tobytes()
    package = web_folder() / "node_modules" / "jsqr"
    command = [node_program() or "node", "-e", _READ, str(package), *map(str, size)]
    done = subprocess.run(command, input=pixels, capture_output=True, check=True)
    return done.stdout.decode()
