"""The table of docs/extend.md names the files of each walk, and the tests that notice them."""

import re

from tests.support.documents import ROOT, rows
from tests.support.walks import EXTEND, IMPORT, WALKS, Step, blocks

WITHOUT_TEST = {
    "": "there is nothing to notice",
    IMPORT: "nothing can be imported, with a sentence that says why",
}


def test_the_table_has_every_file_of_every_walk():
    documented = rows(EXTEND.section("Files and tests"))[1:]
    assert documented == [
        [walk, f"`{_file(step)}`", _notice(step)] for walk, steps in WALKS.items() for step in steps
    ]


def test_the_declaration_of_the_page_is_that_of_the_example():
    declaration = blocks("In a folder of your own", "python")[0]
    assert declaration in (ROOT / "docs/examples/school/teachers/__init__.py").read_text()


def test_every_test_of_the_table_exists():
    for step in [step for steps in WALKS.values() for step in steps]:
        file, _, name = step.notice.partition("::")
        if name:
            assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE), name


def _file(step: Step) -> str:
    return "alembic/versions" if step.file.startswith("alembic/") else step.file


def _notice(step: Step) -> str:
    file, _, name = step.notice.rpartition("/")[2].partition("::")
    return WITHOUT_TEST.get(step.notice, f"`{file}`: `{name}`")
