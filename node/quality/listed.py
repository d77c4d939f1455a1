"""Counts which share of the base library stands on lists 失信惩戒对象占市场主体比重 (SH1-SH4).

Listings are matched by the keyed tags of their subjects: no opening is read, and nothing but counts
leaves this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, Protocol

from federation.ids import Date
from federation.ports.findings import Place
from federation.ports.store import Lookup, ReadSession
from federation.quality.shares import ListedShare, Registered, shares
from federation.reconcile.findings import obstacle
from federation.rows import State, StatementRow
from federation.statements import Kind
from node.records.subject_codes import CodeLibrary, tags_of

BATCH: Final = 4096
"""Rows read at once."""
Findings = Callable[[ReadSession, Sequence[StatementRow]], Mapping[Place, int]]
"""What this city finds of standing listings; those against which nothing speaks may be left out."""


class SubjectRegister(CodeLibrary, Protocol):
    """The base library as it is counted."""

    def registered(self) -> Iterator[Registered]:
        """All subjects that have neither ceased nor moved away."""
        ...


class ListedSubjects:
    """Counts subjects on lists; any thread, blocks."""

    def __init__(
        self,
        *,
        library: SubjectRegister,
        tagger: Lookup,
        findings: Findings,
        today: Callable[[], Date],
    ) -> None:
        """Wire it; `today` is never behind any clock that is believed."""
        self._library = library
        self._tagger = tagger
        self._findings = findings
        self.today = today

    def shares(self, session: ReadSession) -> list[ListedShare]:
        """The shares of today."""
        return shares(self._registered(), self._listed(session))

    def _registered(self) -> Iterator[tuple[Registered, Sequence[bytes]]]:
        """All subjects with the tags of all their codes (SJ1)."""
        left = self._library.registered()
        while some := list(islice(left, BATCH)):
            tags = tags_of(self._library, self._tagger, [one.code for one in some])
            yield from ((one, tags[one.code]) for one in some)

    def _listed(self, session: ReadSession) -> dict[str, set[bytes]]:
        """Tags of the subjects of listings that count, by list type (SH1)."""
        today = self.today()
        found: dict[str, set[bytes]] = {}
        after: tuple[int, int] | None = None
        while rows := session.list_rows(
            log=None, kinds=[Kind.LISTING], states=[State.ACTIVE], after=after, limit=BATCH
        ):
            after = (rows[-1].log, rows[-1].idx)
            judged = self._findings(session, rows)
            for row in rows:
                place = (row.log, row.idx)
                over = bool(row.until) and row.until < today
                refused = place in judged and obstacle(judged[place])
                if row.subject_tag is not None and not over and not refused:
                    found.setdefault(row.list_type, set()).add(row.subject_tag)
        return found
