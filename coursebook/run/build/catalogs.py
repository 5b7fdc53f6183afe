"""`python -m coursebook.run.build.catalogs FILE`: write the texts of all languages as JSON.

It runs as its own process, since it imports Reflex. Its last line is the mistake in a school's
texts, if any.
"""

import gc
import json
import sys
from pathlib import Path

from coursebook.run.quick_exit import exit_at_once
from coursebook.school import SchoolError


def main(path: Path) -> None:
    """Write the file. Exits with an error code and one sentence for a mistake in the words."""
    try:
        from coursebook.ui.i18n.page_texts import page_catalogs  # noqa: PLC0415  reads the words

        catalogs = page_catalogs()
    except SchoolError as error:
        sys.exit(str(error))
    path.write_text(json.dumps(catalogs, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    gc.disable()  # before the imports: nearly all that is made stays until the end
    main(Path(sys.argv[1]))
    exit_at_once()
