"""Ask the kernel to kill this process when its parent dies (PR_SET_PDEATHSIG).

    python -m coursebook.run.supervisor.die_with_parent PROGRAM ARGUMENT...

does so and then executes PROGRAM. So the children end even after `kill -9` of the supervisor, when
no code of ours can run. Linux only (prctl(2)); elsewhere the supervisor's clean-up must be enough.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(death_signal: signal.Signals) -> None:
    """Have the kernel send `death_signal` to this process when its parent dies."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != parent:  # it died before prctl, so no signal will come
        os.kill(os.getpid(), death_signal)


def main(command: list[str]) -> None:
    """Execute `command` in this process, which will die with its parent."""
    end_with_parent(signal.SIGTERM)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
