"""The query log's one sequencer: what was recorded goes into the tree, in order, within a second.

One order, a failpoint at each step:

    the rows are durable → leaves get their places and the tiles grow → the high-water mark advances
    → the checkpoint is signed → it is stored, and shown from then on

The first is `QueryLog.record` in a unit of the query writer. What a crash leaves between two steps
the next run takes up: rows without a place are given one, a tree beyond the mark is signed.

    QL3  A leaf is given its place once, in the order in which the rows became durable.
    QL4  Nothing is signed that does not contain what the mark says was signed: a store *behind* the
         mark was restored from a backup, one of another root was changed. Then nothing is recorded
         and nothing signed (`queries.behind`, `queries.other-root`), until the newer store is
         back.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, Final

from adapters.errors import HighWaterError, MarkUnreachableError
from adapters.sql.query_logs import (
    QueryLogHead,
    QueryTiles,
    WrittenQueryTiles,
    query_log_head,
    set_indexes,
    set_query_log_head,
    waiting_leaves,
)
from adapters.sql.query_store import QueryReads, QueryStore, QueryWrites
from crypto.checkpoint import Checkpoint, peek_checkpoint, sign_checkpoint
from crypto.keys import Signer
from crypto.merkle import EMPTY_ROOT, Frontier, frontier_at, leaf_hashes
from federation.errors import RefusedError
from federation.ids import Origin
from federation.ports.highwater import HighWater
from node.access.query_log import epoch_of
from node.access.query_writer import QueryWriter
from node.log.tiles import put_tiles, tile_nodes
from node.system.failpoints import Failpoints

GROUP_MAX: Final = 4096
"""Leaves that are given a place in one transaction."""


class Sequencer:
    """Appends to the query log and signs its checkpoints; one run at a time."""

    def __init__(
        self,
        *,
        origin: Origin,
        signer: Signer,
        store: QueryStore,
        writer: QueryWriter,
        high_water: HighWater,
        failpoints: Failpoints,
    ) -> None:
        """Wire it; call `start` before anything else."""
        self._origin = origin
        self._log = epoch_of(origin)
        self._signer = signer
        self._store = store
        self._writer = writer
        self._high_water = high_water
        self._failpoints = failpoints
        self._turn = threading.Lock()
        self._recorded = threading.Event()
        self._recorded.set()
        self._mark: tuple[int, bytes] | None = None
        self._refusal: RefusedError | None = None
        self._note = b""

    @property
    def refusal(self) -> RefusedError | None:
        """Why nothing is recorded and signed, or None."""
        return self._refusal

    @property
    def note(self) -> bytes:
        """The newest checkpoint that is stored; empty before the first. Any thread."""
        return self._note

    def check(self) -> None:
        """See that the query log goes on, before anything is recorded.

        Raises:
            RefusedError: `queries.…`, as `refusal`.
        """
        if self._refusal is not None:
            raise self._refusal

    def recorded(self) -> None:
        """A row was added: the next run has something to do. Any thread."""
        self._recorded.set()

    def behind(self, who: str, size: int) -> None:
        """A witness has cosigned more leaves under our signature than we hold (QL4)."""
        self._refusal = _behind(f"{who} has cosigned", size, self.size)

    @property
    def size(self) -> int:
        """Leaves under the mark."""
        return 0 if self._mark is None else self._mark[0]

    def start(self) -> None:
        """Compare mark and store.

        Raises:
            StoreError: the query store.
            HighWaterError: the mark cannot be read; where its server alone does not answer, the
                next run begins anew.
        """
        try:
            self._mark = self._high_water.load()
        except MarkUnreachableError as error:
            self._refusal = RefusedError(error.code, str(error))
            return
        with self._store.read() as reads:
            head = self._head(reads)
            self._note = head.note
            self._refusal = self._compared(reads, head)

    def run(self) -> None:
        """Take what was recorded into the log, and sign it.

        Raises:
            RefusedError: the store has not what was signed, or another process signs.
            StoreError: the query store; tried again by the next run.
            HighWaterError: the mark; likewise.
        """
        if self._refusal is not None and self._refusal.code == MarkUnreachableError.code:
            self.start()
        if self._refusal is not None or not self._recorded.is_set():
            return
        with self._turn:
            self._recorded.clear()
            try:
                again = True
                while again:
                    with self._failpoints.at("queries.sequence"):
                        head, frontier, again = self._writer.submit(self._sequenced).result()
                    self._sign(head, frontier)
            except BaseException:
                self._recorded.set()
                raise

    def report(self) -> dict[str, Any]:
        """What the status says of it."""
        signed = peek_checkpoint(self._note) if self._note else None
        return {
            "origin": self._origin,
            "size": 0 if signed is None else signed.size,
            "problem": None
            if self._refusal is None
            else {"code": self._refusal.code, "message": str(self._refusal)},
        }

    def _head(self, reads: QueryReads) -> QueryLogHead:
        return query_log_head(reads, self._log) or QueryLogHead(log=self._log, origin=self._origin)

    def _compared(self, reads: QueryReads, head: QueryLogHead) -> RefusedError | None:
        """Why nothing may be signed over this store (QL4)."""
        if self._mark is None:
            message = (
                "the query log's high-water mark is missing or damaged beside a used key; restore "
                f"state/queries-high-water-{self._log}"
            )
            return RefusedError("queries.mark-missing", message)
        size, root = self._mark
        if size > head.size:
            return _behind("this node signed", size, head.size)
        nodes = tile_nodes(QueryTiles(reads), head.log, head.size)
        if (frontier_at(size, nodes).root() if size else EMPTY_ROOT) != root:
            message = (
                f"the query store has not the root that was signed at size {size}: it was changed; "
                "bring the right one back"
            )
            return RefusedError("queries.other-root", message)
        return None

    def _sequenced(self, writes: QueryWrites) -> tuple[QueryLogHead, Frontier, bool]:
        """Give rows their places; the log's head, its frontier, whether more wait (QL3)."""
        head = self._head(writes)
        refusal = self._compared(writes, head)
        if refusal is not None:
            self._refusal = refusal
            raise refusal
        tiles = WrittenQueryTiles(writes)
        waiting = waiting_leaves(writes, head.log, GROUP_MAX)
        frontier = frontier_at(head.size, tile_nodes(tiles, head.log, head.size))
        if waiting:
            leaves = [leaf for _, leaf in waiting]
            hashes = leaf_hashes(leaves)
            put_tiles(tiles, head, leaves, hashes)
            set_indexes(writes, head.size, [place for place, _ in waiting])
            frontier = frontier.extend(hashes)
            head = replace(head, size=frontier.size)
            set_query_log_head(writes, head)
        return head, frontier, len(waiting) == GROUP_MAX

    def _sign(self, head: QueryLogHead, frontier: Frontier) -> None:
        checkpoint = Checkpoint(origin=self._origin, size=frontier.size, root=frontier.root())
        if head.note and peek_checkpoint(head.note) == checkpoint:
            return
        new = checkpoint.size, checkpoint.root
        with self._failpoints.at("queries.mark"):
            self._advance(new)
        with self._failpoints.at("queries.sign"):
            note = sign_checkpoint(checkpoint, self._signer).to_bytes()

        def show(writes: QueryWrites) -> None:
            held = self._head(writes)
            set_query_log_head(writes, replace(held, note=note, note_size=checkpoint.size))

        with self._failpoints.at("queries.show"):
            self._writer.submit(show).result()
        self._note = note

    def _advance(self, new: tuple[int, bytes]) -> None:
        """Move the mark; also to where it is already, since it may be in a cache alone."""
        try:
            self._high_water.advance(self._mark, new)
        except RefusedError as error:
            self._refusal = error
            raise
        except HighWaterError:
            if self._high_water.load() == new:
                self._mark = new
            raise
        self._mark = new


def _behind(who: str, size: int, held: int) -> RefusedError:
    message = (
        f"{who} {size} leaves of the query log, the query store holds {held} (a restored backup?); "
        "nobody is answered until the newer store is back, or huxin access new-log"
    )
    return RefusedError("queries.behind", message)
