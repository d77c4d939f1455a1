"""For which listings nothing may be punished today, whatever their own state is.

What a listing's statements say stands in its row; this adds what changes without a statement: a
fork proof (SPEC §8.3), a charter that is expired, forked or ended (§7.2, §7.5), an origin whose
head is not fresh (§3.5), a database that was brought back from a backup and knows nothing since
(`unheard`). In doubt the subject is not punished.
"""

from __future__ import annotations

from collections.abc import Callable

from federation.errors import EntitlementError
from federation.ids import Origin, Timestamp
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
        restored: Timestamp,
        behind: Callable[[], bool],
    ) -> None:
        """Wire the judgement.

        Args:
            trust: the charters in force.
            now: seconds UTC, never behind any clock that is believed.
            stale_after: seconds.
            restored: when the database was last brought back from a backup; 0: never.
            behind: whether our own log is known to be longer than what this database has of it.
        """
        self._trust = trust
        self._now = now
        self._stale_after = stale_after
        self._restored = restored
        self._behind = behind
        self._heard: set[Origin] = set()
        """Logs that have shown a head since the restore; they stay so."""

    def head_age(self, head: LogHead) -> int | None:
        """Seconds since the newest cosignature by the origin's own head key, or None.

        The note is of a size that is held, and everything held is applied, so all relief below
        it has taken effect (SPEC §7.2).
        """
        signed_at = self._signed_at(head)
        return None if signed_at is None else max(0, self._now() - signed_at)

    def _signed_at(self, head: LogHead) -> Timestamp | None:
        if not head.note:
            return None
        return signed_on(head.note, self._trust().trust.head_keys(head.origin))

    def stale(self, head: LogHead) -> bool:
        """Whether the origin has not signed on for too long; our own log never is."""
        if head.ours:
            return False
        age = self.head_age(head)
        return age is None or age > self._stale_after or self._is_unheard(head)

    def unheard(self, session: ReadSession, head: LogHead) -> bool:
        """Whether relief may be missing that this node had before: its database was set back.

        Of the log itself, and of each other in which relief of what it lists may stand: a copy
        that another city's relief had ended would punish again, though its own log were heard.
        """
        if self._is_unheard(head):
            return True
        trust = self._trust()
        if not self._restored:
            return self._behind() and any(
                trust.is_ours(one) for one in trust.trust.relievers(head.origin)
            )
        return any(
            one is None or self._is_unheard(one)
            for one in map(session.head, trust.trust.relievers(head.origin) - self._heard)
        )

    def _is_unheard(self, head: LogHead) -> bool:
        """Of one log: ours until it is refilled, another until its origin has signed a head since.

        A head of the very second may have been signed before. All of what it shows is held.
        """
        if head.ours:
            return self._behind()
        if not self._restored or head.origin in self._heard:
            return False
        signed_at = self._signed_at(head)
        if signed_at is None or signed_at <= self._restored:
            return True
        self._heard.add(head.origin)
        return False

    def of_log(self, head: LogHead) -> str:
        """Code for which no listing of this log punishes, or empty."""
        if head.forked:
            return "log.forked"
        if head.ours and self._is_unheard(head):
            return "own-log.behind"
        return "log.stale" if self.stale(head) else ""

    def of_listing(self, session: ReadSession, head: LogHead, row: StatementRow) -> str:
        """Code for which this listing does not punish, or empty; asks the charters as of now."""
        if code := self.of_log(head):
            return code
        if self.unheard(session, head):
            return "log.stale"
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
