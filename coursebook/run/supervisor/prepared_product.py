"""The product that takes over after an edit, prepared while the pages are built."""

import json
import os
import signal
from collections.abc import Mapping
from contextlib import suppress

from coursebook.run.supervisor.child import ChildSpec
from coursebook.run.supervisor.warm_python import Forked, WarmPython

MODULE = "coursebook.run.supervisor.next_product"
ENDED = "The product could not be imported."


class PreparedProduct:
    """Imports the sources as they are now (`next_product.py`), and serves when it is told to."""

    def __init__(self, warm: WarmPython, spec: ChildSpec) -> None:
        self._orders, orders = os.pipe()
        report, self._report = os.pipe()
        descriptors = (self._orders, 1, 2, self._report)
        arguments = spec.command[spec.command.index("granian") + 1 :]
        self._process = warm.start(MODULE, arguments, spec.environment, descriptors, spec.folder)
        os.close(self._orders)
        os.close(self._report)
        self._to_it, self._from_it = os.fdopen(orders, "w"), os.fdopen(report)

    def problem(self) -> str:
        """Wait until the sources are imported. Return a sentence about a mistake in them, or ""."""
        with self._from_it as report:
            return (report.readline() or ENDED).rstrip()

    def serve(self, environment: Mapping[str, str]) -> Forked:
        """Let it serve with this environment, on the port that is free now."""
        with self._to_it as orders:
            orders.write(f"{json.dumps(dict(environment))}\n")
        return self._process

    def drop(self) -> None:
        """End it: the edit has a mistake."""
        with suppress(BrokenPipeError):
            self._to_it.close()
        self._from_it.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
