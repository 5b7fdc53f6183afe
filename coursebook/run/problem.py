"""`CannotStart`, which ends a command with a sentence, and the settings read that way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coursebook.settings import Settings


class CannotStart(Exception):
    """Something outside the program is wrong; the message says what to do."""


def settings_or_sentence(**overrides: str) -> Settings:
    """Return the settings, with `overrides` in place of the environment's. Raises CannotStart.

    Mistakes in the school's own files are reported here too, before anything starts.
    """
    # Imported here, since `coursebook --help` imports this module and Pydantic is slow to import.
    from coursebook.school import SchoolError, read_school  # noqa: PLC0415
    from coursebook.settings import SettingsError, load_settings  # noqa: PLC0415

    try:
        settings = load_settings(**overrides)
        read_school(settings)
    except (SchoolError, SettingsError) as error:
        raise CannotStart(str(error)) from None
    return settings
