"""Tags of relieved records, as the ledger sets and lifts them (SPEC §6.5).

With each suppression tag goes its twin; what they match is asked in `federation.life.similar`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from adapters.state.keyring import KeyRing
from federation.comparison import Spelt
from federation.ids import Timestamp
from federation.ports.store import JournalEntry
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
        body = {"kind": relief.kind, "year": years[place]}
        twin = {
            **body,
            "record": record.tag(self._keyring.lookup).hex(),
            "subject": self._keyring.lookup(record.subject).hex(),
        }
        now = self._now()
        last = min(relief.until if until is None else until, date_of(now) + LONGEST)
        return [
            JournalEntry(
                at=now,
                kind=kind,
                log=relief.log,
                index=relief.idx,
                tag=self._keyring.suppression(value)[place],
                until=last,
                body=json.dumps(said),
            )
            for kind, value, said in (
                ("suppression", record.key, body),
                ("twin", record.compared, twin),
            )
        ]

    def lifted(self, relisting: StatementRow, record: Spelt) -> list[JournalEntry]:
        """The entries that a RELISTING lifts the tags of its record, and all twins of it."""
        tags = [*self._keyring.suppression(record.key), *self._keyring.suppression(record.former)]
        twins = json.dumps({"record": record.tag(self._keyring.lookup).hex()})
        lifted = JournalEntry(
            at=self._now(), kind="suppression-lifted", log=relisting.log, index=relisting.idx
        )
        return [
            *(replace(lifted, tag=tag) for tag in dict.fromkeys(tags)),
            replace(lifted, kind="twin-lifted", body=twins),
        ]
