"""OUTCOMEs 惩戒反馈 that can be opened here: our own, and those that are for us."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from federation.ports.findings import Place
from federation.ports.store import ReadSession
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind

PAGE: Final = 1024
_KINDS: Final = (int(Kind.OUTCOME),)
_IN_FORCE: Final = (int(State.IN_FORCE),)


def opened_outcomes(session: ReadSession) -> Iterator[StatementRow]:
    """Their rows, page by page, log by log."""
    after: Place | None = None
    while page := session.list_rows(
        log=None, kinds=_KINDS, states=_IN_FORCE, after=after, limit=PAGE
    ):
        yield from (row for row in page if row.opening == OpeningStatus.PRESENT)
        after = (page[-1].log, page[-1].idx)
