"""What the register of letters 发文登记簿 needs of a store, beside `federation.ports.store`.

An attacker who controls this can give letters other numbers; of subjects it holds nothing but the
ids of statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from federation.ids import Timestamp


class KeptLetter(NamedTuple):
    """A letter that was given its number."""

    kind: str
    """See `federation.letters.LetterKind`."""
    about: str
    """What it is about: id of a statement, number of a campaign, id of an edition."""
    number: str
    """文号."""
    code: str
    """机关代字; empty where the number has another form."""
    year: int
    serial: int
    issued_at: Timestamp
    prepared: str
    """Who prepared it 经办, with unit and post as of that moment; empty: not recorded."""
    prepared_unit: str
    prepared_post: str
    person: str
    """Who issued it 签发."""
    unit: str
    post: str


class LetterReads(Protocol):
    """The questions."""

    def letter(self, kind: str, about: str) -> KeptLetter | None:
        """The letter of a kind about something."""
        ...

    def letter_numbered(self, number: str) -> KeptLetter | None:
        """The letter that has a number."""
        ...

    def last_serial(self, code: str, year: int) -> int:
        """The highest serial of a code in a year; 0: none."""
        ...

    def letters(self, before: int, limit: int) -> Sequence[tuple[int, KeptLetter]]:
        """Letters with their places in the register, the newest first.

        Args:
            before: place above which none is wanted; 0: all.
            limit: at most so many.
        """
        ...


class LetterWrites(LetterReads, Protocol):
    """The change; none is ever taken out."""

    def add_letter(self, letter: KeptLetter) -> None:
        """Keep a letter.

        Raises:
            ConflictError: its number, or what it is about, is there already.
        """
        ...
