"""Text without accents and capitals, compared in the same way by SQLite and PostgreSQL.

SQLite lowers ASCII letters only, and PostgreSQL has no function of its own that drops accents. So a
letter is folded by `fold` in Python for SQLite, and by the same table of letters for PostgreSQL.
"""

import unicodedata
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

SQLITE_NAME = "coursebook_fold"
_ALPHABETS = (range(0x41, 0x590), range(0x1E00, 0x2000))
"""Latin, Greek, Cyrillic, Armenian, and the letters with several accents."""
_OTHERS = str.maketrans("øłđħŧıß", "oldhtis")
"""Letters that Unicode does not take apart."""


@cache
def _letters() -> dict[int, int]:
    folded = {}
    for code in (code for alphabet in _ALPHABETS for code in alphabet):
        plain = unicodedata.normalize("NFD", chr(code).lower())[:1].translate(_OTHERS)
        if plain and plain != chr(code):
            folded[code] = ord(plain)
    return folded


def fold(text: str) -> str:
    """Return a text as it is compared; it has as many characters as before: "Zoë" gives "zoe"."""
    return text.translate(_letters())


class folded(GenericFunction[str]):  # noqa: N801 - SQL functions are lower case
    """The folded text of a column: `folded(col(User.name)).contains(fold(word))`."""

    type = sa.String()
    inherit_cache = True
    name = SQLITE_NAME


@compiles(folded, "postgresql")
def _on_postgres(element: Any, compiler: Any, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy
    table = _letters()
    names = "".join(map(chr, table)), "".join(map(chr, table.values()))
    text = compiler.process(element.clauses.clauses[0], **options)
    return "translate({}, '{}', '{}')".format(text, *names)


def add_to_sqlite(connection: DBAPIConnection) -> None:
    """Give a new connection of SQLite the function."""
    create: Any = connection.create_function
    create(SQLITE_NAME, 1, lambda text: text and fold(text), deterministic=True)
