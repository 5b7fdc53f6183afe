"""Run a program to completion; kill its process group when we are stopped."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

from coursebook.run.paths import ROOT
from coursebook.run.supervisor.warm_python import warm_python


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


def run_module(command: tuple[str, ...], environment: dict[str, str], output: IO[str]) -> int:
    """Run `("-m", module, argument…)` with this Python, as `run_tool` does.

    Where a warm process is kept, the module runs in a fork of it.
    """
    warm = warm_python()
    _, module, *arguments = command
    try:
        with Path(os.devnull).open() as nothing:
            streams = (nothing.fileno(), output.fileno(), output.fileno())
            forked = warm.start(module, arguments, environment, streams) if warm else None
    except OSError:  # it has just died
        forked = None
    if forked is None:
        return run_tool([sys.executable, *command], environment, output)
    try:
        return forked.wait()
    finally:
        if forked.poll() is None:
            os.killpg(forked.pid, signal.SIGKILL)
