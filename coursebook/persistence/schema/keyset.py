"""Keyset pagination: the rows after a key, as one row comparison.

`(a, b) < (x, y)` is one condition on an index over `(a, b)`. With OR instead, PostgreSQL reads all
rows before the page and sorts them.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm.attributes import InstrumentedAttribute
from sqlmodel import col

Key = tuple[datetime, str]
"""The moment and the id of the last row of a page."""


def below(moment: datetime, row_id: str, key: Key) -> sa.ColumnElement[bool]:
    """Return the condition for rows that come after `key` in descending order."""
    return _row(moment, row_id) < _values(moment, row_id, key)


def above(moment: datetime, row_id: str, key: Key) -> sa.ColumnElement[bool]:
    """Return the condition for rows that come after `key` in ascending order."""
    return _row(moment, row_id) > _values(moment, row_id, key)


def _row(moment: datetime, row_id: str) -> sa.ColumnElement[tuple[datetime, str]]:
    return sa.tuple_(col(moment), col(row_id))


def _values(moment: datetime, row_id: str, key: Key) -> sa.ColumnElement[tuple[datetime, str]]:
    column_types = (_type_of(moment), _type_of(row_id))
    return sa.tuple_(
        *(
            sa.literal(value, column_type)
            for value, column_type in zip(key, column_types, strict=True)
        )
    )


def _type_of(attribute: object) -> sa.types.TypeEngine[object]:
    assert isinstance(attribute, InstrumentedAttribute)
    column_type: sa.types.TypeEngine[object] = attribute.type
    return column_type
