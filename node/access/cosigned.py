"""Our query log's checkpoints on their way to the members that cosign them, and back (QL5).

What a witness says of our log goes no further than its line: a size larger than we hold, which it
may claim without proof, stops nothing by one member's word. Where two say so, this machine was set
back: nobody is answered any more (QL4).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.sql.query_logs import QueryTiles, last_query_note, put_query_note
from adapters.sql.query_rows import first_answer_at
from adapters.sql.query_store import QueryStore, QueryWrites
from crypto.checkpoint import peek_checkpoint
from crypto.cosignature import merge_signatures, verify_cosignatures
from crypto.errors import CryptoError
from crypto.keys import VerifierKey
from crypto.merkle import consistency_proof
from crypto.notes import Note, SignatureLine, parse_note
from federation.ids import MemberId, Origin, Timestamp
from federation.peers.witness import AddCheckpoint, format_request
from node.access.query_log import epoch_of
from node.access.query_writer import QueryWriter
from node.access.sequencing import Sequencer
from node.charters.view import TrustView
from node.log.cosigning import named_in
from node.log.tiles import tile_nodes

AGREEING: Final = 2
"""So many members must say that they have cosigned more than we hold."""
HOUR_SECONDS: Final = 3600
LATE_SECONDS: Final = 3 * 3600
"""Cosigned last so long ago: three rounds brought nothing."""


class CosignedQueries:
    """Makes requests for witnesses and keeps their lines; any thread, blocks."""

    def __init__(
        self,
        *,
        store: QueryStore,
        writer: QueryWriter,
        sequencer: Sequencer,
        key: VerifierKey,
        trust: Callable[[], TrustView],
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it; `key` is our query log's."""
        self._store = store
        self._writer = writer
        self._sequencer = sequencer
        self._key = key
        self._trust = trust
        self._now = now
        self._lock = threading.Lock()
        self._sizes: dict[MemberId, int] = {}
        """What each member cosigned last, as far as we know."""
        self._ahead: dict[MemberId, int] = {}

    def due(self) -> bytes:
        """The checkpoint to be cosigned; empty where there is none, or an hour has not passed.

        One of no leaves says nothing, and would let the first ones wait for an hour.
        """
        note = self._sequencer.note
        if not self._sequencer.size or not note or self._sequencer.refusal is not None:
            return b""
        if not self._trust().names_query_log(self._key):
            return b""
        with self._store.read() as reads:
            last = last_query_note(reads, epoch_of_key(self._key))
        if last is not None and 0 <= self._now() - last[1] < HOUR_SECONDS:
            return b""
        return note

    def request(self, peer: MemberId, note: bytes) -> bytes:
        """The body of add-checkpoint for a member."""
        new = peek_checkpoint(note).size
        old = min(self._sizes.get(peer, 0), new)
        proof: list[bytes] = []
        if 0 < old < new:
            with self._store.read() as reads:
                nodes = tile_nodes(QueryTiles(reads), epoch_of_key(self._key), new)
                proof = consistency_proof(old, new, nodes)
        return format_request(AddCheckpoint(old_size=old, proof=tuple(proof), checkpoint=note))

    def differs(self, peer: MemberId, note: bytes, size: int) -> bool:
        """A member says that it cosigned another size last; whether to ask it once more."""
        with self._lock:
            if size <= peek_checkpoint(note).size:
                again = self._sizes.get(peer, 0) != size
                self._sizes[peer] = size
                self._ahead.pop(peer, None)
                return again
            self._ahead[peer] = size
            if len(self._ahead) >= AGREEING:
                who = ", ".join(sorted(self._ahead))
                self._sequencer.behind(who, min(self._ahead.values()))
            return False

    def take(self, note: bytes, answers: Mapping[MemberId, bytes]) -> int:
        """Keep the good lines of members; returns of how many."""
        parsed = parse_note(note)
        trust = self._trust()
        keys = trust.cosigner_keys()
        lines: list[SignatureLine] = []
        for peer, answer in answers.items():
            try:
                said = tuple(
                    SignatureLine.parse(line) for line in answer.decode().splitlines() if line
                )
                one = Note(text=parsed.text, signatures=(*parsed.signatures, *said))
                good = verify_cosignatures(one, named_in([one], keys))
            except (CryptoError, UnicodeDecodeError):
                continue
            own = {c.key.name for c in good if trust.owner_of_key(c.key) == peer}
            lines += [line for line in said if line.name in own]
            if own:
                self._sizes[peer] = peek_checkpoint(note).size
        if not lines:
            return 0
        with_lines = merge_signatures(parsed, Note(text=parsed.text, signatures=tuple(lines)))
        size, at = peek_checkpoint(note).size, self._now()

        def unit(writes: QueryWrites) -> None:
            log = epoch_of_key(self._key)
            put_query_note(writes, log, size, at, with_lines.to_bytes())

        self._writer.submit(unit).result()
        return len(lines)

    def report(self) -> dict[str, Any]:
        """What the status says of the query log, with its witnesses."""
        with self._store.read() as reads:
            last = last_query_note(reads, epoch_of_key(self._key))
            asked_at = first_answer_at(reads)
        shown = self._sequencer.report()
        cosigned_at = None if last is None else last[1]
        shown |= {"cosigned_at": cosigned_at, "cosigned_size": 0 if last is None else last[0]}
        if shown["problem"] is None:
            shown["problem"] = self._problem(cosigned_at, asked_at)
        return shown

    def _problem(self, cosigned_at: int | None, asked_at: int | None) -> dict[str, str] | None:
        if self._ahead:
            who, size = min(self._ahead.items())
            text = f"{who} says that it cosigned {size} leaves; was this machine set back?"
            return {"code": "queries.witness-ahead", "message": text}
        if asked_at is None or not self._trust().peers:
            return None
        if not self._trust().names_query_log(self._key):
            text = (
                f"章程未列 {self._key}，成员不见证查询日志 / no charter names it: members do not "
                "cosign the query log"
            )
            return {"code": "queries.unwitnessed", "message": text}
        if max(cosigned_at or 0, asked_at) + LATE_SECONDS < self._now():
            text = (
                "三小时内没有成员见证查询日志 / "
                "no member has cosigned the query log for three hours"
            )
            return {"code": "queries.unwitnessed", "message": text}
        return None


def epoch_of_key(key: VerifierKey) -> int:
    """The epoch of the query log whose key this is."""
    return epoch_of(Origin(key.name))
