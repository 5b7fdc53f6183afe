"""The operator's role in a token is read in one place; everything else asks for rights."""

import re
from pathlib import Path

import coursebook

PACKAGE = Path(coursebook.__file__).parent
READS = re.compile(r"\.is_operator\b|\.role\s*[!=]=\s*[\"']operator")
MAY_READ = {"identity/principal.py", "services/manage/access.py"}
"""The property itself, and the service that turns it into rights."""


def test_only_the_service_of_rights_reads_the_operators_role():
    readers = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if READS.search(path.read_text())
    }
    assert readers == MAY_READ, "ask `services().access` for rights: a grant gives a role too"
