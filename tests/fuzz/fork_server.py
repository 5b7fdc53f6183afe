"""A fork server for processes of the product: imports everything once, then forks each process.

    python -m tests.fuzz.fork_server

Reads one line of JSON for each process, {"port": …, "log": …, "environment": {…}}, and answers
with its process id. Such a process is killed with kill -9 like any other.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from coursebook.run.supervisor.die_with_parent import end_with_parent
from tests.fuzz.product_process import main


def run_product(said: dict[str, Any]) -> None:
    """Become the product; never returns."""
    end_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(said["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(said["environment"])
    os.chdir(Path(said["log"]).parent)
    asyncio.run(main(said["port"]))
    os._exit(0)


def serve() -> None:
    """Fork a process for each line until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps ended children
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            run_product(json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
