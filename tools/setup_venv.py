"""Make `.venv` and install the pinned requirements; run by every target of the Makefile.

    python3 tools/setup_venv.py [--dev]

Does nothing (in a few milliseconds, without network) when the virtual environment already holds
what the lock file says. Standard library only, and readable by any Python 3, so that an old
interpreter gets a sentence and not a SyntaxError.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
LOG = VENV / "setup.log"
LOCKS = {"runtime": "requirements.lock", "dev": "requirements-dev.lock"}
MIN_PYTHON = (3, 11)
NO_NETWORK = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "Temporary failure in name resolution",
    "No matching distribution found",
)
SHIM = '#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/python" -m coursebook.cli "$@"\n'


class SetupError(Exception):
    """One sentence for the terminal that says what is wrong."""


def main(arguments):
    """Bring the virtual environment up to date; return the exit code."""
    kind = "dev" if "--dev" in arguments else "runtime"
    try:
        check_python()
        with (ROOT / ".setup.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            prepare(kind)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def check_python():
    """Refuse an interpreter that is too old or comes without venv."""
    if sys.version_info < MIN_PYTHON:
        raise SetupError(
            "coursebook needs Python 3.11 or newer, and this is {}.{}. Install one (Debian, "
            "Ubuntu: apt-get install python3 python3-venv) or name it: "
            "make PYTHON=/path/to/python3.11 ...".format(*sys.version_info[:2])
        )
    try:
        import ensurepip  # noqa: F401, PLC0415
        import venv  # noqa: F401, PLC0415
    except ImportError:
        raise SetupError(
            "This Python has no venv module. Install it (Debian, Ubuntu: apt-get install "
            "python3-venv) and run the same command again."
        ) from None


def prepare(kind):
    """Create the environment when it is missing, then install the lock file's packages."""
    if not is_usable():
        with step("Making .venv"):
            shutil.rmtree(VENV, ignore_errors=True)
            run(
                [[sys.executable, "-m", "venv", str(VENV)]],
                "The virtual environment could not be made.",
            )
    expected = fingerprint(kind)
    installed = read_stamp()
    if installed.get(kind) != expected:
        with step(f"Installing Python packages ({LOCKS[kind]})"):
            install(ROOT / LOCKS[kind])
            installed[kind] = expected
            if kind == "dev":  # the dev lock contains the runtime lock
                installed["runtime"] = fingerprint("runtime")
            else:
                installed.pop("dev", None)
            STAMP.write_text(json.dumps({**installed, "root": str(ROOT)}))
    link_package()


def is_usable():
    """Tell whether `.venv` works: created at this path, with pip, and of a recent Python."""
    if not PYTHON.exists():
        return False
    if read_stamp().get("root") == str(ROOT):
        return True
    scripts_are_ours = str(VENV) in (VENV / "bin" / "pip").read_text(errors="replace")[:300]
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    result = subprocess.run([str(PYTHON), "-c", probe], capture_output=True, check=False)
    return scripts_are_ours and result.returncode == 0


def install(lock):
    """Install exactly the packages of the lock file, by their hashes, without resolving.

    Two pips run at a time, since one mostly waits for the network. Then everything is compiled on
    all processors.
    """
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--require-hashes", "--no-deps", "--no-compile", "--retries", "2", "-r"]
    halves = [[*command, str(path)] for path in halves_of(lock)]
    run(halves, "The Python packages could not be installed.")
    # A package's file for another Python may not compile.
    compiling = [str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(VENV / "lib")]
    subprocess.run(compiling, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def halves_of(lock):
    """Split the packages of a lock file into two files; return their paths."""
    pins = re.split(r"\n(?=\w)", lock.read_text())
    packages = [pin for pin in pins if "[" not in pin.split("\n")[0]]  # each stands there without
    paths = [VENV / f"half-{number}.lock" for number in (1, 2)]
    for number, path in enumerate(paths):
        path.write_text("\n".join(packages[number::2]) + "\n")
    return paths


def link_package():
    """Make `import coursebook` and the `coursebook` command work, without building a package."""
    site = next((VENV / "lib").glob("python3.*")) / "site-packages"
    write_if_changed(site / "coursebook.pth", f"{ROOT}\n")
    command = VENV / "bin" / "coursebook"
    write_if_changed(command, SHIM)
    command.chmod(0o755)


def run(commands, error):
    """Run the commands side by side, into the log; on failure raise SetupError with `error`."""
    VENV.mkdir(exist_ok=True)
    with LOG.open("w") as log:
        quiet = {"stdout": log, "stderr": log, "stdin": subprocess.DEVNULL}
        running = [subprocess.Popen(command, **quiet) for command in commands]
        failed = [process for process in running if process.wait() != 0]
    if not failed:
        return
    if any(word in LOG.read_text(errors="replace") for word in NO_NETWORK):
        raise SetupError(
            f"{error} The package index could not be reached or lacks a pinned version: check "
            f"the network (or proxy) and run the same command again. Details: {LOG}"
        )
    raise SetupError(f"{error} Details: {LOG}")


class step:  # noqa: N801
    """Show one line for a long step, with the time it took."""

    def __init__(self, words):
        self.words = words

    def __enter__(self):
        self.started = time.monotonic()
        print(f"{self.words} ...", end=" ", flush=True)

    def __exit__(self, problem, *_):
        print("failed" if problem else f"{time.monotonic() - self.started:.0f} s", flush=True)


def fingerprint(kind):
    """Identify what should be installed: the lock's bytes and the environment's Python."""
    text = (ROOT / LOCKS[kind]).read_bytes() + (VENV / "pyvenv.cfg").read_bytes()
    return hashlib.sha256(text).hexdigest()


def read_stamp():
    """Return the record of the last installation, or an empty dict."""
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def write_if_changed(path, text):
    """Write a small file unless it already has this text."""
    if not path.is_symlink() and path.exists() and path.read_text() == text:
        return
    path.unlink(missing_ok=True)
    path.write_text(text)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(sys.argv[1:]))
