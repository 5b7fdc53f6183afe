"""The settings, for commands: a bad one ends the command with its sentence."""

from coursebook.run.problem import CannotStart
from coursebook.settings import Settings, SettingsError, load_settings


def settings_or_sentence() -> Settings:
    """Read the settings. Raises CannotStart naming the variable that is wrong."""
    try:
        return load_settings()
    except SettingsError as problem:
        raise CannotStart(str(problem)) from None
