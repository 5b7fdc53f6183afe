"""Turn the words of a search into terms, with mistyped words corrected."""

from coursebook.domain.search import typed_words
from coursebook.persistence.course_search.index import Terms
from coursebook.persistence.unit_of_work import UnitOfWork


async def understood(work: UnitOfWork, q: str) -> tuple[Terms | None, str]:
    """Return the search terms, and the corrected words ("" when nothing was corrected).

    A word that begins no word of any course is replaced by the nearest indexed ones. The terms are
    None when the search has no words, only signs.
    """
    if not q.strip():
        return (), ""
    terms, read = [], []
    for word in typed_words(q):
        words = (word,) if await work.word_search.is_known(word) else await _meant(work, word)
        terms.append(words)
        read.append(words[0])
    if not terms:
        return None, ""
    is_as_typed = all(words == (word,) for words, word in zip(terms, typed_words(q), strict=True))
    return tuple(terms), "" if is_as_typed else " ".join(read)


def any_of(terms: Terms) -> Terms:
    """Return terms that match when any one of the words does."""
    return (tuple(word for words in terms for word in words),)


async def _meant(work: UnitOfWork, word: str) -> tuple[str, ...]:
    return tuple(await work.word_search.meant(word)) or (word,)
