"""Install the system programs the tests need: a Chromium, PostgreSQL and Redis.

    python3 tools/system_packages.py [--beside]

Run by `make test`. Missing programs are installed with apt-get when this process may (root, or
sudo without a password); otherwise the exact command is printed and the exit code is 1. Standard
library only; needs no network when nothing is missing.

With `--beside` it runs while `.venv` is still being made, and says nothing: what fails then or
needs `.venv` is left for a second call.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOG = ROOT / ".venv" / "system-packages.log"
BESIDE = "--beside"
CHROMIUM_NAMES = (
    "chromium-headless-shell",  # the same engine without windows: two thirds of the processor time
    "chromium",
    "google-chrome-stable",
    "google-chrome",
    "chromium-browser",
)
PLAYWRIGHT_CHROMIUMS = (
    "chromium_headless_shell-*/chrome-headless-shell-linux*/chrome-headless-shell",
    "chromium_headless_shell-*/chrome-linux*/headless_shell",
    "chromium-*/chrome-linux*/chrome",
)
POSTGRES_HOMES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt")


def find_chromium() -> str | None:
    """Return a Chromium that can be started here, or None (Ubuntu's snap stubs do not count)."""
    chosen = os.environ.get("COURSEBOOK_CHROMIUM")
    if chosen:
        return chosen if Path(chosen).is_file() else None
    for name in CHROMIUM_NAMES:
        path = shutil.which(name)
        if path and not _is_snap_stub(path):
            return path
    return _playwright_chromium()


def find_postgres() -> str | None:
    """Return the folder that holds `initdb` and `postgres`, newest version first, or None."""
    for home in POSTGRES_HOMES:
        for binary in sorted(Path(home).glob("*/bin/initdb"), key=_version, reverse=True):
            if (binary.parent / "postgres").exists():
                return str(binary.parent)
    initdb = shutil.which("initdb")
    return str(Path(initdb).resolve().parent) if initdb else None


def find_redis() -> str | None:
    """Return a Redis (or Valkey) server program, or None."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


NEEDS = {"Chromium": find_chromium, "PostgreSQL": find_postgres, "Redis": find_redis}
APT = {
    "Chromium": ["chromium-headless-shell", "fonts-liberation"],
    "PostgreSQL": ["postgresql"],
    "Redis": ["redis-server"],
}


def main(arguments: list[str]) -> int:
    """Install the missing programs; return 0 when all are present afterwards."""
    missing = _missing()
    if not missing:
        return 0
    by_playwright = "Chromium" in missing and _is_ubuntu()
    packages = [
        p for name in missing if not (by_playwright and name == "Chromium") for p in APT[name]
    ]
    commands = (
        [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]]
        if packages
        else []
    )
    is_beside = BESIDE in arguments
    if by_playwright and not is_beside:
        # Ubuntu's chromium package is only a stub for a snap, which containers cannot run.
        shell = ["--with-deps", "--only-shell", "chromium"]
        commands.append([sys.executable, "-m", "playwright", "install", *shell])
    prefix = _privilege()
    can_install = prefix is not None and not (packages and not shutil.which("apt-get"))
    if is_beside:
        return 0 if can_install and _run_all(prefix or [], commands) else 1
    if not can_install:
        return _explain(missing, packages)
    print(f"Installing {_words(missing)} for the tests ...", end=" ", flush=True)
    started = time.monotonic()
    failed = not _run_all(prefix or [], commands)
    print(f"{time.monotonic() - started:.0f} s", flush=True)
    missing = _missing()
    if missing or failed:
        print(f"{_words(missing or ['Something'])} could not be installed. Details: {LOG}")
        return _explain(missing, packages) if missing else 1
    return 0


def _run_all(prefix: list[str], commands: list[list[str]]) -> bool:
    return all(_run([*prefix, *command]) for command in commands)


def _missing() -> list[str]:
    return [name for name, find in NEEDS.items() if find() is None]


def _run(command: list[str]) -> bool:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("a") as log:
        log.write(f"\n$ {' '.join(command)}\n")
        log.flush()
        return subprocess.run(command, stdout=log, stderr=log, env=env, check=False).returncode == 0


def _privilege() -> list[str] | None:
    """Return the prefix of a command that needs root, or None without the privilege."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _quiet(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def _explain(missing: list[str], packages: list[str]) -> int:
    print(f"The tests need {_words(missing)}. Install with:")
    if packages:
        print(f"    sudo apt-get update && sudo apt-get install -y {' '.join(packages)}")
    if "Chromium" in missing and _is_ubuntu():
        print("    sudo .venv/bin/python -m playwright install --with-deps --only-shell chromium")
    return 1


def _is_ubuntu() -> bool:
    release = Path("/etc/os-release")
    return release.exists() and "\nID=ubuntu" in "\n" + release.read_text()


def _is_snap_stub(path: str) -> bool:
    real = Path(path).resolve()
    if "snap" in real.parts or real.name == "snap":
        return True
    with real.open("rb") as program:
        return b"/snap/bin" in program.read(4000)


def _playwright_chromium() -> str | None:
    """Return the newest Chromium that `playwright install` has put into its cache.

    It puts two there: one without windows, which it names in two ways, and the whole one.
    """
    home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or str(Path.home() / ".cache/ms-playwright")
    for pattern in PLAYWRIGHT_CHROMIUMS:
        candidates = sorted(Path(home).glob(pattern))
        if candidates:
            return str(candidates[-1])
    return None


def _version(binary: Path) -> tuple[int, ...]:
    digits = binary.parent.parent.name.split("@")[-1].split(".")
    return tuple(int(part) for part in digits if part.isdigit())


def _quiet(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _words(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
