"""Rows that may be of records that are asked for, found in parts, so that no page takes long.

However many records there are, one page looks at so many leaves and opens so many of them; what it
has found then it gives, be it few or none, and the next page goes on from there. Logs and blocks of
leaves that have nothing of the sort, by the counts that stand beside the rows, are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from federation.ids import Date
from federation.life.life import STANDING
from federation.ports.findings import Place
from federation.ports.seeking import BLOCK, Sought
from federation.ports.store import ReadSession
from federation.reconcile.findings import RULES
from federation.rows import LISTED_KINDS, State, StatementRow
from node.texts.states import FOUND_WORDS, STATE_WORDS, found_word, stored_states

LOOKED: Final = 200_000
"""Leaves that are looked at for one page: some hundred milliseconds of the database."""
FOUND_STEP: Final = 4
"""So many leaves cost as one where rows are found by their findings, which few have."""
OPENED: Final = 4_000
"""Of them those that are opened to see whom they name: some hundred milliseconds."""
AT_ONCE: Final = 500
"""Rows looked at together, where few of many are what is asked for."""
_PART: Final = 50_000
"""Leaves in one question."""
_START: Final[Place] = (-1, -1)
_STANDING: Final = frozenset(STATE_WORDS[state] for state in STANDING)


class Found(NamedTuple):
    """Some rows, and up to which place all were looked at."""

    rows: Sequence[StatementRow]
    reached: Place | None
    """None: all there is."""


END: Final = Found((), None)


def sought_of(state: str, kinds: Sequence[int], list_type: str, today: Date) -> Sought:
    """What rows have of which records in this state, of these kinds and this list may be.

    Args:
        state: a state word, or empty.
        kinds: of the statements.
        list_type: code of a list, or empty.
        today: by which records are over.

    Raises:
        StatementError: `state.unknown`.
    """
    sought = Sought(kinds=tuple(kinds), list_types=_lists(kinds, list_type))
    if not state:
        return sought
    sought = replace(sought, states=stored_states(state))
    if state in FOUND_WORDS:
        return replace(sought, found=_numbers(state))
    if not set(kinds) <= set(LISTED_KINDS):
        return sought
    if state == STATE_WORDS[State.EXPIRED]:
        return replace(sought, over=today)
    if state in _STANDING:
        return replace(sought, unfound=_numbers(*FOUND_WORDS), lasting=today)
    return sought


def seek(
    session: ReadSession, sought: Sought, log: int | None, after: Place | None, limit: int
) -> Iterator[Found]:
    """Rows in the order (log, index), so many at once; ends at the end or after `LOOKED` leaves.

    Args:
        session: what is held.
        sought: which rows.
        log: its number; None: all logs.
        after: place after which they are; None: from the beginning.
        limit: of rows at once.

    Yields:
        Rows, and how far all were looked at. The last is `END` where there is nothing more.
    """
    from_log, from_index = after or _START
    counts = session.count_states()
    found = session.count_findings() if sought.found is not None else {}
    left = LOOKED
    for head in sorted(session.heads(), key=lambda one: one.log):
        if head.log < from_log or log not in (None, head.log) or not _has(counts, head.log, sought):
            continue
        few = sought.found is not None and not head.ours
        if few and not _has_found(counts, found, head.log, sought):
            continue
        begin = from_index + 1 if head.log == from_log else 0
        step, at_once = (FOUND_STEP, -(-limit // FOUND_STEP)) if few else (1, limit)
        for first, last in _stretches(session.blocks(sought, head.log), begin, head.size):
            start = first
            while start < last:
                end = min(start + min(_PART, left) * step, last)
                rows = session.seek_rows(sought, head.log, start, end, at_once)
                reached = rows[-1].idx if len(rows) == at_once else end - 1
                yield Found(rows, (head.log, reached))
                left -= (reached - start) // step + 1
                start = reached + 1
                if left <= 0:
                    return
    yield END


def _stretches(blocks: Sequence[int], begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Leaves [first, last) of blocks between two leaves, neighbours put together."""
    stretch: tuple[int, int] | None = None
    for block in blocks:
        first, last = max(block * BLOCK, begin), min((block + 1) * BLOCK, end)
        if first >= last:
            continue
        if stretch is not None and stretch[1] == first:
            first = stretch[0]
        elif stretch is not None:
            yield stretch
        stretch = (first, last)
    if stretch is not None:
        yield stretch


def among(
    rows: Sequence[StatementRow], sought: Sought, log: int | None, after: Place | None, limit: int
) -> Iterator[Found]:
    """The same of rows that are known, which stand in the order (log, index)."""
    fitting = [
        row
        for row in rows
        if log in (None, row.log)
        and (sought.states is None or row.state in sought.states)
        and (row.log, row.idx) > (after or _START)
    ]
    for start in range(0, len(fitting), limit):
        some = fitting[start : start + limit]
        yield Found(some, (some[-1].log, some[-1].idx))
    yield END


def _has(
    counts: Mapping[int, Mapping[tuple[int, int, str], int]], log: int, sought: Sought
) -> bool:
    """Whether a log has any row of these kinds and states."""
    return any(
        kind in sought.kinds and (sought.states is None or state in sought.states)
        for kind, state, _ in counts.get(log, ())
    )


def _has_found(
    counts: Mapping[int, Mapping[tuple[int, int, str], int]],
    found: Mapping[int, Mapping[int, int]],
    log: int,
    sought: Sought,
) -> bool:
    """Whether a log of others has any row with such a finding, or that is held as it came."""
    aside = any(state == State.HELD for _, state, _ in counts.get(log, ()))
    return aside or not found.get(log, {}).keys().isdisjoint(sought.found or ())


def _lists(kinds: Sequence[int], list_type: str) -> tuple[str, ...] | None:
    """Lists that stand beside rows of which a record of a list may be.

    Beside what has a life of its own its own list stands as soon as it is opened; a relief or an
    annotation may name one in its content alone.
    """
    if not list_type:
        return None
    return (list_type,) if set(kinds) <= set(LISTED_KINDS) else ("", list_type)


def _numbers(*words: str) -> frozenset[int]:
    """Findings that make one of these states."""
    return frozenset(number for number in RULES if found_word(number) in words)
