"""Words as the search compares them: without accents or capitals, and how they may be mistyped.

Both kinds of database store what is made here, so that they find the same. A lexeme is a word
with a digit before it, which says where the word stands; a word of the title has all three.
"""

import re
import unicodedata
from collections.abc import Iterable

IN_TITLE, IN_HEAD, ANYWHERE = 1, 2, 3
"""How close a word is to what a course is about; smaller is closer. HEAD has the title too."""
MOST_WORDS = 8
"""Words of one search that are looked at."""
LONGEST_WORD = 40
LEAST_LETTERS = 4
"""Shorter words are not taken for mistyped: too many others are one letter away."""
TWO_MISTAKES_FROM = 7
"""Letters from which on a word may have two mistakes."""
PREFIXES = range(3, 9)
"""How much of a word may have been typed when its spelling is first looked at."""
_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, plain: `Graça, 2nd` gives `graca`, `2nd`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return [word[:LONGEST_WORD] for word in _WORD.findall(plain.translate(_LETTERS))]


def typed_words(q: str) -> list[str]:
    """Return the words of a search, each once, at most `MOST_WORDS`."""
    return list(dict.fromkeys(words_of(q)))[:MOST_WORDS]


def lexemes_of(title: str, head: str, rest: str) -> str:
    """Return the lexemes of a course, with a space between."""
    in_title, in_head = set(words_of(title)), set(words_of(head))
    whole = in_title | in_head | set(words_of(rest))
    found = {f"{ANYWHERE}{word}" for word in whole}
    found |= {f"{IN_HEAD}{word}" for word in in_title | in_head}
    found |= {f"{IN_TITLE}{word}" for word in in_title}
    return " ".join(sorted(found))


def can_be_mistyped(word: str) -> bool:
    """Tell whether a word is long enough to recognise it with a mistake; numbers never are."""
    return len(word) >= LEAST_LETTERS and not word.isdigit()


def spellings_of(word: str) -> set[str]:
    """Return under which spellings a word is kept: each of its beginnings, also less one letter."""
    found: set[str] = set()
    for length in PREFIXES:
        beginning = word[:length]
        found |= {beginning, *_less_one(beginning)}
    return {spelling for spelling in found if len(spelling) >= PREFIXES.start}


def spellings_to_try(typed: str) -> set[str]:
    """Return under which spellings the word may be kept that somebody meant."""
    if not can_be_mistyped(typed):
        return set()
    beginning = typed[: PREFIXES.stop - 1]
    found = {beginning, *_less_one(beginning)}
    if len(typed) >= TWO_MISTAKES_FROM:
        found |= {shorter for one in list(found) for shorter in _less_one(one)}
    return {spelling for spelling in found if len(spelling) >= PREFIXES.start}


def nearest(typed: str, known: Iterable[str], most: int = 4) -> list[str]:
    """Return the known words that may have been meant, the likeliest first."""
    allowed = 2 if len(typed) >= TWO_MISTAKES_FROM else 1
    judged = [(mistakes(typed, word), word) for word in set(known)]
    near = [
        (count, word[0] != typed[0], abs(len(word) - len(typed)), word)
        for count, word in judged
        if count <= allowed
    ]
    least = min((count for count, *_ in near), default=0)
    return [word for count, *_, word in sorted(near) if count == least][:most]


def mistakes(typed: str, word: str) -> int:
    """Count the letters that are wrong, missing, too many or swapped, as if typing went on.

    The distance of Damerau and Levenshtein between `typed` and the beginning of `word` that is
    nearest to it.
    """
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, letter in enumerate(typed, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(word, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return min(row)


def _less_one(word: str) -> set[str]:
    return {word[:n] + word[n + 1 :] for n in range(len(word))}
