"""Cosignatures that come on checkpoints that are shown already.

Each peer that holds a log sends its lines back, so of one statement come as many heads as there are
peers. Those that are taken together are merged in memory and kept in one transaction. Nobody is
woken for them: lines alone are passed on now and then (`node.peers.session`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from crypto.checkpoint import SignedCheckpoint
from crypto.cosignature import merge_signatures
from crypto.notes import Note, parse_note
from federation.ids import Origin
from federation.peers.first_notes import FirstNote
from federation.ports.store import LogHead, Store
from node.log.first_notes import FirstNotes
from node.peers.served import ServedLogs
from node.peers.serving import Served


@dataclass(slots=True, kw_only=True)
class _Gathered:
    shown: bytes
    """The note to which the lines were merged."""
    merged: Note
    first: FirstNote | None = None
    """The earliest of those that are to be kept as the first of their size."""


class CosignedLines:
    """Keeps good cosignatures that we did not have; on the writer thread."""

    def __init__(self, *, store: Store, first: FirstNotes, served: ServedLogs) -> None:
        """Wire it; `served` is what is shown of each log."""
        self._store = store
        self._first = first
        self._served = served
        self._gathered: dict[Origin, _Gathered] = {}
        self._gathering = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all lines that are merged in here at the end, in one transaction.

        Raises:
            StoreError: the database failed; none of them was kept.
        """
        self._gathering = True
        try:
            yield
        finally:
            self._gathering = False
            self._keep()

    def merge(self, origin: Origin, signed: SignedCheckpoint, known: Note) -> None:
        """Take the lines of a checkpoint that is shown, and the checkpoint where it is the first.

        Args:
            origin: the log.
            signed: the checkpoint, as it came.
            known: its note, reduced to verified lines of known keys.
        """
        shown = self._served[origin].note
        gathered = self._gathered.get(origin)
        if gathered is None or gathered.shown != shown:
            gathered = _Gathered(shown=shown, merged=parse_note(shown))
            self._gathered[origin] = gathered
        gathered.merged = merge_signatures(gathered.merged, known)
        gathered.first = self._first.wanted(signed, gathered.first) or gathered.first
        if not self._gathering:
            self._keep()

    def _keep(self) -> None:
        """Most heads bring nothing new: what is shown is stored, and no transaction is begun."""
        gathered, self._gathered = self._gathered, {}
        news = {
            origin: (one, note)
            for origin, one in gathered.items()
            if (note := one.merged.to_bytes()) != one.shown or one.first is not None
        }
        if not news:
            return
        kept: list[LogHead] = []
        durable = any(one.first is not None for one, _ in news.values())
        with self._store.write(durable=durable) as transaction:
            for origin, (one, note) in news.items():
                head = transaction.head(origin)
                if head is None or head.note != one.shown:
                    continue
                if one.first is not None:
                    self._first.keep(transaction, head, one.first.note)
                if note != one.shown:
                    kept.append(replace(head, note=note))
                    transaction.set_head(kept[-1])
        for head in kept:
            self._served.show(
                head.origin, Served(log=head.log, size=head.note_size, note=head.note)
            )
