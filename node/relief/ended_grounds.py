"""Which openings have lost their ground beside those of relieved listings; looked for once a day.

| held | its ground has ended when |
|---|---|
| listing, also set aside or held | its last day has passed |
| listing set aside or held | its own log relieves it, or its record was relieved |
| correction, annotation, anything unknown about a listing | the listing's opening is erased |
| relisting | no listing of its record stands any more |
| anything of another's log but a relief | it is said to be erased by whom E2 believes |
| request and its answers | closed, and their term has ended (`node.relief.ended_requests`) |
| outcome, commitment, answer that does not count, what has no last day or cannot be read | its term
has ended (`node.relief.ended_terms`) |
| relief | its last day, and that of every listing of its record, has passed |

Relieved listings are not looked for: an index names them at every moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from federation.ids import Date
from federation.life.life import STANDING
from federation.ports.store import ReadSession
from federation.rows import (
    LISTED_KINDS,
    RELIEF_KINDS,
    OpeningStatus,
    State,
    StatementRow,
    proves_erasure,
)
from federation.statements import OPEN_KINDS, Kind
from node.charters.view import TrustView
from node.log.chains import TrustChains

PAGE: Final = 256
"""Rows looked at in one question."""
_ENDED: Final = (State.REPAIRED, State.WITHDRAWN)
_ASIDE: Final = (int(State.HELD), int(State.SET_ASIDE))
_ACTS: Final = (int(Kind.CORRECTION), int(Kind.ANNOTATION), int(Kind.RELISTING))
_IN_FORCE: Final = (int(State.IN_FORCE),)
_START: Final = (-1, -1)

Place = tuple[int, int]
Page = Callable[[ReadSession, Date, Place], Sequence[StatementRow]]


class EndedGrounds:
    """Goes through what is held, a page at a time, once for each day."""

    def __init__(self, trust: Callable[[], TrustView]) -> None:
        """Begin with the first call; `trust` is asked anew each time."""
        self._trust = trust
        self._done_on = Date(0)
        self._table = 0
        self._after = _START
        self._page_end = _START

    def next(self, session: ReadSession, today: Date) -> list[StatementRow]:
        """Rows of the next page that has any whose ground has ended; empty when the day is done.

        The page is asked for again until nothing of it is left to erase.
        """
        while self._done_on != today:
            page = _TABLES[self._table](session, today, self._after)
            if page:
                self._page_end = (page[-1].log, page[-1].idx)
            ended = (
                _erased_by_origin(session, page, TrustChains(self._trust(), session.heads()))
                if self._table == _ERASURES
                else _ended(session, page, today)
            )
            if ended:
                return ended
            if page:
                self._after = self._page_end
                continue
            self._after = _START
            self._table = (self._table + 1) % len(_TABLES)
            if self._table == 0:
                self._done_on = today
        return []

    def skip(self) -> None:
        """Leave the rows given last for another day."""
        self._after = self._page_end


def _expired(session: ReadSession, today: Date, after: Place) -> Sequence[StatementRow]:
    return session.expired(today, after, PAGE)


def _set_aside(session: ReadSession, _today: Date, after: Place) -> Sequence[StatementRow]:
    return session.list_rows(log=None, kinds=None, states=_ASIDE, after=after, limit=PAGE)


def _acts(session: ReadSession, _today: Date, after: Place) -> Sequence[StatementRow]:
    return session.list_rows(log=None, kinds=_ACTS, states=None, after=after, limit=PAGE)


def _erasures(session: ReadSession, _today: Date, after: Place) -> Sequence[StatementRow]:
    return session.list_rows(
        log=None, kinds=(int(Kind.ERASURE),), states=_IN_FORCE, after=after, limit=PAGE
    )


_TABLES: Final[tuple[Page, ...]] = (_expired, _set_aside, _acts, _erasures)
_ERASURES: Final = _TABLES.index(_erasures)


def _erased_by_origin(
    session: ReadSession, page: Sequence[StatementRow], chains: TrustChains
) -> list[StatementRow]:
    """What is still held here of that which ERASUREs of those whom E2 believes name.

    Of our own logs we erase when we say so, and nobody else's word erases there.
    """
    ours = {head.log for head in session.heads() if head.ours}
    by: dict[bytes, set[int]] = defaultdict(set)
    for row in page:
        if row.about is not None and proves_erasure(row):
            by[row.about] |= chains.erases_for(row.log, row.idx) - ours
    return [
        row
        for row in session.rows_by_id(None, sorted(by))
        if row.log in by[row.statement_id]
        and row.opening == OpeningStatus.PRESENT
        and row.kind not in (*RELIEF_KINDS, *OPEN_KINDS)
    ]


def _ended(session: ReadSession, page: Sequence[StatementRow], today: Date) -> list[StatementRow]:
    held = [
        row for row in page if row.opening == OpeningStatus.PRESENT and row.kind not in OPEN_KINDS
    ]
    if not held:
        return []
    records = _by(session.rows_by_record(_tags(held), LISTED_KINDS), lambda row: row.record_tag)
    targets = _by(
        session.rows_by_id(None, sorted({row.about for row in held if row.about})),
        lambda row: row.statement_id,
    )
    acts = _by(session.rows_about([row.statement_id for row in held]), lambda row: row.about)

    def over(row: StatementRow) -> bool:
        copies = records.get(row.record_tag, [])
        if row.kind in RELIEF_KINDS:
            return _past(row, today) and all(_past(copy, today) for copy in copies)
        if row.kind == Kind.RELISTING:
            return bool(copies) and not any(_stands(copy, today) for copy in copies)
        if row.kind in LISTED_KINDS and (_past(row, today) or _relieved(row, acts, copies)):
            return row.state not in _ENDED
        return any(
            target.log == row.log
            and target.kind in LISTED_KINDS
            and target.opening == OpeningStatus.ERASED
            for target in targets.get(row.about, [])
        )

    return [row for row in held if over(row)]


def _relieved(
    row: StatementRow,
    acts: dict[bytes | None, list[StatementRow]],
    copies: Sequence[StatementRow],
) -> bool:
    """Whether what was set aside or held is of a listing that is relieved elsewhere."""
    if row.state not in _ASIDE:
        return False
    own = any(
        act.kind in RELIEF_KINDS and act.log == row.log for act in acts.get(row.statement_id, [])
    )
    return own or any(copy.state in _ENDED for copy in copies)


def _stands(row: StatementRow, today: Date) -> bool:
    return row.state in STANDING and not _past(row, today)


def _past(row: StatementRow, today: Date) -> bool:
    return 0 < row.until < today


def _tags(rows: Iterable[StatementRow]) -> list[bytes]:
    return sorted({row.record_tag for row in rows if row.record_tag is not None})


def _by(
    rows: Iterable[StatementRow], key: Callable[[StatementRow], bytes | None]
) -> dict[bytes | None, list[StatementRow]]:
    found: dict[bytes | None, list[StatementRow]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    found.pop(None, None)
    return found
