"""People to book for, in words. Pure."""

from coursebook.services.manage.by_hand.known_people import KnownPerson
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.booking_panel import Option


def person_option(person: KnownPerson) -> Option:
    """Return a person to choose, with the address that tells people of one name apart."""
    return Option(
        person.user_id, " \N{MIDDLE DOT} ".join(filter(None, (person.name, person.email)))
    )


def known_count_words(count: int, language: str) -> str:
    """Return how many people were found."""
    words = i18n.manage_of(language)
    return say.counted(count, words.KNOWN_COUNT, language) if count else str(words.KNOWN_NOBODY)
