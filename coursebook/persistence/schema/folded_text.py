"""Text without accents and capitals, compared in the same way by SQLite and PostgreSQL.

SQLite lowers ASCII letters only, so a text is folded by `fold` in Python there. PostgreSQL takes
letters apart, drops their accents and lowers them by functions of its own: a table of all letters
in `translate` took 0.3 ms for each name.
"""

import unicodedata
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

SQLITE_NAME = "coursebook_fold"
_ACCENTS = dict.fromkeys(range(0x0300, 0x0370))
_GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς", "αβγδεζηθικλμνξοπρστυφχψωσ"
_CYRILLIC = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", "абвгдежзиклмнопрстуфхцчшщъыьэюя"
_LATIN = "ØøŁłĐđĦħŦŧÆæŒœẞßı", "oollddhhttææœœssi"
_FROM, _TO = ("".join(pair) for pair in zip(_GREEK, _CYRILLIC, _LATIN, strict=True))
"""Letters that Unicode does not take apart, and capitals: the collation C lowers ASCII only."""
_LETTERS = str.maketrans(_FROM, _TO)


def fold(text: str) -> str:
    """Return a text as it is compared: "Zoë" gives "zoe"."""
    plain = unicodedata.normalize("NFD", text).translate(_ACCENTS)
    return plain.lower().translate(_LETTERS)


class folded(GenericFunction[str]):  # noqa: N801 - SQL functions are lower case
    """The folded text of a column: `folded(col(User.name)).contains(fold(word))`."""

    type = sa.String()
    inherit_cache = True
    name = SQLITE_NAME


@compiles(folded, "postgresql")
def _on_postgres(element: Any, compiler: Any, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy
    text = compiler.process(element.clauses.clauses[0], **options)
    plain = f"regexp_replace(normalize({text}, NFD), '[\u0300-\u036f]', '', 'g')"
    letters = f"translate(lower({plain}), '{_FROM}', '{_TO}')"
    is_ascii = f"octet_length({text}) = char_length({text})"
    return f"CASE WHEN {is_ascii} THEN lower({text}) ELSE {letters} END"


def add_to_sqlite(connection: DBAPIConnection) -> None:
    """Give a new connection of SQLite the function."""
    create: Any = connection.create_function
    create(SQLITE_NAME, 1, lambda text: text and fold(text), deterministic=True)
