"""The bundler of `coursebook run --reload`: one Node process for all builds of a run."""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from coursebook.run.paths import PACKAGE, TOOLS, node_program, tool_environment
from coursebook.run.problem import CannotStart

PROGRAM = PACKAGE / "ui" / "reflex_compat" / "bundler.mjs"
PACKAGES = "package-lock.json"
MAX_HEAP_MEGABYTES = 512
MAX_MEMORY_BYTES = 1_800_000_000
"""Memory after which the process is replaced: every build leaves some behind."""


class Bundler:
    """Bundles the compiled pages in a web folder, and keeps the process for the next build.

    A first build also loads Vite, Rolldown and Tailwind; later ones take a third of it.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._made_for: tuple[Path, int] | None = None
        self._is_warm = False
        atexit.register(self.stop)

    @property
    def is_warm(self) -> bool:
        """Whether the process of a build before is there."""
        return self._is_warm and self._process is not None and self._process.poll() is None

    def start(self, web: Path) -> None:
        """Start the process for `web`. It ends with the thread that calls this (prctl(2))."""
        self._process_for(web)

    def bundle(self, web: Path) -> None:
        """Bundle `web`. Raises CannotStart with the message of Rolldown or Tailwind."""
        process = self._process_for(web)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write("\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        log = _log(web)
        if not answer:
            self.stop()
            raise CannotStart(f"The pages could not be bundled. Details: {log}")
        self._is_warm = True
        result = json.loads(answer)
        if result["memory"] > MAX_MEMORY_BYTES:
            self.stop()
        if result["error"]:
            raise CannotStart(f"The pages could not be bundled:\n{result['error']}")

    def stop(self) -> None:
        """End the process. The next build starts another."""
        self._is_warm = False
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            for pipe in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):  # of what was not sent
                    pipe.close()  # type: ignore[union-attr]
            self._process.wait()
            self._process = None

    def _process_for(self, web: Path) -> subprocess.Popen[str]:
        made_for = web, (web / PACKAGES).stat().st_mtime_ns
        is_other = self._made_for != made_for  # Node keeps the modules that it has loaded
        if self._process is None or is_other or self._process.poll() is not None:
            self.stop()
            self._process, self._made_for = _started(web), made_for
        return self._process


def _started(web: Path) -> subprocess.Popen[str]:
    node = (node_program() or "node", f"--max-old-space-size={MAX_HEAP_MEGABYTES}", str(PROGRAM))
    with _log(web).open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "coursebook.run.supervisor.die_with_parent", *node],
            cwd=web,
            env=tool_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            text=True,
        )


def _log(web: Path) -> Path:
    return TOOLS / f"{web.name.strip('.')}-bundler.log"
