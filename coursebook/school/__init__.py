"""What belongs to one school: its name, brand, words and files, read from SCHOOL_DIR.

`current()` is for code that runs while modules are imported, such as pages; everything that has
settings takes `read_school(settings)`.
"""

from functools import cache

from coursebook.school.brand import DEFAULT_NAME, School
from coursebook.school.errors import SchoolError
from coursebook.school.reader import read_school
from coursebook.settings import SettingsError, load_school_settings

__all__ = ["DEFAULT_NAME", "School", "SchoolError", "current", "read_school"]


@cache
def current() -> School:
    """Return the school of this process, read once. Raises SchoolError with one sentence."""
    try:
        return read_school(load_school_settings())
    except SettingsError as error:
        raise SchoolError(str(error)) from None
