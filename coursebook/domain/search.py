"""Words as the search compares them: without accents or capitals, and how they may be mistyped.

Both kinds of database store what is made here, so that they find the same. A lexeme is a word
with a digit before it, which says where the word stands; a word of the title has all three.
"""

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import OSA

IN_TITLE, IN_HEAD, ANYWHERE = 1, 2, 3
"""How close a word is to what a course is about; smaller is closer. HEAD has the title too."""
MAX_WORDS = 8
"""Words of one search that are looked at."""
MAX_WORD_LENGTH = 40
MIN_LETTERS = 4
"""Shorter words are not taken for mistyped: too many others are one letter away."""
MIN_LETTERS_FOR_TWO_MISTAKES = 7
"""Letters from which on a word may have two mistakes."""
PREFIXES = range(3, 9)
"""How much of a word may have been typed when its spelling is first looked at."""
GRAM = 4
"""Signs of a script without spaces that are kept together: each four that follow one another."""
ARTICLE_REST = 2
"""Letters that an Arabic word must have beside its article; shorter ones keep it."""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_RUN = re.compile(f"([{_UNSPACED}]+)")
_SIGNED = re.compile(r"([^\W\d_]+)(\+\+|[#\u266f])(?!\w)")
"""A word that a sign belongs to: C++, C#."""
_SIGNS = {"++": "plusplus", "#": "sharp", "\u266f": "sharp"}
_VOICING = "\u3099\u309a"
"""The marks of kana that make another sound: ga is no ka with an accent."""
_LETTERS = {
    **str.maketrans("øłđðıħŧŋ", "olddihtn"),
    ord("æ"): "ae",
    ord("œ"): "oe",
    ord("þ"): "th",
    **str.maketrans("ىةکی", "يهكي", "ـ"),
    **{sign: sign - 0x60 for sign in range(0x30A1, 0x30F7)},  # katakana to hiragana
}
_ARABIC_ARTICLE = re.compile(r"[وف]?(?:[بك]?ال|لل)")


def words_of(text: str) -> list[str]:
    """Return the words of a text under which it is found: `Graça, 2nd` gives `graca`, `2nd`.

    A script without spaces gives every four signs that follow one another, so that a search finds
    a word inside. An Arabic word is kept with its article and without; C++ also as the letter.
    """
    found = []
    for word in _plain_words(text):
        if _RUN.fullmatch(word):
            found += [word[at : at + GRAM] for at in range(len(word))]
        else:
            found += list(dict.fromkeys([word[:MAX_WORD_LENGTH], *_other_forms(word)]))
    return found


def typed_words(q: str) -> list[str]:
    """Return the words of a search, each once, at most `MAX_WORDS`.

    A long run of a script without spaces gives pieces that must all be there.
    """
    found: dict[str, None] = {}
    for word in _plain_words(q):
        if _RUN.fullmatch(word) and len(word) > GRAM:
            starts = [*range(0, len(word) - GRAM, GRAM), len(word) - GRAM]
            found |= dict.fromkeys(word[at : at + GRAM] for at in starts)
        else:
            found[_without_article(word)[:MAX_WORD_LENGTH]] = None
    return list(found)[:MAX_WORDS]


def _plain_words(text: str) -> list[str]:
    """Return the words in small letters without accents, split where the way of writing changes."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = (
        sign
        for sign in apart
        if not unicodedata.combining(sign) or sign in _VOICING  # accents, vowel points, tone marks
    )
    plain = "".join(map(_digit_or_same, kept)).translate(_LETTERS)
    plain = _SIGNED.sub(lambda found: f" {found[1]}{_SIGNS[found[2]]} ", plain)
    spaced = "".join(sign if _is_of_a_word(sign) else " " for sign in plain)
    return [part for word in spaced.split() for part in _RUN.split(word) if part]


def _is_of_a_word(sign: str) -> bool:
    """Tell whether a sign is a letter, a digit or a mark that belongs to one, as in Thai."""
    return sign.isalnum() or unicodedata.category(sign) in ("Mn", "Mc")


def _digit_or_same(sign: str) -> str:
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


def _other_forms(word: str) -> list[str]:
    """Return what a word is kept as beside itself."""
    for spoken in ("plusplus", "sharp"):
        if word.endswith(spoken) and len(word) > len(spoken):
            return [word.removesuffix(spoken)[:MAX_WORD_LENGTH]]
    forms, form = [], word
    while (shorter := _without_article(form)) != form:  # without its hamza a word may look like one
        forms.append(shorter[:MAX_WORD_LENGTH])
        form = shorter
    return forms


def _without_article(word: str) -> str:
    """Return an Arabic word without its article and what is written together with that."""
    found = _ARABIC_ARTICLE.match(word)
    rest = word[found.end() :] if found else ""
    return rest if len(rest) >= ARTICLE_REST else word


def lexemes_of(title: str, head: str, rest: str) -> str:
    """Return the lexemes of a course, with a space between."""
    in_title, in_head = set(words_of(title)), set(words_of(head))
    whole = in_title | in_head | set(words_of(rest))
    found = {f"{ANYWHERE}{word}" for word in whole}
    found |= {f"{IN_HEAD}{word}" for word in in_title | in_head}
    found |= {f"{IN_TITLE}{word}" for word in in_title}
    return " ".join(sorted(found))


def can_be_mistyped(word: str) -> bool:
    """Tell whether a word is long enough to recognise it with a mistake.

    Numbers never are, nor are pieces of a script without spaces.
    """
    is_spelt = not word.isdigit() and not _RUN.fullmatch(word)
    return is_spelt and len(word) >= MIN_LETTERS


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
    if len(typed) >= MIN_LETTERS_FOR_TWO_MISTAKES:
        found |= {shorter for one in list(found) for shorter in _less_one(one)}
    return {spelling for spelling in found if len(spelling) >= PREFIXES.start}


def nearest(typed: str, known: Iterable[str], most: int = 4) -> list[str]:
    """Return the known words that may have been meant, the likeliest first."""
    allowed = 2 if len(typed) >= MIN_LETTERS_FOR_TWO_MISTAKES else 1
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

    The optimal string alignment distance between `typed` and the nearest beginning of `word`.
    """
    return min(OSA.distance(typed, word[:end]) for end in range(len(word) + 1))


def _less_one(word: str) -> set[str]:
    return {word[:n] + word[n + 1 :] for n in range(len(word))}
