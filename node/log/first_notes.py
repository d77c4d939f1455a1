"""Keeps the first independently cosigned checkpoint of each relief and receipt.

Notes come with batches and heads of others' logs, with lists of heads, and, of our own log, from
those who cosigned it. Only one that is proved to be of the history that is held is kept; which
ones are, `federation.peers.first_notes` says.
"""

from __future__ import annotations

from collections.abc import Callable

from crypto.checkpoint import SignedCheckpoint, peek_checkpoint
from crypto.merkle import frontier_at
from crypto.notes import parse_note
from federation.errors import ReplicationError
from federation.ids import Origin
from federation.peers.first_notes import TIMED_KINDS, FirstNote, cosigned_at, is_first
from federation.ports.store import LogHead, ReadSession, Store, WriteSession
from federation.rows import StatementRow
from node.charters.view import TrustView
from node.log.cosigning import Cosigning
from node.log.tiles import tile_nodes


def first_note_of(session: ReadSession, head: LogHead, row: StatementRow) -> FirstNote | None:
    """The first independently cosigned checkpoint of a relief or receipt, where it is kept.

    None while the log, set back, does not reach it again, and where it is of another history.
    """
    if row.kind not in TIMED_KINDS:
        return None
    first = session.first_note(row.log, row.idx)
    return first if first is not None and is_of_history(session, head, first) else None


def is_of_history(session: ReadSession, head: LogHead, note: FirstNote) -> bool:
    """Whether a note that is kept is of the history held, as far as that reaches."""
    if note.size > head.note_size:
        return False
    root = frontier_at(note.size, tile_nodes(session, head.log, head.note_size)).root()
    return peek_checkpoint(note.note).root == root


class FirstNotes:
    """Looks at each note that was compared; on the writer thread."""

    def __init__(
        self, *, store: Store, trust: Callable[[], TrustView], cosigning: Cosigning
    ) -> None:
        """Wire it."""
        self._store = store
        self._trust = trust
        self._cosigning = cosigning

    def keep(self, session: WriteSession, head: LogHead, note: bytes) -> None:
        """Keep a note where it is the first.

        Args:
            session: the transaction, in which the rows of all leaves of the note stand.
            head: the log.
            note: of the history held, its lines verified and of known keys.
        """
        independent = self._trust().trust.independent_keys(head.origin)
        at = cosigned_at(parse_note(note), independent)
        size = peek_checkpoint(note).size
        if at is not None and is_first(session, head.log, size, at):
            session.put_first_note(head.log, FirstNote(size=size, cosigned_at=at, note=note))

    def offer(self, signed: SignedCheckpoint) -> None:
        """Keep a checkpoint that came without leaves and is of the history held, if it is first."""
        first = self.wanted(signed)
        if first is None:
            return
        with self._store.write() as session:
            head = session.head(Origin(signed.checkpoint.origin))
            if head is not None:
                self.keep(session, head, first.note)

    def wanted(self, signed: SignedCheckpoint, other: FirstNote | None = None) -> FirstNote | None:
        """Its note, the lines verified, where a checkpoint of the history held is to be kept.

        Its cosignatures are verified only where the times that they claim would make it so. Older
        lines of a key than those on another checkpoint count here: they say when, not how fresh.

        Args:
            signed: the checkpoint.
            other: one of the same size that is about to be kept; a later one is not (T3).
        """
        checkpoint, origin = signed.checkpoint, Origin(signed.checkpoint.origin)
        independent = self._trust().trust.independent_keys(origin)
        claimed = cosigned_at(signed.note, independent)
        if claimed is None or (other is not None and claimed >= other.cosigned_at):
            return None
        with self._store.read() as snapshot:
            head = snapshot.head(origin)
            if (
                head is None
                or checkpoint.size > head.applied_to
                or not is_first(snapshot, head.log, checkpoint.size, claimed)
            ):
                return None
        try:
            known = self._cosigning.known_lines(signed.note, b"")
        except ReplicationError:
            return None  # a bad line: whoever delivered it is blamed where its lines are merged
        at = cosigned_at(known, independent)
        if at is None:
            return None
        return FirstNote(size=checkpoint.size, cosigned_at=at, note=known.to_bytes())
