"""The walks of docs/extend.md as steps, done on a copy of the tree.

The texts are those of the page; the places where they go are here.
"""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.support.documents import ROOT, Page, page

EXTEND = page("docs/extend.md")
COPIED = ("alembic", "assets", "coursebook", "docs", "tests", "tools")
FILES = (".env.example", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "README.md")
FILES += ("pyproject.toml", "rxconfig.py")
CATALOG = "tests/ui/test_i18n_catalogues.py"
REFERENCE = "tests/unit/test_docs_reference.py"
KINDS = "tests/unit/test_mail_kinds.py"
COLUMNS = "tests/unit/test_course_columns.py"
TRANSLATED = "test_every_language_has_the_texts_of_english"
LISTED = "test_every_module_of_the_pages_declares_one_that_is_listed"
DUTCH = ("coursebook/ui/i18n/nl.toml", "coursebook/ui/i18n/manage/nl.toml")
IMPORT = "import"
"""Nothing of the product can be imported without this step, with a sentence that says why."""


@dataclass(frozen=True)
class Step:
    """One file of a walk: texts to put behind a line of it, or at its end, or into a new file.

    `notice` is the test that fails when the step is forgotten; "" where the step is the whole walk.
    """

    file: str
    edits: tuple[tuple[str, str], ...]
    notice: str


def blocks(section: str, language: str) -> list[str]:
    """Return the code blocks of a section of the page, in one language."""
    return _Section(EXTEND.path, EXTEND.section(section)).blocks(language)


@dataclass(frozen=True)
class _Section(Page):
    source: str = ""

    @property
    def text(self) -> str:
        return self.source


def indented(text: str) -> str:
    """Return a text for the body of a class or a table."""
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))


def _new_migration() -> Step:
    numbers = sorted(path.name[:4] for path in (ROOT / "alembic" / "versions").glob("[0-9]*.py"))
    number = f"{int(numbers[-1]) + 1:04}"
    head = (
        f'"""What to bring."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f'revision = "{number}"\ndown_revision = "{numbers[-1]}"\n'
        "branch_labels = None\ndepends_on = None\n\n\n"
    )
    text = head + blocks("A column", "python")[1]
    file = f"alembic/versions/{number}_course_bring.py"
    return Step(file, (("", text),), f"{COLUMNS}::test_every_column_is_in_a_migration")


def _column() -> tuple[Step, ...]:
    stored, _, drafted, length, viewed, answered = blocks("A column", "python")
    (documented,) = blocks("A column", "markdown")
    tables = "coursebook/persistence/schema/tables.py"
    place = '    join_url: str = Field(default="", sa_column=text(300, server_default=""))\n'
    return (
        Step(
            tables,
            ((place, indented(stored)),),
            f"{COLUMNS}::test_what_is_entered_is_a_column_of_the_table",
        ),
        _new_migration(),
        Step(
            "coursebook/domain/course.py",
            (
                ('    join_url: str = ""\n', indented(drafted)),
                ('    "join_url": 300,\n', indented(length)),
            ),
            f"{COLUMNS}::test_every_column_can_be_entered",
        ),
        Step(
            "coursebook/services/views.py",
            (('    closed: str = field(kw_only=True, default="")\n', indented(viewed)),),
            f"{COLUMNS}::test_every_column_is_in_a_view",
        ),
        Step(
            "coursebook/api/schemas/models.py",
            (("    instructor: str\n", indented(answered)),),
            f"{COLUMNS}::test_programs_get_what_a_view_shows",
        ),
        Step(
            "docs/courses.md",
            (("| `capacity` | Number of places |\n", documented),),
            f"{COLUMNS}::test_every_column_of_a_file_is_documented",
        ),
    )


def _page() -> tuple[Step, ...]:
    (english,) = blocks("A page", "toml")
    (module,) = blocks("A page", "python")
    german = '\n[page.school]\nSCHOOL_TITLE = "Die Schule"\nSCHOOL_TEXT = "Kleine Kurse."\n'
    pages = "coursebook/ui/pages/__init__.py"
    listed = (
        ("import (\n    booking,\n", "    about,\n"),
        ("    home.PAGE,\n", "    about.PAGE,\n"),
    )
    return (
        Step("coursebook/ui/i18n/en.toml", (("", f"\n{english}"),), IMPORT),
        Step("coursebook/ui/i18n/de.toml", (("", german),), f"{CATALOG}::{TRANSLATED}"),
        Step("coursebook/ui/pages/about.py", (("", module),), IMPORT),
        Step(pages, listed, f"tests/ui/test_pages.py::{LISTED}"),
    )


def _event() -> tuple[Step, ...]:
    (row,) = blocks("A payment event", "python")
    notice = f"{REFERENCE}::test_the_documented_webhook_events_are_those_we_handle"
    targets = "coursebook/payments/event_targets.py"
    handled = '    "charge.refunded": EventTarget.PAYMENT,\n'
    return (
        Step(targets, ((handled, indented(row)),), notice),
        Step(
            "docs/ops/stripe-integration.md", (("charge.refunded\n", "charge.updated\n"),), notice
        ),
    )


def _mail() -> tuple[Step, ...]:
    kind, function, promise = blocks("A mail", "python")
    (english,) = blocks("A mail", "toml")
    german = (
        '\n[thanks]\nsubject = "Danke"\nfirst = "„{title}“ ist vorbei."\nsecond = "Bis bald!"\n'
    )
    occasion = f"\n\nasync def thank_for(locked, course) -> None:\n{indented(promise)}"
    messages = "coursebook/mail/messages.py"
    written = (
        ("Writer = Callable[[MailFacts], Mail]\n", f"\n\n{function}"),
        ("        hold_expired,\n", "        thanks,\n"),
    )
    return (
        Step("coursebook/mail/kinds.py", (('BOOKED = "booked"\n', indented(kind)),), IMPORT),
        Step(
            "coursebook/mail/i18n/en.toml",
            (("", f"\n{english}"),),
            f"{KINDS}::test_every_kind_has_its_texts",
        ),
        Step(
            "coursebook/mail/i18n/de.toml",
            (("", german),),
            f"tests/unit/test_mail_catalogs.py::{TRANSLATED}",
        ),
        Step(messages, written, f"{KINDS}::test_every_kind_has_its_function"),
        Step(
            "coursebook/services/outbox/hold_reminders.py",
            (("", occasion),),
            f"{KINDS}::test_every_kind_has_an_occasion",
        ),
    )


def _setting() -> tuple[Step, ...]:
    (declared,) = blocks("A setting", "python")
    (example,) = blocks("A setting", "text")
    (documented,) = blocks("A setting", "markdown")
    notice = f"{REFERENCE}::test_every_setting_is_documented_with_its_default"
    named = f"{REFERENCE}::test_the_example_environment_has_every_setting_and_no_other"
    settings = "coursebook/settings.py"
    row = next(
        line
        for line in (ROOT / "docs/ops/settings.md").read_text().splitlines(keepends=True)
        if line.startswith("| `SCHOOL_ADDRESS`")
    )
    head = 'which the pages also need while they are built."""\n\n'
    model = '    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)\n'
    return (
        Step(settings, ((f"{head}{model}", f"\n{indented(declared)}"),), notice),
        Step(".env.example", (("#SCHOOL_ADDRESS=\n", example),), named),
        Step("docs/ops/settings.md", ((row, documented),), notice),
    )


def _error_code() -> tuple[Step, ...]:
    (declared,) = blocks("An error code", "python")
    (documented,) = blocks("An error code", "markdown")
    (english,) = blocks("An error code", "toml")
    notice = f"{CATALOG}::test_every_refusal_has_its_sentence_in_every_language"
    row = "| 409 | `course_full` | every place is held or confirmed | "
    row += "check again later: holds end |\n"
    german = 'course_paused = "Dieser Kurs ist gerade nicht buchbar."\n'
    table = "[server.problems.REFUSAL]\n"
    return (
        Step("coursebook/errors.py", (("", f"\n\n{declared}"),), notice),
        Step(
            "docs/api/booking-endpoints.md",
            ((row, documented),),
            f"{REFERENCE}::test_every_error_code_is_documented_with_its_status",
        ),
        Step("coursebook/ui/i18n/en.toml", ((table, english),), notice),
        Step("coursebook/ui/i18n/de.toml", ((table, german),), f"{CATALOG}::{TRANSLATED}"),
    )


def _kit() -> tuple[Step, ...]:
    function = '\n\ndef motto(text: str) -> rx.Component:\n    """Return a motto."""\n'
    function += '    return rx.el.p(text, class_name="text-lg text-(--ink)")\n'
    gallery = "coursebook/ui/gallery/text.py"
    notice = "tests/ui/test_gallery.py::test_every_part_of_the_kit_has_a_sample"
    listed = (
        ("from coursebook.ui.kit.text import (\n", "    motto,\n"),
        ("__all__ = [\n", '    "motto",\n'),
    )
    sample = '    "motto": lambda: kit.motto("Small courses."),\n'
    return (
        Step("coursebook/ui/kit/text.py", (("", function),), IMPORT),
        Step("coursebook/ui/kit/__init__.py", listed, notice),
        Step(gallery, (("SAMPLES = {\n", sample),), notice),
    )


def _test_card() -> tuple[Step, ...]:
    (row,) = blocks("A test card", "python")
    cards = "coursebook/sandbox/stripe/test_cards.py"
    return (Step(cards, (("_ROWS = (\n", indented(row)),), ""),)


WALKS = {
    "A page": _page(),
    "A language": tuple(Step(file, (), "") for file in DUTCH),
    "A part of the kit": _kit(),
    "A column": _column(),
    "A payment event": _event(),
    "A mail": _mail(),
    "A setting": _setting(),
    "A test card": _test_card(),
    "An error code": _error_code(),
}
"""The steps of each walk, under the heading of its section."""


def copy_tree(folder: Path) -> Path:
    """Return a copy of the tree; files are links until a step changes them."""
    for name in COPIED:
        shutil.copytree(
            ROOT / name,
            folder / name,
            symlinks=True,
            ignore=shutil.ignore_patterns("external", "node_modules"),
            copy_function=_link,
        )
    for name in FILES:
        _link(ROOT / name, folder / name)
    return folder


def apply(tree: Path, steps: Iterable[Step]) -> None:
    """Do the steps in a copy of the tree. Raises ValueError for a place that is not there."""
    for step in steps:
        path = tree / step.file
        text = path.read_text() if path.exists() else ""
        for place, addition in step.edits:
            if text.count(place) < 1:
                raise ValueError(f"{step.file} has no line {place!r}.")
            before, behind = (text, "") if not place else _parted(text, place)
            text = f"{before}{addition}{behind}"
        if step.edits:
            path.unlink(missing_ok=True)  # the link only
            path.write_text(text)


def add_language(tree: Path) -> None:
    """Do the walk of a language, with German texts, since they are translated and complete."""
    for file in DUTCH:
        german = (tree / file).with_name("de.toml").read_text()
        dutch = german.replace('LANGUAGE = "de"', 'LANGUAGE = "nl"').replace('"de_DE"', '"nl_NL"')
        (tree / file).write_text(dutch)


def undo(tree: Path, steps: Iterable[Step]) -> None:
    """Restore the files of the steps from the tree."""
    for step in steps:
        (tree / step.file).unlink(missing_ok=True)
        if (ROOT / step.file).exists():
            _link(ROOT / step.file, tree / step.file)


def _parted(text: str, place: str) -> tuple[str, str]:
    before, _, behind = text.partition(place)
    return f"{before}{place}", behind


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)
