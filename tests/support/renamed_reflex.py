"""Renames a name in all of Reflex at import, as another version might.

A plugin: `COURSEBOOK_TEST_RENAME=old=new python -m pytest -p tests.support.renamed_reflex …`.
`COURSEBOOK_TEST_WITHOUT_IMPORT_CHECK=1` disables our own check at import: then the tests themselves
must fail.
"""

import os
from importlib.machinery import SourceFileLoader
from types import CodeType

VARIABLE, UNCHECKED = "COURSEBOOK_TEST_RENAME", "COURSEBOOK_TEST_WITHOUT_IMPORT_CHECK"


def _rename(old: str, new: str) -> None:
    """Rename in every Reflex module imported from now on."""
    as_written = SourceFileLoader.get_code

    def renamed(self: SourceFileLoader, fullname: str) -> CodeType | None:
        if not fullname.partition(".")[0].startswith("reflex"):
            return as_written(self, fullname)
        text = self.get_data(self.path).decode()
        if old not in text:
            return as_written(self, fullname)
        return compile(text.replace(old, new), self.path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = renamed


if VARIABLE in os.environ:
    _rename(*os.environ[VARIABLE].split("="))
if UNCHECKED in os.environ:
    from coursebook.ui.reflex_compat import seams

    seams.require = lambda _seams: None
