"""The settings, for commands: a bad one ends the command with its sentence."""

from coursebook.run.problem import CannotStart
from coursebook.settings import Settings, SettingsError, load_settings


def settings_or_sentence(**known: str) -> Settings:
    """Read the settings, with what is `known` already. Raises CannotStart with a sentence."""
    try:
        return load_settings(**known)
    except SettingsError as problem:
        raise CannotStart(str(problem)) from None
