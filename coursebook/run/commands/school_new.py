"""`coursebook school new`: a folder of a school that works, to be changed."""

import shutil
from pathlib import Path

from coursebook.run.problem import CannotStart
from coursebook.settings import SettingsError, load_school_settings

TEMPLATE = Path(__file__).parent / "school_template"


def new_school(folder: Path | None) -> None:
    """Write the files, and print what to do next. Raises CannotStart, and overwrites nothing.

    Without a folder it is SCHOOL_DIR.
    """
    try:
        usual = load_school_settings().school_dir.resolve()
    except SettingsError as error:
        raise CannotStart(str(error)) from None
    target = (folder or usual).resolve()
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise CannotStart(f"{_shown(target)} is there already; nothing was written.")
    try:
        shutil.copytree(
            TEMPLATE,
            target,
            ignore=shutil.ignore_patterns("__pycache__"),
            copy_function=shutil.copyfile,  # an installed package may be read-only
            dirs_exist_ok=True,
        )
    except OSError as error:
        raise CannotStart(f"{_shown(target)} cannot be written: {error}.") from None
    print(_next_steps(target, is_usual=target == usual))


def _next_steps(target: Path, *, is_usual: bool) -> str:
    shown = _shown(target)
    setting = "" if is_usual else f"  set SCHOOL_DIR={shown} in .env, so that it is read\n"
    argument = "" if is_usual else f" {shown}"
    return (
        f"{shown} is a school with a page, a field, a mail, a language and a test. Next:\n"
        f"{setting}"
        f"  edit {shown}/school.toml: name, colours, logo (docs/brand.md)\n"
        f"  edit {shown}/about: the page, the field and the mail (docs/extend.md)\n"
        f"  coursebook school check{argument}\n"
        f"  python -m pytest {shown}    (pip install pytest)\n"
        "  coursebook run"
    )


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
