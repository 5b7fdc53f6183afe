"""Words of the searches, without accents or capitals, and the spellings of mistyped words.

SQLite and PostgreSQL store the same lexemes, so that both give the same results. A lexeme is a word
prefixed by a digit for its field; a word of the title has all three.
"""

import re
import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import OSA

IN_TITLE, IN_HEAD, ANYWHERE = 1, 2, 3
"""The prefixes of lexemes; a smaller one ranks higher. HEAD includes the title."""
IN_NAME, IN_CONTACT = 1, 2
"""The prefixes of lexemes: of a name, and of a mail address."""
MAX_WORDS = 8
"""Words of one search that are used; the rest is ignored."""
MAX_WORD_LENGTH = 40
MIN_LETTERS = 4
"""Shorter words are never corrected: too many others are one letter away."""
MIN_LETTERS_FOR_TWO_MISTAKES = 7
"""A word of at least this length may have two mistakes."""
PREFIXES = range(3, 9)
"""Lengths of the beginnings that spellings are indexed for."""
GRAM = 4
"""Characters in an n-gram of a script without spaces."""
ARTICLE_REST = 2
"""Minimum letters of an Arabic word besides its article; shorter words keep it."""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_RUN = re.compile(f"([{_UNSPACED}]+)")
_SIGNED = re.compile(r"([^\W\d_]+)(\+\+|[#\u266f])(?!\w)")
"""A word with a sign at its end: C++, C#."""
_SIGNS = {"++": "plusplus", "#": "sharp", "\u266f": "sharp"}
_VOICING = "\u3099\u309a"
"""The voicing marks of kana are part of the letter: ga is not ka with an accent."""
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
    """Return the words that a text is indexed by: `Graça, 2nd` gives `graca`, `2nd`.

    A script without spaces gives n-grams of four characters, so that a search finds a word inside.
    An Arabic word is indexed with and without its article; C++ also as the letter.
    """
    words = []
    for word in _plain_words(text):
        if _RUN.fullmatch(word):
            words += [word[at : at + GRAM] for at in range(len(word))]
        else:
            words += list(dict.fromkeys([word[:MAX_WORD_LENGTH], *_other_forms(word)]))
    return words


def typed_words(q: str) -> list[str]:
    """Return the words of a search, each once, at most `MAX_WORDS`.

    A long run of a script without spaces gives several n-grams, all of which must match.
    """
    words: dict[str, None] = {}
    for word in _plain_words(q):
        if _RUN.fullmatch(word) and len(word) > GRAM:
            starts = [*range(0, len(word) - GRAM, GRAM), len(word) - GRAM]
            words |= dict.fromkeys(word[at : at + GRAM] for at in starts)
        else:
            words[_without_article(word)[:MAX_WORD_LENGTH]] = None
    return list(words)[:MAX_WORDS]


def _plain_words(text: str) -> list[str]:
    """Return the words in lower case without accents, split where the script changes."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = (
        sign
        for sign in decomposed
        if not unicodedata.combining(sign) or sign in _VOICING  # accents, vowel points, tone marks
    )
    plain = "".join(map(_digit_or_same, letters)).translate(_LETTERS)
    plain = _SIGNED.sub(lambda match: f" {match[1]}{_SIGNS[match[2]]} ", plain)
    spaced = "".join(sign if _is_of_a_word(sign) else " " for sign in plain)
    return [part for word in spaced.split() for part in _RUN.split(word) if part]


def _is_of_a_word(sign: str) -> bool:
    """Return whether a character is a letter, a digit or a combining mark, as in Thai."""
    return sign.isalnum() or unicodedata.category(sign) in ("Mn", "Mc")


def _digit_or_same(sign: str) -> str:
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


def _other_forms(word: str) -> list[str]:
    """Return the further forms that a word is indexed by."""
    for spoken in ("plusplus", "sharp"):
        if word.endswith(spoken) and len(word) > len(spoken):
            return [word.removesuffix(spoken)[:MAX_WORD_LENGTH]]
    forms, form = [], word
    while (shorter := _without_article(form)) != form:  # without its hamza a word may look like one
        forms.append(shorter[:MAX_WORD_LENGTH])
        form = shorter
    return forms


def _without_article(word: str) -> str:
    """Return an Arabic word without its article and the particles attached to it."""
    match = _ARABIC_ARTICLE.match(word)
    rest = word[match.end() :] if match else ""
    return rest if len(rest) >= ARTICLE_REST else word


def lexemes_of(title: str, head: str, rest: str) -> str:
    """Return the lexemes of a course, separated by spaces."""
    in_title, in_head = set(words_of(title)), set(words_of(head))
    anywhere = in_title | in_head | set(words_of(rest))
    lexemes = {f"{ANYWHERE}{word}" for word in anywhere}
    lexemes |= {f"{IN_HEAD}{word}" for word in in_title | in_head}
    lexemes |= {f"{IN_TITLE}{word}" for word in in_title}
    return " ".join(sorted(lexemes))


def can_be_mistyped(word: str) -> bool:
    """Return whether a word is long enough to be corrected.

    Numbers and n-grams of a script without spaces are never corrected.
    """
    is_spelt = not word.isdigit() and not _RUN.fullmatch(word)
    return is_spelt and len(word) >= MIN_LETTERS


def spellings_of(word: str) -> set[str]:
    """Return the spellings that a word is indexed by: its beginnings, also less one letter."""
    spellings: set[str] = set()
    for length in PREFIXES:
        beginning = word[:length]
        spellings |= {beginning, *_less_one(beginning)}
    return {spelling for spelling in spellings if len(spelling) >= PREFIXES.start}


def spellings_to_try(typed: str) -> set[str]:
    """Return the spellings under which the intended word may be indexed."""
    if not can_be_mistyped(typed):
        return set()
    beginning = typed[: PREFIXES.stop - 1]
    spellings = {beginning, *_less_one(beginning)}
    if len(typed) >= MIN_LETTERS_FOR_TWO_MISTAKES:
        spellings |= {shorter for spelling in list(spellings) for shorter in _less_one(spelling)}
    return {spelling for spelling in spellings if len(spelling) >= PREFIXES.start}


def nearest(typed: str, candidates: Iterable[str], limit: int = 4) -> list[str]:
    """Return the candidates with the fewest mistakes, the likeliest first."""
    max_mistakes = 2 if len(typed) >= MIN_LETTERS_FOR_TWO_MISTAKES else 1
    counted = [(mistakes(typed, word), word) for word in set(candidates)]
    near = [
        (count, word[0] != typed[0], abs(len(word) - len(typed)), word)
        for count, word in counted
        if count <= max_mistakes
    ]
    least = min((count for count, *_ in near), default=0)
    return [word for count, *_, word in sorted(near) if count == least][:limit]


def mistakes(typed: str, word: str) -> int:
    """Count the wrong, missing, extra and swapped letters; `typed` may be unfinished.

    It is the optimal string alignment distance to the nearest beginning of `word`.
    """
    return min(OSA.distance(typed, word[:end]) for end in range(len(word) + 1))


def _less_one(word: str) -> set[str]:
    return {word[:n] + word[n + 1 :] for n in range(len(word))}


def person_lexemes(name: str, email: str) -> str:
    """Return the lexemes of a person, separated by spaces."""
    lexemes = {f"{IN_NAME}{word}" for token in name.split() for word in _all_words(token)}
    local, _, domain = email.partition("@")
    for part in (local, domain, email):
        lexemes |= {f"{IN_CONTACT}{word}" for word in _all_words(part)}
    return " ".join(sorted(lexemes))


def typed_person_words(q: str) -> tuple[str, ...]:
    """Return the words of a search, each once. All have to be found.

    A word keeps its letters together: `amara.l` is `amaral`, as the address is stored too.
    """
    words: dict[str, None] = {}
    for token in q.split()[:MAX_WORDS]:
        joined = _joined(token)
        words |= dict.fromkeys([joined] if joined else typed_words(token))
    return tuple(words)


def _all_words(text: str) -> set[str]:
    return {*words_of(text), _joined(text)} - {""}


def _joined(text: str) -> str:
    """Return the letters of a text in one word; "" for a script whose words have other forms."""
    words = words_of(text)
    return "".join(words)[:MAX_WORD_LENGTH] if words == typed_words(text) else ""
