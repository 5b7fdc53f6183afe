"""The product after an edit: it imports the sources at once, and serves when it is told to.

    python -m coursebook.run.supervisor.next_product ARGUMENT...

Its fourth descriptor gets a line: "" when everything is imported, else one sentence about the
mistake. A line of JSON on its standard input is the rest of its environment, with the folder of the
pages; then it becomes granian with these arguments. So the old product serves until then.
"""

import gc
import json
import os
import runpy
import sys
import traceback
from contextlib import chdir
from importlib import import_module

from coursebook.run.paths import PROJECT, ROOT
from coursebook.ui.reflex_compat import environment

REPORT = 3
PRODUCT = ("coursebook.asgi", "coursebook.coursebook", "coursebook.ui.ssr.mount")


def main() -> None:
    """Import, report, wait, serve."""
    os.environ.update(environment.SERVE_BUILT_PAGES)
    gc.disable()  # as the factory does, which enables it
    problem = _imported()
    with os.fdopen(REPORT, "w") as report:
        report.write(f"{problem}\n")
    line = sys.stdin.readline()
    if problem or not line:
        sys.exit(1)
    os.environ.update(json.loads(line))
    runpy.run_module("granian", run_name="__main__", alter_sys=True)


def _imported() -> str:
    """Import the product. Return a sentence with file and line for a mistake, else ""."""
    try:
        from coursebook import school  # noqa: PLC0415

        school.current()  # read before the working folder changes: its settings may be in `.env`
        with chdir(PROJECT):  # where Reflex finds rxconfig.py
            for name in PRODUCT:
                import_module(name)
    except BaseException as error:  # noqa: BLE001 - any mistake in an edited file
        return sentence_about(error)
    return ""


def sentence_about(error: BaseException) -> str:
    """Return where the edited sources are wrong: file, line and what Python says."""
    if type(error).__module__.startswith("coursebook."):
        return str(error)  # of a school's files or a page, with its place
    if isinstance(error, SyntaxError):
        return f"{_shown(error.filename)}, line {error.lineno}: {error.msg}."
    places = [
        place
        for place in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in place.filename and "importlib" not in place.filename
    ]
    where = f"{_shown(places[-1].filename)}, line {places[-1].lineno}: " if places else ""
    return f"{where}{type(error).__name__}: {' '.join(str(error).split())}"


def _shown(file: str | None) -> str:
    return (file or "").removeprefix(f"{ROOT}/")


if __name__ == "__main__":
    main()
