"""Which logs an answer covers, and how each of them stands; it depends on logs alone (CK12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from federation.errors import RefusedError
from federation.ids import Origin
from federation.ports.store import LogHead, ReadSession
from federation.reconcile.held_records import Coverage, LogState
from node.charters.view import TrustView
from node.records.doubts import Doubts


class LogCoverage:
    """Says how the logs stand that an answer looks at; any thread."""

    def __init__(
        self,
        *,
        doubts: Doubts,
        trust: Callable[[], TrustView],
        refusal: Callable[[], RefusedError | None],
    ) -> None:
        """Wire it; `refusal` says why nothing is signed here, or None."""
        self._doubts = doubts
        self._trust = trust
        self._refusal = refusal

    def of(self, session: ReadSession) -> tuple[Coverage, ...]:
        """Our own log and all that charters name, by origin, ours first.

        A log that no charter names any more is none of them: nothing of it counts.
        """
        trust = self._trust()
        followed = set(trust.followed())
        heads = [head for head in session.heads() if head.ours or head.origin in followed]
        known = {head.origin for head in heads}
        found = [
            self._coverage(trust, Origin(head.origin), head)
            for head in sorted(heads, key=lambda head: (not head.ours, head.origin))
        ]
        return (
            *found,
            *(self._coverage(trust, origin, None) for origin in sorted(followed - known)),
        )

    def _coverage(self, trust: TrustView, origin: Origin, head: LogHead | None) -> Coverage:
        return Coverage(
            origin=origin,
            region=trust.region(origin),
            name=trust.city(origin),
            size=head.size if head else 0,
            head_age_s=self._doubts.head_age(head) if head else None,
            state=self._state(head) if head else LogState.NO_HEAD,
        )

    def _state(self, head: LogHead) -> LogState:
        if head.forked:
            return LogState.FORKED
        if head.ours and self._refusal() is not None:
            return LogState.REFUSED
        if not head.ours and not head.note:
            return LogState.NO_HEAD
        if self._doubts.stale(head):
            return LogState.STALE
        judged = head.size if head.ours else head.reconciled_to
        return LogState.OK if min(head.applied_to, judged) >= head.size else LogState.BEHIND


def coverage_to_json(log: Coverage) -> dict[str, Any]:
    """Write how a log stands."""
    return {
        "origin": log.origin,
        "region": log.region,
        "name": log.name,
        "size": log.size,
        "head_age_s": log.head_age_s,
        "state": log.state.value,
    }
