"""`coursebook school check`: every mistake in the school's folder, one sentence each."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from coursebook.run.problem import CannotStart

if TYPE_CHECKING:
    from coursebook.mail.facts import MailFacts
    from coursebook.mail.messages import Writer
    from coursebook.ui.components.styled_pages import Drawing

OURS = ("api", "assets")
"""Folders of `assets` whose addresses belong to the API and to the build."""
OF_TESTS = ("test_", "conftest")


def check_school(folder: Path | None) -> int:
    """Print what is wrong, or what there is; return 1 for a mistake, else 0.

    `folder` counts as SCHOOL_DIR. Raises CannotStart when there is none.
    """
    if folder is not None:
        os.environ["SCHOOL_DIR"] = str(folder)
    problems = school_problems()
    for problem in problems:
        print(problem)
    if problems:
        return 1
    print(_summary())
    return 0


def school_problems() -> tuple[str, ...]:
    """Return a sentence for each mistake in the folder SCHOOL_DIR, in this process for once.

    What is wrong is left out, in this process. Raises CannotStart when there is no such folder.
    """
    from coursebook import school  # noqa: PLC0415 - the settings of the folder are set by now
    from coursebook.school.errors import collecting  # noqa: PLC0415

    with collecting() as mistakes:
        try:
            folder = school.current().folder
        except school.SchoolError as error:  # of the settings
            raise CannotStart(str(error)) from None
        if folder is None:
            raise CannotStart(f"There is no folder {_folder()}; `coursebook school new` makes one.")
        for check in (_texts, partial(_files, folder), _pages, _mails):
            check()
    here = f"{Path.cwd()}{os.sep}"
    return tuple(str(mistake).replace(here, "") for mistake in mistakes)


def _texts() -> None:
    from coursebook.mail.i18n import check_texts  # noqa: PLC0415 - reads the texts
    from coursebook.ui import i18n  # noqa: PLC0415

    for language in i18n.LANGUAGES:
        i18n.of(language)
    check_texts()


def _files(folder: Path) -> None:
    from coursebook.school.errors import SchoolError, report  # noqa: PLC0415

    for path, why in (*_unread_modules(folder), *_unshown_assets(folder / "assets")):
        report(SchoolError(f"{path}: {why}."))


def _unread_modules(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield Python files that no extension has, as a beginner may leave them."""
    for path in sorted(folder.glob("*.py")):
        if not path.name.startswith(OF_TESTS):
            to = Path(path.stem, "__init__.py")
            yield path, f"an extension is a folder: move the file to {path.parent / to}"
    for inner in sorted({path.parent for path in folder.glob("*/*.py")}):
        names = {path.name for path in inner.glob("*.py")}
        if "__init__.py" not in names and not all(name.startswith(OF_TESTS) for name in names):
            yield inner, "the folder has no __init__.py, so it is no extension"


def _unshown_assets(assets: Path) -> Iterator[tuple[Path, str]]:
    for name in OURS:
        if (assets / name).exists():
            yield assets / name, f"addresses under /{name}/ are ours, so these files are not shown"


def _pages() -> None:
    """Build the pages of the extensions, without compiling them."""
    from coursebook.extensions.loader import extensions  # noqa: PLC0415 - imports the extensions
    from coursebook.school.errors import report  # noqa: PLC0415
    from coursebook.ui.page import Page, PageError  # noqa: PLC0415
    from coursebook.ui.pages import SITE  # noqa: PLC0415

    for page in [page for extension in extensions() for page in extension.pages]:
        if isinstance(page, Page) and page in SITE.pages:
            try:
                _try(
                    page.build.__module__, f"The page {page.route}", partial(_render, page.drawing)
                )
            except PageError as error:
                report(error)


def _render(drawing: "Drawing | None") -> None:
    if drawing is not None:
        drawing.placed.render()


def _mails() -> None:
    """Write the mails of the extensions in every language."""
    from coursebook.extensions.loader import mails  # noqa: PLC0415 - imports the extensions
    from coursebook.ui import i18n  # noqa: PLC0415
    from coursebook.ui.gallery.mail_samples import sample_facts  # noqa: PLC0415

    for name, write in mails().items():
        for language in i18n.LANGUAGES:
            work = partial(_write, write, sample_facts(language))
            _try(write.__module__, f"The mail {name}", work)


def _write(write: "Writer", facts: "MailFacts") -> None:
    from coursebook.mail.letter import Mail  # noqa: PLC0415 - as above

    mail: object = write(facts)
    if not isinstance(mail, Mail):
        raise TypeError("its function must return what booking_mail returns")


def _try(module: str, shown: str, work: Callable[[], None]) -> None:
    """Run code of an extension, and report its error with file and line."""
    from coursebook.extensions.loader import located_error  # noqa: PLC0415 - as above
    from coursebook.school.errors import report  # noqa: PLC0415

    try:
        work()
    except Exception as error:  # noqa: BLE001 - code of the school may raise anything
        report(located_error(error, module, shown))


def _summary() -> str:
    from coursebook import school  # noqa: PLC0415 - read by now
    from coursebook.extensions.loader import extensions  # noqa: PLC0415
    from coursebook.ui import i18n  # noqa: PLC0415

    names = ", ".join(extension.name for extension in extensions()) or "none"
    languages = ", ".join(i18n.LANGUAGES)
    name = school.current().name
    return f"Nothing is wrong. School: {name}. Extensions: {names}. Languages: {languages}."


def _folder() -> Path:
    from coursebook.settings import load_school_settings  # noqa: PLC0415

    return load_school_settings().school_dir
