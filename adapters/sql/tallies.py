"""What is kept beside rows so that nobody has to read them all: counts, and header states in pages.

Written in the transaction that writes the rows, so they agree with them always; `miscounted` is how
`huxin doctor` sees that they do, and `huxin rebuild`, which writes all rows anew, makes both anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import bindparam, delete, func, literal_column, select

from adapters.sql import schema
from adapters.sql.count_tables import OTHERS, block_counts
from adapters.sql.row_questions import RowQuestions
from federation.ports.seeking import BLOCK
from federation.ports.store import STATE_PAGE
from federation.rows import ADVERSE_KINDS, StatementRow

_SORT: Final = ("log", "kind", "state", "rule", "list_type")
_sort_of: Final = itemgetter(*(StatementRow._fields.index(name) for name in _SORT))
_index_of: Final = itemgetter(StatementRow._fields.index("idx"))
_OLD: Final = ("idx", "kind", "state", "rule", "list_type", "header_state")
_counts = schema.state_counts.c
_COUNTS: Final = select(
    _counts.log, _counts.kind, _counts.state, _counts.rule, _counts.number
).where(_counts.number > 0)
_pages = schema.state_pages.c
_PAGES: Final = (
    select(_pages.page, _pages.data).where(_pages.log == bindparam("log")).order_by(_pages.page)
)
"""Made once: they are asked for each log."""


_Sort: TypeAlias = tuple[int, int, int, str, str]


LISTS_MAX: Final = 256
"""Lists that are counted each by itself in one block; what a peer says may have one in each leaf.
Those that come later are counted together, as `OTHERS`: where any of them is asked for, such a
block is looked at. Which these are does not change while the block's rows stand."""


def bounded(
    blocks: Mapping[tuple[int, int, int, int, str], int],
    counted: Mapping[tuple[int, int], AbstractSet[str]],
) -> Counter[tuple[int, int, int, int, str]]:
    """Numbers of rows by block, with those lists together that are too many.

    Args:
        blocks: by log, block, kind, state and list type.
        counted: of each block, by log and number, the lists that are counted by themselves.
    """
    known = {place: set(lists) for place, lists in counted.items()}
    found: Counter[tuple[int, int, int, int, str]] = Counter()
    for (log, block, kind, state, list_type), number in sorted(blocks.items()):
        lists = known.setdefault((log, block), set())
        if list_type not in lists and number > 0 and len(lists) < LISTS_MAX:
            lists.add(list_type)
        found[log, block, kind, state, list_type if list_type in lists else OTHERS] += number
    return found


class _Counts:
    """Numbers of rows as the two tables of them have them."""

    def __init__(self) -> None:
        self.states: Counter[tuple[int, int, int, str]] = Counter()
        """By log, kind, state, rule."""
        self.blocks: Counter[tuple[int, int, int, int, str]] = Counter()
        """By log, block, kind, state, list type."""

    def add(self, block: int, sort: _Sort, number: int) -> None:
        """Count rows of one sort in one block."""
        log, kind, state, rule, list_type = sort
        self.states[log, kind, state, rule] += number
        self.blocks[log, block, kind, state, list_type] += number


def _in_blocks(rows: Sequence[StatementRow]) -> Iterable[tuple[int, Sequence[StatementRow]]]:
    """Rows by the block in which they stand; most often it is one."""
    indices = list(map(_index_of, rows))
    first, last = min(indices) // BLOCK, max(indices) // BLOCK
    if first == last:
        return [(first, rows)]
    found: defaultdict[int, list[StatementRow]] = defaultdict(list)
    for index, row in zip(indices, rows, strict=True):
        found[index // BLOCK].append(row)
    return found.items()


class TallyQuestions(RowQuestions):
    """The part of `federation.ports.store.ReadSession` that is answered from these."""

    def count_states(self) -> dict[int, dict[tuple[int, int, str], int]]:
        """See `ReadSession.count_states`."""
        found: defaultdict[int, dict[tuple[int, int, str], int]] = defaultdict(dict)
        for log, kind, state, rule, number in self._connection.execute(_COUNTS):
            found[log][kind, state, rule] = number
        return dict(found)

    def header_pages(self, log: int) -> Sequence[bytes]:
        """See `ReadSession.header_pages`."""
        pages: list[bytes] = []
        for number, data in self._connection.execute(_PAGES, {"log": log}):
            pages += [b""] * (number - len(pages))  # without a listing
            pages.append(data)
        return pages

    def header_states(self, log: int, size: int) -> Iterator[tuple[int, int]]:
        """See `ReadSession.header_states`."""
        for number, page in enumerate(self.header_pages(log)):
            first = number * STATE_PAGE
            yield from ((first + i, s) for i, s in enumerate(page[: max(size - first, 0)]) if s)

    def miscounted(self, log: int) -> bool:
        """See `ReadSession.miscounted`."""
        c = schema.statements.c
        if not self._counts_as_kept(log):
            return True
        last = self._connection.execute(select(func.max(c.idx)).where(c.log == log)).scalar_one()
        held = dict(enumerate(self.header_pages(log)))
        columns = ("idx", "kind", "header_state")
        for number in range(0 if last is None else last // STATE_PAGE + 1):
            first = number * STATE_PAGE
            states = self._bulk.select_between(
                columns, schema.statements, log, first, first + STATE_PAGE
            )
            expected = bytearray(STATE_PAGE)
            for idx, kind, state in states:
                expected[idx - first] = state if kind in ADVERSE_KINDS else 0
            if held.pop(number, b"").ljust(STATE_PAGE, b"\0") != expected:
                return True
        return any(map(any, held.values()))

    def _counts_as_kept(self, log: int) -> bool:
        counted = self._counted(log, 0)
        states = {sort[1:]: number for sort, number in counted.states.items()}
        c = block_counts.c
        kept = self._connection.execute(select(block_counts).where(c.log == log, c.number > 0))
        blocks = {tuple(sort): number for *sort, number in kept}
        expected = bounded(counted.blocks, self._lists_of({sort[:2] for sort in counted.blocks}))
        return states == self.count_states().get(log, {}) and blocks == expected

    def _lists_of(self, blocks: Iterable[tuple[int, int]]) -> dict[tuple[int, int], set[str]]:
        """The lists that are counted by themselves, of blocks by log and number."""
        c = block_counts.c
        found: dict[tuple[int, int], set[str]] = {}
        for log, block in blocks:
            query = select(c.list_type).distinct().where(c.log == log, c.block == block)
            kept = set(self._connection.execute(query).scalars())
            found[log, block] = kept - {OTHERS}
        return found

    def _counted(self, log: int, start: int) -> _Counts:
        """The rows of a log from a leaf on, as they are."""
        c = schema.statements.c
        block = (c.idx - c.idx % literal_column(str(BLOCK))).label("first")
        sort = (c.log, c.kind, c.state, c.rule, c.list_type)
        query = select(block, *sort, func.count()).where(c.log == log, c.idx >= start)
        counts = _Counts()
        for first, *one, number in self._connection.execute(query.group_by(block, *sort)):
            counts.add(first // BLOCK, tuple(one), number)
        return counts


class TallyChanges(TallyQuestions):
    """Keeps them, inside the transaction of the store's only writer."""

    def _tally_new(self, rows: Sequence[StatementRow]) -> None:
        """Count rows that are inserted."""
        counts = _Counts()
        for block, some in _in_blocks(rows):
            for sort, number in Counter(map(_sort_of, some)).items():
                counts.add(block, sort, number)
        self._add(counts)
        self._put_states((r.log, r.idx, r.header_state) for r in rows if r.kind in ADVERSE_KINDS)

    def _tally_changed(self, rows: Sequence[StatementRow]) -> None:
        """Count rows that are about to be replaced."""
        old: dict[tuple[int, int], list[Any]] = {}
        by_log: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            by_log[row.log].append(row.idx)
        for log, indices in by_log.items():
            fixed = {"log": log}
            for idx, *was in self._bulk.select(_OLD, schema.statements, fixed, "idx", indices):
                old[log, idx] = was
        counts = _Counts()
        states: list[tuple[int, int, int]] = []
        for row in rows:
            if (row.log, row.idx) not in old:
                continue  # the session ends with an error
            *was, header_state = old[row.log, row.idx]
            kind, before, now = was[0], (row.log, *was), _sort_of(row)
            if before != now:
                counts.add(row.idx // BLOCK, before, -1)
                counts.add(row.idx // BLOCK, now, 1)
            if kind in ADVERSE_KINDS and header_state != row.header_state:
                states.append((row.log, row.idx, row.header_state))
        self._add(counts)
        self._put_states(states)

    def _tally_cut(self, log: int, size: int) -> None:
        """Count rows of a log that are about to be deleted, from a leaf on."""
        self._add(self._counted(log, size), -1)
        number, width = divmod(size, STATE_PAGE)
        kept = self._bulk.select(("data",), schema.state_pages, {"log": log}, "page", [number])
        self._connection.execute(
            delete(schema.state_pages).where(_pages.log == log, _pages.page >= number)
        )
        if kept and width:
            self._bulk.put_state_pages([(log, number, kept[0][0][:width])])

    def _tally_none(self) -> None:
        """There are no rows any more."""
        self._connection.execute(delete(schema.state_counts))
        self._connection.execute(delete(block_counts))
        self._connection.execute(delete(schema.state_pages))

    def _add(self, counts: _Counts, times: int = 1) -> None:
        blocks = {sort: number * times for sort, number in counts.blocks.items() if number}
        lists = self._lists_of({sort[:2] for sort in blocks})
        for table, kept in (
            (schema.state_counts, {s: n * times for s, n in counts.states.items()}),
            (block_counts, bounded(blocks, lists)),
        ):
            changed = [(*sort, number) for sort, number in kept.items() if number]
            self._bulk.add_counts(table, changed)

    def _put_states(self, states: Iterable[tuple[int, int, int]]) -> None:
        changed: dict[int, dict[int, list[tuple[int, int]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for log, idx, state in states:
            changed[log][idx // STATE_PAGE].append((idx % STATE_PAGE, state))
        rows: list[tuple[int, int, bytes]] = []
        for log, pages in changed.items():
            held = self._bulk.select(
                ("page", "data"), schema.state_pages, {"log": log}, "page", list(pages)
            )
            data = {number: bytearray(page) for number, page in held}
            for number, places in pages.items():
                page = data.get(number, bytearray())
                page.extend(bytes(max(0, max(places)[0] + 1 - len(page))))
                for place, state in places:
                    page[place] = state
                rows.append((log, number, bytes(page)))
        self._bulk.put_state_pages(rows)
