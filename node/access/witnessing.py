"""Query logs of other members, cosigned as a witness (SPEC §9.6, §9.10, QL5).

Not by the statements' writer, and beside the logs that are followed: a query log has a size and a
root here and nothing else, in the query store. Its key is the one that a charter names
(`keys.query_log`); one that two charters name differently is witnessed by nobody.

A node can make us persist and sign once in `SECONDS` for its query log; a caller that asks more
often is refused, and loses nothing: a later checkpoint says all that an earlier one said.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import structlog

from adapters.sql.query_logs import Witnessed, set_witnessed, witnessed
from adapters.sql.query_store import QueryStore, QueryWrites
from crypto.checkpoint import SignedCheckpoint, open_checkpoint
from crypto.cosignature import cosign, merge_signatures
from crypto.keys import Signer
from crypto.merkle import EMPTY_ROOT
from crypto.notes import Note
from federation.charters.values import QUERIES
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.peers import witness
from node.access.query_writer import QueryWriter
from node.charters.view import TrustView

_log = structlog.get_logger()

SECONDS: Final = 60.0


def is_query_log(body: bytes) -> bool:
    """Whether a request to add a checkpoint is about a query log; of one of no form no."""
    try:
        return witness.origin_of(witness.parse_request(body)).startswith(QUERIES)
    except witness.WitnessError:
        return False


class QueryWitness:
    """Cosigns what continues what was cosigned before; any thread, blocks."""

    def __init__(
        self,
        *,
        store: QueryStore,
        writer: QueryWriter,
        trust: Callable[[], TrustView],
        signer: Signer,
        now: Callable[[], Timestamp],
        monotonic: Callable[[], float],
    ) -> None:
        """Wire it; `signer` is our witness key."""
        self._store = store
        self._writer = writer
        self._trust = trust
        self._signer = signer
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._last: dict[Origin, float] = {}

    def add_checkpoint(self, body: bytes) -> bytes:
        """Answer add-checkpoint for a query log: check, persist, then cosign.

        Raises:
            WitnessError: refused, with the status of the specification.
            RefusedError: `queries.often`: cosigned less than a minute ago.
            StoreError: the query store; nothing was signed.
        """
        request = witness.parse_request(body)
        origin = Origin(witness.origin_of(request))
        key = self._trust().query_log_key(origin)
        if key is None:
            raise witness.WitnessError(witness.NOT_FOUND, f"no query log {origin} in a charter")

        def unit(writes: QueryWrites) -> SignedCheckpoint:
            before = witnessed(writes, origin)
            size, root = (0, EMPTY_ROOT) if before is None else (before.size, before.root)
            signed = witness.check(request, key, size, root)
            self._see_that_it_is_time(origin)
            checkpoint = signed.checkpoint
            kept = Witnessed(
                origin=origin,
                size=checkpoint.size,
                root=checkpoint.root,
                at=self._now(),
                note=request.checkpoint,
            )
            set_witnessed(writes, kept)
            return signed

        try:
            signed = self._writer.submit(unit).result()
        except witness.WitnessError as error:
            if error.status == witness.UNPROCESSABLE:
                # Signed, and no continuation of what we cosigned: the other note is in our store.
                _log.error("query log contradicts itself", code=error.code, log=origin)
            raise
        self._last[origin] = self._monotonic()
        return str(cosign(signed.note.text, self._signer, self._now())).encode()

    def latest(self, origin: Origin) -> bytes | None:
        """The checkpoint of a query log that was cosigned last, with our line; None for none.

        Raises:
            StoreError: the query store.
        """
        key = self._trust().query_log_key(origin)
        if key is None:
            return None
        with self._store.read() as reads:
            kept = witnessed(reads, origin)
        if kept is None:
            return None
        note = open_checkpoint(kept.note, key).bare().note
        line = cosign(note.text, self._signer, self._now())
        return merge_signatures(note, Note(text=note.text, signatures=(line,))).to_bytes()

    def _see_that_it_is_time(self, origin: Origin) -> None:
        with self._lock:
            last = self._last.get(origin)
            if last is not None and self._monotonic() - last < SECONDS:
                message = f"{origin} was cosigned less than {SECONDS:.0f} s ago"
                raise RefusedError("queries.often", message)
