"""What a relief or relisting means for all else that is held of its record, now and later.

A relief sets suppression tags, for its record and so for copies of it that come later, and what is
similar to the record is held until persons have looked (L14); a relisting lifts both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.state.keyring import KeyRing
from federation.comparison import Spelt
from federation.facts import PayloadFacts
from federation.ids import Timestamp
from federation.life.life import SIMILAR, STANDING
from federation.life.reading import ReadStatement
from federation.life.settling import Changes
from federation.life.suppression import RECORD_DIFFERS, SUPPRESSED
from federation.ports.journal import JournalEntry, ToldApart, pair
from federation.ports.store import ReadSession, WriteSession
from federation.rows import ADVERSE_KINDS, LISTED_KINDS, OpeningStatus, StatementRow
from federation.statements import Kind
from node.log.chains import suppressed_records
from node.log.holds import Holds
from node.log.redelivery import changed
from node.log.relieved_tags import RelievedTags


class RelievedRecords:
    """Sets and lifts what ends a record, and has read again what that reaches."""

    def __init__(
        self,
        *,
        keyring: KeyRing,
        holds: Holds,
        tags: RelievedTags,
        now: Callable[[], Timestamp],
        read_rows_again: Callable[[WriteSession, Sequence[StatementRow]], None],
    ) -> None:
        """Wire it; `read_rows_again` derives rows of any logs again (`node.log.ledger`)."""
        self._keyring = keyring
        self._holds = holds
        self._now = now
        self._read_rows_again = read_rows_again
        self.tags = tags
        """Makes the tags of relieved records."""

    def record(
        self, session: WriteSession, statements: Sequence[ReadStatement], changes: Changes
    ) -> None:
        """Write what follows from the changes: rows, tags, redelivery."""
        relistings = [s.row for s in statements if s.row.kind == Kind.RELISTING]
        if not (changes.replaces or changes.relieved or relistings):
            return
        changed(session, self._holds.hold(session, changes.replaces, statements))
        said = {(s.row.log, s.row.idx): s.facts for s in statements}
        entries: list[JournalEntry] = []
        ended: list[StatementRow] = []
        for row in changes.relieved:
            record = self.record_of(session, row, said.get((row.log, row.idx)))
            if record and (row.log, row.idx) not in self.ending(session, record):
                entries += self.tags.ended(row, record, until=self._lasting(session, row))
                ended.append(row)
        for row in changes.relisted:
            entries += self.tags.lifted(row, said[row.log, row.idx].spelt)
        session.append_journal(entries)
        self._ask_tags(session, ended, relistings)
        self.hold_similar(session, [*changes.relieved, *changes.relisted])

    @staticmethod
    def _lasting(session: ReadSession, relief: StatementRow) -> int:
        """Last day of what a relief ended: its own, or a later one of a listing that is held.

        0 where one of them never ends: an end that a relief states too early revives nothing.
        """
        tags = [relief.record_tag] if relief.record_tag is not None else []
        listings = session.rows_by_record(tags, LISTED_KINDS)
        lasting = [relief.until, *(row.until for row in listings if row.until or _is_read(row))]
        if 0 in lasting:
            return 0
        return max(lasting)

    def _ask_tags(
        self,
        session: WriteSession,
        ended: Sequence[StatementRow],
        relistings: Sequence[StatementRow],
    ) -> None:
        """Read listings again that a new tag may end, or whose tag may reach nothing any more.

        So they come to the same as those that are read when the tag is there already.
        """
        set_now = {row.record_tag for row in ended}
        revoked = {row.record_tag for row in relistings} - {None}
        tags = sorted(tag for tag in set_now | revoked if tag is not None)
        self._read_rows_again(
            session,
            [
                row
                for row in (session.rows_by_record(tags, LISTED_KINDS) if tags else ())
                if (row.record_tag in set_now and row.state in STANDING)
                or (row.record_tag in revoked and row.rule == SUPPRESSED)
            ],
        )

    def ending(self, session: ReadSession, record: Spelt) -> Sequence[tuple[int, int]]:
        """The reliefs, by log and index, of the suppression tags that stand for a record."""
        return suppressed_records(session, self._keyring, [record]).get(record.key, ())

    def hold_similar(self, session: WriteSession, said: Sequence[StatementRow]) -> None:
        """Hold what is similar to the records of reliefs, and what no longer is no more (L14).

        Args:
            session: the transaction, in which their tags have been set or lifted.
            said: reliefs and relistings.
        """
        held, free = self._holds.of_subjects(session, said)
        changed(session, held)
        self._read_rows_again(session, free)

    def tell_apart(
        self, session: WriteSession, listing: StatementRow, persons: Sequence[str]
    ) -> None:
        """Keep that a listing's record is none of the relieved ones like it, and read it again.

        The same holds of all copies of its record.
        """
        for record_tag, relieved in self._holds.records(session, [listing]).items():
            session.append_journal(
                [
                    ToldApart(at=self._now(), pair=pair(one, record_tag), by=persons).entry()
                    for one in sorted(relieved)
                ]
            )
            copies = session.rows_by_record([record_tag], ADVERSE_KINDS)
            self._read_rows_again(session, [row for row in copies if row.rule == SIMILAR])

    def record_of(
        self, session: ReadSession, relief: StatementRow, said: PayloadFacts | None
    ) -> Spelt | None:
        """A relief's record, by its own opening, else by that of the listing that it names.

        Args:
            session: what is held.
            relief: its row; `record_tag` is that of the listing, where that is known.
            said: by its own opening, where that was read.
        """
        if said is not None and said.key and relief.rule != RECORD_DIFFERS:
            return said.spelt
        if relief.about is None:
            return None
        for row in session.rows_by_id(None, [relief.about]):
            if row.kind in LISTED_KINDS and row.record_tag == relief.record_tag:
                for record in self._holds.opened(session, [row]).values():
                    return record
        return None


def _is_read(row: StatementRow) -> bool:
    return row.opening == OpeningStatus.PRESENT
