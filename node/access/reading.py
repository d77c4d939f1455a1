"""What operators read, recorded like what departments ask: before it is shown.

A reading that cannot be recorded is not shown (ADR 0033). One entry holds what was asked, and the
records and subjects that the answer shows, so that a subject is told of it (`queries.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from adapters.sql.query_store import QueryWrites
from federation.ids import Timestamp
from federation.screening.query_log import EntryKind
from federation.screening.roles import Asker
from node.access.query_log import Entry, QueryLog, Subject
from node.access.query_writer import QueryWriter

SHOWN_MAX: Final = 100
"""Records in one entry; it has room for 32 KiB."""

Shown = tuple[str, Subject | None]
"""A record that an answer shows: its reference, and its subject where that is shown."""


class OperatorReads:
    """Records readings; any thread, blocks until they are durable."""

    def __init__(self, *, writer: QueryWriter, log: QueryLog, now: Callable[[], Timestamp]) -> None:
        """Wire it."""
        self._writer = writer
        self._log = log
        self._now = now

    def record(
        self, asker: Asker, action: str, asked: Sequence[Subject], shown: Sequence[Shown]
    ) -> None:
        """Record a reading.

        Args:
            asker: who reads.
            action: the command, such as `records show`.
            asked: subjects by whom was searched.
            shown: what the answer holds.

        Raises:
            RefusedError: `queries.behind` and its kin: nothing may be promised.
            StoreError: the query store; nothing may be shown.
        """
        at = self._now()
        parts = [shown[i : i + SHOWN_MAX] for i in range(0, len(shown), SHOWN_MAX)] or [()]
        entries = [
            Entry(
                kind=EntryKind.READ,
                asker=asker.credential,
                department=asker.department,
                action=action,
                at=at,
                subjects=tuple(
                    dict.fromkeys([*asked, *(one for _, one in part if one is not None)])
                ),
                references=tuple(reference for reference, _ in part),
                result=str(len(shown)),
            )
            for part in parts
        ]

        def unit(writes: QueryWrites) -> None:
            for entry in entries:
                self._log.record(writes, entry)

        self._writer.submit(unit).result()
