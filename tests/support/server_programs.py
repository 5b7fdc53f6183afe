"""Starts installed server programs for the tests and stops them afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from system_packages import find_chromium, find_postgres, find_redis

ROOT = Path(__file__).resolve().parents[2]
__all__ = ["as_user", "find_chromium", "find_postgres", "find_redis", "start", "stop", "wait_for"]


def start(
    command: list[str],
    log: Path,
    *,
    user: str | None = None,
    environment: dict[str, str] | None = None,
    folder: Path = ROOT,
) -> subprocess.Popen[bytes]:
    """Start a server in its own process group; the kernel kills it if the test run dies."""
    leash = [sys.executable, "-m", "coursebook.run.supervisor.die_with_parent"]
    if user:
        # Changing the user clears PR_SET_PDEATHSIG (prctl(2)), so setpriv has to set it again.
        leash = as_user(user, "--pdeathsig=TERM")
    with log.open("ab") as output:
        return subprocess.Popen(
            [*leash, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=environment,
            cwd=folder,
        )


def as_user(user: str, *options: str) -> list[str]:
    """Return the command prefix that runs a program as another user."""
    account = pwd.getpwnam(user)
    setpriv = shutil.which("setpriv") or "setpriv"
    return [
        setpriv,
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--clear-groups",
        *options,
    ]


def stop(process: subprocess.Popen[bytes], sent: signal.Signals = signal.SIGTERM) -> None:
    """Ask a server to stop; kill its process group after ten seconds."""
    process.send_signal(sent)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(is_ready: Callable[[], bool], what: str, log: Path, seconds: float = 30) -> None:
    """Wait until `is_ready()`; fail with the server's output on a timeout."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_ready():
            return
        time.sleep(0.05)
    output = log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{what} did not start within {seconds:.0f} s:\n{output}")
