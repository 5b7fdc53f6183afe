"""Run a program to completion; kill its process group when we are stopped."""

import os
import signal
import subprocess
import sys
from typing import IO

from coursebook.run.paths import ROOT


def run_tool(command: list[str], environment: dict[str, str], output: IO[str]) -> int:
    """Return the exit code of `command`; its output goes to the open file `output`.

    It runs in its own process group, away from the terminal's Ctrl-C: npm and Vite start programs
    that would otherwise outlive it.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "coursebook.run.supervisor.die_with_parent", *command],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
