"""The process before a start: `python -m coursebook.run.commands.preparation [OPTIONS]`.

Its options are those of `prepare_database.py`. It keeps the supervisor small, and exits 1 with one
sentence when the database cannot be used.
"""

import gc
import sys

from coursebook.run.output import steady_output
from coursebook.run.quick_exit import exit_at_once

if __name__ == "__main__":
    gc.disable()  # before the imports: nearly all that is made stays until the end
    from coursebook.run.commands.prepare_database import main

    steady_output()
    exit_at_once(main(sys.argv[1:]))
