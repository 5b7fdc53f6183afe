"""Finds the extensions and imports them, once in each process that asks for them."""

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from coursebook import school
from coursebook.domain.course_fields import CourseField
from coursebook.extensions.declaration import Extension, ExtensionError
from coursebook.mail.messages import Writer
from coursebook.payments.event_targets import EventTarget
from coursebook.school.errors import report
from coursebook.school.word_folders import GROUP

PACKAGE = "coursebook_school"
"""The package that the folders in SCHOOL_DIR are modules of, whatever that folder is called."""
ATTRIBUTE = "extension"
Load = Callable[[], tuple[Extension, Path]]
"""Imports an extension; returns it with its file. Raises ExtensionError."""


@cache
def extensions() -> tuple[Extension, ...]:
    """Return the extensions: installed packages first, then those of the school, by name.

    Importing one with pages imports Reflex. Reports ExtensionErrors.
    """
    located = []
    for load in (*_installed(), *_in_folder(school.current().folder)):
        try:
            located.append(load())
        except ExtensionError as error:
            report(error)
    places: dict[str, Path] = {}
    for extension, path in located:
        if extension.name in places:
            sentence = (
                f"{_shown(path)}: {_shown(places[extension.name])} is called {extension.name} too; "
                "give the extension another name."
            )
            report(ExtensionError(sentence))
        places[extension.name] = path
    _check_fields(located)
    return tuple(extension for extension, _ in located)


def course_fields() -> tuple[CourseField, ...]:
    """Return the fields that extensions add to every course. Raises ExtensionError."""
    return tuple(declared for extension in extensions() for declared in extension.fields)


def mails() -> dict[str, Writer]:
    """Return the functions that write the mails of all extensions, by the names of the mails."""
    return {name: write for extension in extensions() for name, write in extension.mails.items()}


def payment_events() -> dict[str, EventTarget]:
    """Return the payment events of all extensions, with what to fetch after each."""
    return {
        event: target
        for extension in extensions()
        for event, target in extension.payment_events.items()
    }


def source_folders() -> tuple[Path, ...]:
    """Return the folders of all installed extensions, without importing them."""
    folders = []
    for entry in _entries():
        try:
            spec = find_spec(entry.module)
        except ImportError:
            continue  # reported when it is loaded
        if spec and spec.origin:
            folders.append(Path(spec.origin).parent)
    return tuple(folders)


def _check_fields(located: Sequence[tuple[Extension, Path]]) -> None:
    owners: dict[str, str] = {}
    for extension, path in located:
        for declared in extension.fields:
            if declared.name in owners:
                sentence = (
                    f"{_shown(path)}: {owners[declared.name]} has a field {declared.name} already; "
                    "give the field another name."
                )
                report(ExtensionError(sentence))
            owners[declared.name] = extension.name


def _entries() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda entry: entry.name)


def _installed() -> Iterator[Load]:
    yield from (partial(_load_installed, entry) for entry in _entries())


def _load_installed(entry: EntryPoint) -> tuple[Extension, Path]:
    module = _imported(entry.module, f"The package of the extension {entry.name}")
    return _extension_of(module, entry.attr or ATTRIBUTE)


def _in_folder(folder: Path | None) -> Iterator[Load]:
    files = sorted(folder.glob("*/__init__.py")) if folder else []
    if folder is None or not files:
        return
    package = ModuleType(PACKAGE)
    package.__path__ = [str(folder)]
    sys.modules.setdefault(PACKAGE, package)
    yield from (partial(_load_file, file) for file in files)


def _load_file(file: Path) -> tuple[Extension, Path]:
    if not file.parent.name.isidentifier():
        raise ExtensionError(
            f"{_shown(file.parent)}: the name of the folder must be one that Python can import, "
            "such as open_days."
        )
    module = _imported(f"{PACKAGE}.{file.parent.name}", _shown(file))
    return _extension_of(module, ATTRIBUTE)


def _extension_of(module: ModuleType, attribute: str) -> tuple[Extension, Path]:
    path = Path(module.__file__ or module.__name__)
    extension = getattr(module, attribute, None)
    if not isinstance(extension, Extension):
        raise ExtensionError(
            f"{_shown(path)}: there is no extension; end the file with "
            f"`{attribute} = Extension(name=…)`."
        )
    return extension, path


def _imported(name: str, shown: str) -> ModuleType:
    """Return the module. Raises ExtensionError with the line that is wrong."""
    try:
        return import_module(name)
    except SyntaxError as error:
        place = f"{_shown(Path(error.filename or shown))}, line {error.lineno}"
        raise ExtensionError(f"{place}: {error.msg}.") from error
    except Exception as error:  # code of an extension may raise anything
        raise located_error(error, name, shown) from error


def located_error(error: Exception, module: str, shown: str) -> ExtensionError:
    """Return an error of an extension's code with its file and line; else with `shown`."""
    return ExtensionError(f"{_place_of(error, module) or shown}: {_sentence_of(error)}")


def _place_of(error: Exception, name: str) -> str:
    """Return the file and line of the extension where the error came from; "" if not there."""
    spec = sys.modules.get(name) or _spec_of(name)
    origin = getattr(spec, "__file__", None) or getattr(spec, "origin", None)
    if not origin:
        return ""
    frames: Sequence[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if Path(f.filename).is_relative_to(Path(origin).parent)]
    return f"{_shown(Path(own[-1].filename))}, line {own[-1].lineno}" if own else ""


def _spec_of(name: str) -> object:
    try:
        return find_spec(name)
    except (ImportError, ValueError):
        return None


def _sentence_of(error: Exception) -> str:
    """Return the error as a sentence. Our own errors are already sentences."""
    text = str(error) or type(error).__name__
    is_ours = type(error).__module__.startswith("coursebook.")
    return text if is_ours else f"{type(error).__name__}: {text.rstrip('.')}."


def _shown(path: Path) -> str:
    """Return a path as people write it: from where the program runs, if it is below that."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
