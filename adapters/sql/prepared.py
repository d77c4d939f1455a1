"""Statements that are made once and then given to the driver as text.

For what is asked at each statement, frame or tick: SQLAlchemy takes 20 to 60 µs to run a statement
that the database answers in one. What is asked now and then goes through it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ClauseElement, make_url

Values = Mapping[str, object]
NO_VALUES: Final[Values] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Text:
    """A statement as one driver takes it."""

    sql: str
    own: Values
    """What the statement itself gives, such as a limit."""

    def with_own(self, values: Values) -> Values:
        """All that it takes, by name."""
        return {**self.own, **values}


class Prepared:
    """A statement of the schema; its `bindparam`s are what is given each time, by name."""

    def __init__(self, statement: ClauseElement) -> None:
        """Take a question or a change; it is compiled when it is first used."""
        self._statement = statement

    @cached_property
    def sqlite(self) -> Text:
        """For `sqlite3`."""
        return self._compiled("sqlite+pysqlite://", "named")

    @cached_property
    def postgresql(self) -> Text:
        """For psycopg 3."""
        return self._compiled("postgresql+psycopg://", "pyformat")

    def _compiled(self, url: str, style: str) -> Text:
        dialect: Any = make_url(url).get_dialect()
        compiled = self._statement.compile(dialect=dialect(paramstyle=style))
        own = {name: value for name, value in compiled.params.items() if value is not None}
        return Text(sql=str(compiled), own=own)
