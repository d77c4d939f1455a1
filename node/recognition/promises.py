"""Commitments 承诺 of a subject as they are held, for conditions that ask whether they were kept.

BN13 of one speaker, type and day on which it was made the commitment said last counts. What
     stands in a log that does not stand (stale, forked, left out of every charter) is in doubt
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from federation.ids import LeafHash, Origin, StatementId
from federation.payloads import Commitment, Payload
from federation.ports.findings import Place
from federation.ports.store import ReadSession
from federation.recognition.facts import Evidence, Promised, Weight
from federation.reconcile.held_records import LogState
from federation.reconcile.identity import USCC
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind
from node.charters.view import TrustView
from node.log.chains import TrustChains
from node.records.subject_codes import SubjectCodes


class Promises:
    """Reads commitments; any thread."""

    def __init__(
        self,
        *,
        payloads: Callable[[ReadSession, Iterable[StatementRow]], dict[Place, Payload]],
        codes: SubjectCodes,
        trust: Callable[[], TrustView],
    ) -> None:
        """Wire it; `payloads` decodes what is held of rows, `codes` links those of a subject."""
        self._payloads = payloads
        self._codes = codes
        self._trust = trust

    def of_subject(
        self, session: ReadSession, code: str, states: Mapping[Origin, LogState]
    ) -> tuple[Promised, ...]:
        """What one subject promised (BN13).

        Args:
            session: what is held.
            code: valid (GB 32100).
            states: how the logs stand that are looked at.
        """
        tags = self._codes.tags(self._codes.names([(USCC, code)])[USCC, code])
        rows = [
            row
            for row in session.rows_by_subject(tags, (int(Kind.COMMITMENT),))
            if row.state == State.IN_FORCE and row.opening == OpeningStatus.PRESENT
        ]
        return self._read(session, rows, states) if rows else ()

    def _read(
        self,
        session: ReadSession,
        rows: Sequence[StatementRow],
        states: Mapping[Origin, LogState],
    ) -> tuple[Promised, ...]:
        heads = {head.log: head for head in session.heads()}
        chains = TrustChains(self._trust(), heads.values())
        rows = sorted(rows, key=lambda row: (chains.epoch(row.log), row.log, row.idx))
        said = self._payloads(session, rows)
        hashes = session.leaf_hashes([(row.log, row.idx) for row in rows])
        newest: dict[tuple[int, str, int], Promised] = {}
        for row, leaf in zip(rows, hashes, strict=True):
            payload, origin = said.get((row.log, row.idx)), Origin(heads[row.log].origin)
            if not isinstance(payload, Commitment):
                continue
            state = states.get(origin, LogState.REFUSED)
            speaker = min(chains.chain(row.log))
            newest[speaker, payload.commitment_type, payload.made_on] = Promised(
                commitment_type=payload.commitment_type,
                due_on=payload.due_on,
                performed=payload.performed,
                evidence=Evidence(
                    origin=origin,
                    index=row.idx,
                    statement_id=StatementId(row.statement_id),
                    leaf_hash=LeafHash(leaf),
                ),
                weight=Weight.COUNTS if state is LogState.OK else Weight.DOUBT,
                rule="" if state is LogState.OK else f"log.{state.value}",
                purposes=frozenset(payload.audience.purposes),
            )
        return tuple(newest.values())
