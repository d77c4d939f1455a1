"""The register of letters 发文登记簿: the questions of a session, and its change."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, insert, select

from adapters.sql.letter_tables import letters
from adapters.sql.row_questions import RowQuestions
from federation.ports.letters import KeptLetter

_COLUMNS = [letters.c[name] for name in KeptLetter._fields]


class LetterQuestions(RowQuestions):
    """`federation.ports.letters.LetterReads` inside a transaction that the store began."""

    def letter(self, kind: str, about: str) -> KeptLetter | None:
        """See `LetterReads.letter`."""
        return self._one(letters.c.kind == kind, letters.c.about == about)

    def letter_numbered(self, number: str) -> KeptLetter | None:
        """See `LetterReads.letter_numbered`."""
        return self._one(letters.c.number == number)

    def last_serial(self, code: str, year: int) -> int:
        """See `LetterReads.last_serial`."""
        query = select(func.max(letters.c.serial)).where(
            letters.c.code == code, letters.c.year == year
        )
        return int(self._connection.execute(query).scalar_one() or 0)

    def letters(self, before: int, limit: int) -> Sequence[tuple[int, KeptLetter]]:
        """See `LetterReads.letters`."""
        query = select(letters.c.letter, *_COLUMNS).order_by(letters.c.letter.desc()).limit(limit)
        if before:
            query = query.where(letters.c.letter < before)
        return [(row[0], KeptLetter(*row[1:])) for row in self._connection.execute(query)]

    def _one(self, *where: ColumnElement[bool]) -> KeptLetter | None:
        row = self._connection.execute(select(*_COLUMNS).where(*where)).one_or_none()
        return None if row is None else KeptLetter(*row)


class LetterChanges(LetterQuestions):
    """`federation.ports.letters.LetterWrites` inside the transaction of the only writer."""

    def add_letter(self, letter: KeptLetter) -> None:
        """See `LetterWrites.add_letter`."""
        self._connection.execute(insert(letters).values(letter._asdict()))
