"""For the tests of a school: its pages and mails without a browser or a network.

```python
from coursebook.testing import open_school

school = open_school(Path(__file__).parents[1])
```
"""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coursebook.run.commands.school_check import school_problems

if TYPE_CHECKING:
    from coursebook.mail.letter import Mail

_TEXT = re.compile(r"\bwords\.([A-Z][A-Z0-9_]*)(?:\.(\w+))?")


@dataclass(frozen=True)
class SchoolUnderTest:
    """A school in the process of its tests."""

    folder: Path

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """The sentences of `coursebook school check`; empty when nothing is wrong."""
        return school_problems()

    def page_texts(self, route: str, language: str = "en") -> list[str]:
        """Return the texts that a page can show in a language. Raises LookupError for no page."""
        from coursebook.ui import i18n  # noqa: PLC0415 - reads the school's folder
        from coursebook.ui.i18n.brand_texts import brand_texts  # noqa: PLC0415
        from coursebook.ui.pages import SITE  # noqa: PLC0415

        page = next((page for page in SITE.pages if page.route == route), None)
        if page is None:
            routes = ", ".join(page.route for page in SITE.pages)
            raise LookupError(f"There is no page {route}; there are {routes}.")
        texts: dict[str, Any] = {**i18n.of(language).page, **brand_texts()}
        names = dict.fromkeys(_TEXT.findall(str(page.build().render())))
        shown = (text for table, key in names for text in _texts(texts[table], key))
        return [text for text in shown if text]  # a school without a footer has an empty one

    def mail(self, name: str, language: str = "en") -> "Mail":
        """Return a mail of an extension about a sample booking. Raises KeyError for no mail."""
        from coursebook.extensions.loader import mails  # noqa: PLC0415 - imports the extensions
        from coursebook.ui.gallery.mail_samples import sample_facts  # noqa: PLC0415

        return mails()[name](sample_facts(language))


def open_school(folder: Path) -> SchoolUnderTest:
    """Return the school in a folder.

    Its words and extensions are read while coursebook is imported, so call this before any other
    import of coursebook. Raises RuntimeError when it is too late.
    """
    folder = folder.resolve()
    is_other = Path(os.environ.get("SCHOOL_DIR", "school")).resolve() != folder
    if "coursebook.ui" in sys.modules and is_other:
        raise RuntimeError("Call open_school before anything else of coursebook is imported.")
    os.environ["SCHOOL_DIR"] = str(folder)
    return SchoolUnderTest(folder)


def _texts(value: object, key: str) -> list[str]:
    """Return a text, or one of a table; all of a table when a state chooses among them."""
    if not isinstance(value, Mapping):
        return [str(value)]
    return [str(value[key])] if key in value else [str(text) for text in value.values()]
