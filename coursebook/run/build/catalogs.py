"""`python -m coursebook.run.build.catalogs FILE`: write the texts of all languages as JSON.

A process of its own, since it imports Reflex. A mistake in the words of a school is its last line.
"""

import json
import sys
from pathlib import Path

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
    main(Path(sys.argv[1]))
