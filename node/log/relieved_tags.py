"""Tags of relieved records, as the ledger sets and lifts them (SPEC §6.5).

With each suppression tag goes its twin; what they match is asked in `federation.life.similar`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from adapters.state.keyring import KeyRing
from federation.comparison import Spelt
from federation.ids import Timestamp
from federation.ports.journal import JournalEntry, TagLifted, TagSet, TwinLifted, TwinSet
from federation.rows import StatementRow
from node.system.clock import date_of

LONGEST: Final = 30_00_00
"""Years for which a tag is kept at most, whatever its relief says, in dates YYYYMMDD."""


class RelievedTags:
    """Makes the entries of the journal; any thread."""

    def __init__(self, keyring: KeyRing, now: Callable[[], Timestamp]) -> None:
        """Make them under the keys of a ring."""
        self._keyring = keyring
        self._now = now

    def ended(
        self, relief: StatementRow, record: Spelt, *, until: int | None = None, year: int = 0
    ) -> list[JournalEntry]:
        """The entries that a relief's record is ended here: tag, then twin.

        Args:
            relief: whose record is known.
            record: it, as spelt by the opening that was read.
            until: last day of the tags; the relief's where it is None, but at most `LONGEST` on.
            year: of the key; 0 for the newest.
        """
        years = self._keyring.suppression_years
        place = years.index(year) if year else 0
        now = self._now()
        last = min(relief.until if until is None else until, date_of(now) + LONGEST)
        tag = TagSet(
            at=now,
            log=relief.log,
            index=relief.idx,
            tag=self._keyring.suppression(record.key)[place],
            until=last,
            relief=relief.kind,
            year=years[place],
        )
        twin = TwinSet(
            at=now,
            log=relief.log,
            index=relief.idx,
            tag=self._keyring.suppression(record.compared)[place],
            until=last,
            relief=relief.kind,
            year=years[place],
            record=record.tag(self._keyring.lookup),
            subject=self._keyring.lookup(record.subject),
        )
        return [tag.entry(), twin.entry()]

    def lifted(self, relisting: StatementRow, record: Spelt) -> list[JournalEntry]:
        """The entries that a RELISTING lifts the tags of its record, and all twins of it."""
        tags = [*self._keyring.suppression(record.key), *self._keyring.suppression(record.former)]
        now, log, index = self._now(), relisting.log, relisting.idx
        lifted = [TagLifted(at=now, log=log, index=index, tag=tag) for tag in dict.fromkeys(tags)]
        twins = TwinLifted(at=now, log=log, index=index, record=record.tag(self._keyring.lookup))
        return [*(one.entry() for one in lifted), twins.entry()]
