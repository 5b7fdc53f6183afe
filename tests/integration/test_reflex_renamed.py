"""With a renamed first event in Reflex, the product does not start and the tests fail."""

import os
import subprocess
import sys

from coursebook.run.paths import ROOT
from coursebook.ui.reflex_compat.hydration import HYDRATE_AND_LOAD
from tests.support import renamed_reflex

SEAM = f"rx.State.{HYDRATE_AND_LOAD} (not as expected)"


def run(*arguments: str, is_checked: bool) -> tuple[int, str]:
    """Run Python with a renamed Reflex; return its exit code and output."""
    environment = os.environ | {renamed_reflex.VARIABLE: f"{HYDRATE_AND_LOAD}=boot_and_load"}
    environment.pop(renamed_reflex.UNCHECKED, None)
    if not is_checked:
        environment[renamed_reflex.UNCHECKED] = "1"
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_private_pages_are_not_even_imported_and_the_seam_is_named():
    program = f"import {renamed_reflex.__name__}, coursebook.ui.middleware.expired_sessions"
    code, text = run("-c", program, is_checked=True)
    assert code == 1
    assert "This Reflex version lacks what coursebook relies on:" in text
    assert f"- {SEAM}: expired sessions" in text


def test_the_list_of_seams_and_the_private_pages_turn_red_by_themselves():
    """Each of them must fail even without our check at import."""
    code, text = run(
        *("-m", "pytest", "-p", renamed_reflex.__name__, "-q", "-p", "no:cacheprovider"),
        *("-p", "no:randomly", "tests/ui/test_reflex_compat.py", "tests/ui/test_private_pages.py"),
        *("-k", "rely_on or whose_session_is_over"),
        is_checked=False,
    )
    assert code == 1, text
    assert f"- hydration: {SEAM}" in text
    red = {line.split(" - ")[0] for line in text.splitlines() if line.startswith("FAILED")}
    pages = "FAILED tests/ui/test_private_pages.py::test_a_tab_whose_session_is_over_tells_nothing"
    assert red == {
        "FAILED tests/ui/test_reflex_compat.py::test_everything_that_we_rely_on_is_in_this_reflex",
        f"{pages}_when_its_page_connects[again]",
        f"{pages}_when_its_page_connects[opened]",
    }, text
    assert "'Secret pottery' not in" in text, "the tab has kept the bookings of its person"
