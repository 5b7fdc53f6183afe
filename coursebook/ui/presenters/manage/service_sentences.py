"""Sentences of the services about values of a course, in the language of the page. Pure.

The services speak English, and their sentences have parts such as a number or a label. `SAYING` has
each of them with names for its parts.
"""

import re
from collections.abc import Mapping
from functools import cache

from coursebook.ui import i18n

LABELS = {
    "teacher": "instructor",
    "place": "place_name",
    "address": "place_address",
    "information for attendees": "attendee_info",
}
"""The names of labels whose English word is another."""


def sentence_in(detail: str, language: str) -> str:
    """Return a sentence of a service in a language; unchanged if nobody has translated it."""
    if language == i18n.ENGLISH:
        return detail
    sayings = i18n.manage_of(language).SAYING
    for name, pattern in _patterns().items():
        match = pattern.fullmatch(detail)
        if match is not None:
            parts = {key: _part(key, text, language) for key, text in match.groupdict().items()}
            return str(sayings[name].format(**parts))
    return i18n.text_of(detail, language)


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    english = i18n.manage_of(i18n.ENGLISH).SAYING
    return {name: re.compile(_pattern_of(text)) for name, text in english.items()}


def _pattern_of(text: str) -> str:
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(text))


def _part(key: str, text: str, language: str) -> str:
    """Return a part of a sentence; a label in the language of the page."""
    if key != "label":
        return text
    english = i18n.manage_of(i18n.ENGLISH).LABEL
    named = {word.lower(): name for name, word in english.items()} | LABELS
    return str(i18n.manage_of(language).LABEL.get(named.get(text, text), text))
