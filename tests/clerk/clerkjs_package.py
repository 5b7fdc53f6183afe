"""The real ClerkJS: the published packages in pinned versions, unpacked into a cache."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from coursebook.run.paths import TOOLS, tool_environment

PACKED = {
    "clerk-js": (
        "6.40.0",
        "d8c9d9ff282fb8299ebaa7d7426b317d068b37f49226f41bb53d9c2d76e0af95",
    ),
    "ui": (
        "1.34.0",
        "10fe9671ffa2a95e612513237e655239bef058482dd83b943a747762ffd42cf7",
    ),
}
"""Name below @clerk: version, and the beginning of the SHA-512 of the packed file."""
CACHE = TOOLS / "clerk"
SECONDS = 120


class NotPacked(Exception):
    """npm or its registry is unavailable; the message says which."""


def scripts() -> Path:
    """Return the folder with `clerk-js` and `ui` in it. Raises NotPacked."""
    for name, (version, digest) in PACKED.items():
        place = CACHE / f"{name}-{version}"
        if not place.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=CACHE) as folder:
                packed = _pack(f"@clerk/{name}@{version}", Path(folder))
                found = hashlib.sha512(packed.read_bytes()).hexdigest()
                if not found.startswith(digest):
                    raise RuntimeError(f"@clerk/{name} {version} is not the package we know.")
                _unpack_scripts(packed, Path(folder) / "scripts")
                _put(Path(folder) / "scripts", place)
        link = CACHE / name
        link.unlink(missing_ok=True)
        link.symlink_to(place)
    return CACHE


def _pack(package: str, folder: Path) -> Path:
    npm = shutil.which("npm", path=tool_environment()["PATH"])
    if npm is None:
        raise NotPacked("npm is missing")
    command = [npm, "pack", package, "--silent", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(
            command,
            env=tool_environment(),
            capture_output=True,
            check=False,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NotPacked(f"the npm registry did not give {package} in time") from None
    if done.returncode:
        lines = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise NotPacked(f"the npm registry gave no {package}: {lines}")
    return next(folder.glob("*.tgz"))


def _unpack_scripts(packed: Path, folder: Path) -> None:
    """Unpack what a browser can ask for: the scripts directly below `dist`."""
    folder.mkdir()
    with tarfile.open(packed) as tar:
        for member in tar.getmembers():
            if member.isfile() and member.name.endswith(".js") and member.name.count("/") == 2:
                content = tar.extractfile(member)
                assert content is not None, "expected a regular file"
                (folder / Path(member.name).name).write_bytes(content.read())


def _put(folder: Path, place: Path) -> None:
    """Move a folder into place, unless another process was first."""
    try:
        folder.rename(place)
    except OSError:
        if not place.exists():
            raise
