"""What two persons say of rows that a rule refuses or holds (F12-F14, F33, F53, NE4; V9).

Each of these words publishes what a rule held back, so that it widens what is listed: all of them
ask two persons and a reason. The word is about the file as it is read: it names the digest of its
bytes, and of the mapping that is given with it. It is kept in the journal, and used up, before the
first row is published. A dry run asks nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Final

from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.intake import feed
from federation.life.life import SIMILAR
from federation.persons import Sort, read_word, rows_body
from federation.ports.journal import FileWord
from federation.ports.store import Store
from node.log.writer import Writer
from node.persons.roster import Persons

TWO_PERSONS: Final = "rows.two-persons"
ONE_SUBJECT: Final = "one-subject"
TWO_RECORDS: Final = "two-records"
OTHER_SUBJECTS: Final = "other-subjects"
OTHER_NAMES: Final = "other-names"
MUCH_ABSENT: Final = "much-absent"
CONFIRMED: Final = "confirmed"
WORD_OF: Final[Mapping[str, str]] = {
    SIMILAR: TWO_RECORDS,
    feed.RELIEVED_ROW: TWO_RECORDS,
    feed.OTHER_SUBJECT: OTHER_SUBJECTS,
    feed.OTHER_NAME: OTHER_NAMES,
    feed.SECOND_PERSON: CONFIRMED,
}
"""What is said of each row, not of the file, by the code with which it waits."""
_OF_ROWS: Final = frozenset(WORD_OF.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWords:
    """What is said of the rows of a file, and by whom."""

    one_subject: bool = False
    """Nearly all rows do go to one subject (F12)."""
    two_records: bool = False
    """Rows held by F13 or F33 are no relieved record."""
    other_subjects: bool = False
    """Many rows do name other subjects now (F14)."""
    other_names: bool = False
    """Subjects do bear the names of the rows, of which the library knows none (F53)."""
    much_absent: bool = False
    """Much is rightly absent from a full export (NE4)."""
    confirmed: bool = False
    """Rows that wait for nothing else are to be published (F58)."""
    by: tuple[str, ...] = ()
    reason: str = ""
    note: str = ""
    """What the persons signed; empty where the node names none."""
    resumed: bool = False
    """Whether it was heard before, for this very act that was interrupted: it counts again."""
    seen: str = ""
    """Digest of the rows that waited when the file was tried; see `node.intake.waiting_rows`."""
    shown: Mapping[str, frozenset[int]] | None = None
    """By the word the numbers of the rows that waited for it when they were shown; None: that is
    compared with `seen`."""
    seen_at: Timestamp = Timestamp(0)
    """When the rows were shown, seconds UTC; 0: nobody noted it."""

    @property
    def says(self) -> tuple[str, ...]:
        """What is said, by the word; empty where nothing is."""
        named = {
            ONE_SUBJECT: self.one_subject,
            TWO_RECORDS: self.two_records,
            OTHER_SUBJECTS: self.other_subjects,
            OTHER_NAMES: self.other_names,
            MUCH_ABSENT: self.much_absent,
            CONFIRMED: self.confirmed,
        }
        return tuple(word for word, said in named.items() if said)

    @property
    def of_rows(self) -> bool:
        """Whether anything is said of rows."""
        return any(word in _OF_ROWS for word in self.says)

    @property
    def said_at(self) -> Timestamp:
        """Up to when those who say it may have looked: 0 where it is said at this moment.

        Raises:
            RefusedError: `person.note`.
        """
        return self.seen_at or (read_word(self.note).at if self.note else Timestamp(0))

    def covers(self, word: str, row: int) -> bool:
        """Whether a word, where it is said, is about the row of this number."""
        return self.shown is None or row in self.shown.get(word, ())

    def vouch(self, row: int) -> bool:
        """Whether two persons looked at the row of this number, whatever it waited for (F58)."""
        return any(word in _OF_ROWS and self.covers(word, row) for word in self.says)


NO_WORDS: Final = RowWords()


def words_of_file(
    digest: str, *, list_type: str, mapping: str, source: str, words: RowWords
) -> str:
    """The body that two persons sign.

    Args:
        digest: SHA-256 of the file, in hexadecimal (`digest_of`).
        list_type: as it is given with the request, likewise the source.
        mapping: path of the mapping file that is given, the name of a built-in one, or empty.
        source: see there.
        words: what is said.

    Raises:
        RefusedError: `rows.two-persons`: no reason is given.
    """
    own = Path(mapping) if mapping and Path(mapping).is_file() else None
    return rows_body(
        file=digest,
        list_type=list_type,
        mapping=mapping if own is None else digest_of(own),
        source=source,
        says=words.says,
        reason=given(words.reason),
        rows=words.seen,
    )


def given(reason: str) -> str:
    """The reason, without blanks around it.

    Raises:
        RefusedError: `rows.two-persons`: there is none.
    """
    if not (found := reason.strip()):
        raise RefusedError(TWO_PERSONS, "expected two persons and a reason, got no reason")
    return found


class RowHearing:
    """Hears what is said of files, and keeps it; any thread but the writer's, blocks."""

    def __init__(
        self, *, persons: Persons, store: Store, writer: Writer, now: Callable[[], Timestamp]
    ) -> None:
        """Wire it."""
        self._persons = persons
        self._store = store
        self._writer = writer
        self._now = now

    @property
    def named(self) -> int:
        """How many persons the node names."""
        return len(self._persons.keys)

    def hear(
        self, digest: str, *, list_type: str, mapping: str, source: str, words: RowWords
    ) -> tuple[str, ...]:
        """Hear and keep what is said of a file, before its rows are published.

        `digest` is that of the bytes that were read; see `words_of_file`.

        Returns:
            The persons; nobody where nothing is said.

        Raises:
            RefusedError: `rows.two-persons`, `person.…`.
        """
        if not words.says:
            return ()
        body = words_of_file(
            digest, list_type=list_type, mapping=mapping, source=source, words=words
        )
        heard: list[str] = []

        def job() -> None:
            with self._store.write() as session:
                before = list(session.words())
                again = words.resumed and words.note in before
                agreed = self._persons.agreed(
                    words.by,
                    words.note,
                    Sort.ROWS,
                    body,
                    code=TWO_PERSONS,
                    words=None if again else before,
                )
                if again:
                    heard[:] = agreed.persons
                    return
                said = FileWord.signed(self._now(), body, agreed.persons)
                session.append_journal([said.entry()])
                if agreed.note:
                    session.put_word(self._now(), agreed.note)
                heard[:] = agreed.persons

        self._writer.submit(job).result()
        return tuple(heard)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
