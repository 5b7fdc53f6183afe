"""How a caller reads, as a dependency of the routes."""

from typing import Annotated

from fastapi import Depends, Header

from coursebook.accept_language import best_language
from coursebook.domain.reader import UNKNOWN_READER, Reader
from coursebook.mail.i18n import ENGLISH, LANGUAGES

AcceptLanguage = Annotated[
    str | None,
    Header(alias="Accept-Language", description="The language of the mails, such as `de`."),
]


async def the_reader(accept_language: AcceptLanguage = None) -> Reader:
    """Return the language of the call. Async, since a sync dependency would run in a thread."""
    if not accept_language:
        return UNKNOWN_READER
    return Reader(best_language(accept_language, LANGUAGES, ENGLISH))


TheReader = Annotated[Reader, Depends(the_reader)]
