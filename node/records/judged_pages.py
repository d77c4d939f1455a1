"""What judging has read of a page of a log, for whoever goes through the same page next.

Judging opens every listing and asks the base library whose it is; that most of them are of nobody
registered here need not be found out a second time (NO8). Of a page is kept, in memory alone, which
of its leaves have to be looked at: all acts, every listing that was not read, and those of subjects
registered here. Leaves of a log never change, and whoever changes how one stands queues it
(`node.log.redelivery`); where the base library or the regions are others by now, nothing is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from federation.ports.findings import Place
from federation.reconcile.identity import BaseSubject
from federation.rows import ACT_KINDS, StatementRow
from federation.statements import Kind
from node.records.local_subjects import LocalSubjects
from node.records.subject_codes import Name

PAGES_MAX: Final = 4096
"""Pages that are kept, some hundred bytes each; the oldest go first."""


class JudgedPage(NamedTuple):
    """A page that was judged."""

    end: int
    """The leaf behind it."""
    basis: str
    """By what it was decided who is registered here (`LocalSubjects.basis`)."""
    left: tuple[int, ...]
    """Leaves that have to be looked at; of the others nothing can be told to anybody here."""


class JudgedPages:
    """Keeps them from when they are judged until they are gone through; any thread."""

    def __init__(self, local: LocalSubjects) -> None:
        """Keep what `local` decides."""
        self.local = local
        self._pages: dict[tuple[int, int], JudgedPage] = {}
        self._guard = threading.Lock()

    def basis(self) -> str:
        """By what it is decided now; asked for before a page is read."""
        return self.local.basis()

    def put(
        self,
        basis: str,
        rows: Sequence[StatementRow],
        read: Mapping[Place, tuple[Name, BaseSubject | None]],
    ) -> None:
        """Keep a page.

        Args:
            basis: as it was before the page was read.
            rows: of the page, all of them, in order.
            read: of the listings among them that were read who is listed, and what the base
                library knows of them.
        """
        if not rows:
            return
        elsewhere = self.local.elsewhere(read)
        left = tuple(
            row.idx
            for row in rows
            if row.kind in ACT_KINDS
            or (row.kind == Kind.LISTING and (row.log, row.idx) not in elsewhere)
        )
        with self._guard:
            key = rows[0].log, rows[0].idx
            self._pages.pop(key, None)
            self._pages[key] = JudgedPage(end=rows[-1].idx + 1, basis=basis, left=left)
            while len(self._pages) > PAGES_MAX:
                del self._pages[next(iter(self._pages))]

    def take(self, log: int, start: int, end: int, basis: str) -> JudgedPage | None:
        """Take the page that begins at a leaf, if it ends by `end` and was decided by `basis`."""
        with self._guard:
            page = self._pages.get((log, start))
            if page is None or page.end > end:
                return None
            del self._pages[log, start]
        return page if page.basis == basis else None
