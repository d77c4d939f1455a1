"""For which listings nothing may be punished today, whatever their own state is.

What a listing's statements say stands in its row; this adds what changes without a statement: a
fork proof (SPEC §8.3), a charter that is expired, forked or ended (§7.2, §7.5), an origin whose
head is not fresh (§3.5). In doubt the subject is not punished.
"""

from __future__ import annotations

from collections.abc import Callable

from federation.errors import EntitlementError
from federation.ids import Timestamp
from federation.ports.store import LogHead, ReadSession
from federation.rows import StatementRow
from node.charters.view import TrustView
from node.log.head_times import signed_on


class Doubts:
    """Says why a listing does not punish, beyond its row."""

    def __init__(
        self,
        *,
        trust: Callable[[], TrustView],
        now: Callable[[], Timestamp],
        stale_after: int,
    ) -> None:
        """Wire the judgement; `stale_after` in seconds."""
        self._trust = trust
        self._now = now
        self._stale_after = stale_after

    def head_age(self, head: LogHead) -> int | None:
        """Seconds since the newest cosignature by the origin's own head key, or None.

        The note is of a size that is held, and everything held is applied, so all relief below
        it has taken effect (SPEC §7.2).
        """
        if not head.note:
            return None
        signed_at = signed_on(head.note, self._trust().trust.head_keys(head.origin))
        return None if signed_at is None else max(0, self._now() - signed_at)

    def stale(self, head: LogHead) -> bool:
        """Whether the origin has not signed on for too long; our own log never is."""
        if head.ours:
            return False
        age = self.head_age(head)
        return age is None or age > self._stale_after

    def of_log(self, head: LogHead) -> str:
        """Code for which no listing of this log punishes, or empty."""
        if head.forked:
            return "log.forked"
        return "log.stale" if self.stale(head) else ""

    def of_listing(self, session: ReadSession, head: LogHead, row: StatementRow) -> str:
        """Code for which this listing does not punish, or empty; asks the charters as of now."""
        if code := self.of_log(head):
            return code
        if row.audience is None:
            return ""
        try:
            self._trust().trust.may_list(
                head.origin,
                row.idx,
                row.kind,
                row.list_type,
                row.authority,
                session.audience(row.audience),
            )
        except EntitlementError as error:
            return error.code
        return ""
