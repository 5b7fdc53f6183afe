"""No orphans: a process that asks the kernel to end it when its parent ends.

    python -m coursebook.run.supervisor.die_with_parent PROGRAM ARGUMENT...

starts PROGRAM in its place, with that wish. So even `kill -9` of the supervisor, which runs no
code of ours, ends its children. Linux only (prctl PR_SET_PDEATHSIG, see prctl(2)); elsewhere the
supervisor's own clean-up has to do.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(sent: signal.Signals) -> None:
    """Have `sent` delivered to this process when the one that started it is gone."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
    if os.getppid() != parent:  # it died in between: nobody is left to send the signal
        os.kill(os.getpid(), sent)


def main(command: list[str]) -> None:
    """Put this process on the leash and become `command`."""
    end_with_parent(signal.SIGTERM)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
