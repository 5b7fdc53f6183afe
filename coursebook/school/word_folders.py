"""The folders of texts that lie over ours, found without importing any code."""

from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from coursebook.school.brand import School

GROUP = "coursebook.extensions"
"""The entry point group of extensions that are installed as packages."""


def word_folders(school: School) -> tuple[Path, ...]:
    """Return the folders of texts, later ones over earlier ones.

    First those of installed packages, then `words` of each extension in the school's folder, and
    over them all the school's own `words`.
    """
    packages = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    folders = [*map(_of_package, packages), *_of_extensions(school.folder), school.words]
    return tuple(folder for folder in folders if folder and folder.is_dir())


def _of_package(entry: EntryPoint) -> Path | None:
    try:
        spec = find_spec(entry.module)
    except ImportError:  # reported when the extension itself is loaded
        return None
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "words" if places else None


def _of_extensions(folder: Path | None) -> list[Path]:
    modules = sorted(folder.glob("*/__init__.py")) if folder else []
    return [module.parent / "words" for module in modules]
