"""The end of a short process: at once, without freeing what it imported and made."""

import os
import sys
from typing import NoReturn


def exit_at_once(code: int = 0) -> NoReturn:
    """Flush the standard streams and end the process. Freeing its modules takes up to 5 seconds."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
