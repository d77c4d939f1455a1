"""What is known in memory of one watch: who has to be judged again, and what was told.

A watch is read through once when somebody reads it first, group by group (`sweep`), and after that
only who was touched is judged again. Nothing here is needed to be right after a restart: it is
made anew from what is kept, and whatever is not known is read again.

    sweep       groups before `swept` were judged; the tags by which they were looked for are noted
    touched     kept as it comes, and made rows of once the sweep has ended; where it is too much,
                or everything, the sweep begins again
    fragile     of whom something is held: judged again as well when charters, catalog, library,
                the day or the doubts about a log change, and where an attestation grows old

Of each tag 40 bits are kept beside the row, in one sorted array: a tag that is taken for another
costs a judgement and nothing else. Used under the lock of its watch, but for `touch`.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from federation.ports.touched import TOUCHED_MAX, Touched
from federation.screening.watches import Held
from node.screening.watch_judging import Depends, Judged, Moment

_ROW_BITS: Final = 24
_ROW: Final = (1 << _ROW_BITS) - 1
_TAG: Final = slice(0, 5)
"""Bytes of a tag that are kept."""


class WatchIndex:
    """One watch in memory."""

    def __init__(self, firsts: Sequence[int], subjects: int, changes: int) -> None:
        """Begin with nothing judged.

        Args:
            firsts: rows of the first subjects of its groups.
            subjects: how many are watched.
            changes: number of the last answer that differed.
        """
        self.lock = threading.Lock()
        self.firsts = array("I", firsts)
        self.subjects = subjects
        self.changes = changes
        self.held: dict[int, list[Held]] = {}
        self._rows: list[int] = []
        """Those in `held`, in order."""
        self.swept = 0
        self.dirty: set[int] = set()
        self.moment: Moment | None = None
        self._judged = 0
        self._tags = array("Q")
        self._fragile: dict[int, Depends] = {}
        self._by_place: dict[tuple[str, int], set[int]] = {}
        self._by_statement: dict[bytes, set[int]] = {}
        self._incoming: list[Touched] = []
        self._incoming_size = 0
        self._anew = False
        self._guard = threading.Lock()

    @property
    def pending(self) -> int:
        """How many subjects are not judged yet."""
        swept = 0 if self.is_swept else max(1, self.subjects - self._judged)
        return swept + len(self.dirty)

    @property
    def is_swept(self) -> bool:
        """Whether all groups were judged once."""
        return self.swept >= len(self.firsts)

    def load(self, answers: Iterable[tuple[int, Held]]) -> None:
        """Take what was kept, each row's in the order of its changes."""
        for row, held in answers:
            self.held.setdefault(row, []).append(held)
        self._rows = sorted(self.held)

    def keep(self, row: int, held: Held) -> None:
        """The answer of a row is another one now."""
        before = self.held.get(row, ())
        if not before:
            insort(self._rows, row)
        self.held[row] = [*before, held]

    def rows_after(self, row: int) -> Iterator[int]:
        """Yield rows whose answers were kept, in order; not while more are."""
        for at in range(bisect_right(self._rows, row), len(self._rows)):
            yield self._rows[at]

    def touch(self, touched: Touched) -> None:
        """Something was touched; any thread, quick."""
        with self._guard:
            if touched.everything or self._incoming_size > TOUCHED_MAX:
                self._anew = True
                self._incoming.clear()
                self._incoming_size = 0
            else:
                self._incoming.append(touched)
                self._incoming_size += len(touched) + 1

    def taken(self) -> Sequence[Touched] | None:
        """What was touched since the last reading; None where everything was.

        Taken before the snapshot of a reading begins: what is touched later is not in it for sure,
        and is taken by the next one.
        """
        with self._guard:
            if not self.is_swept:  # who is touched meanwhile is looked for after the sweep
                return ()
            anew, incoming = self._anew, self._incoming
            self._anew, self._incoming, self._incoming_size = False, [], 0
        return None if anew else incoming

    def begin(
        self, moment: Moment, touched: Sequence[Touched] | None, origins: Mapping[int, str]
    ) -> None:
        """A reading begins: say who is dirty by what was touched and what else changed.

        Args:
            moment: of the reading.
            touched: what `taken` gave before its snapshot began.
            origins: of the logs, by number.
        """
        changed = self.moment is not None and self.moment.library != moment.library
        if touched is None or changed:
            self._restart()
        for one in touched or ():
            self._resolve(one, origins)
        if not moment.same(self.moment):
            self.dirty.update(self._fragile)
        elif self.moment is not None and self.moment.at != moment.at:
            self.dirty.update(row for row, one in self._fragile.items() if one.ages)
        self.moment = moment

    def swept_group(self, judged: Iterable[Judged]) -> None:
        """The next group was judged."""
        for one in judged:
            self._judged += 1
            self.note(one)
            row = one.subject.row
            for tag in one.looked_for:
                self._tags.append(int.from_bytes(tag[_TAG], "big") << _ROW_BITS | row)
        self.swept += 1
        if self.is_swept:
            self._tags = array("Q", sorted(self._tags))

    def note(self, judged: Judged) -> None:
        """A subject was judged: remember on what its answer depends."""
        row = judged.subject.row
        self.dirty.discard(row)
        before = self._fragile.pop(row, None)
        if before is not None:
            for place in before.places:
                self._by_place[place].discard(row)
            for statement in before.statements:
                self._by_statement[statement].discard(row)
        depends = judged.depends
        if depends.places:
            self._fragile[row] = depends
            for place in depends.places:
                self._by_place.setdefault(place, set()).add(row)
            for statement in depends.statements:
                self._by_statement.setdefault(statement, set()).add(row)

    def _restart(self) -> None:
        self.swept, self._judged = 0, 0
        self._tags = array("Q")

    def _resolve(self, touched: Touched, origins: Mapping[int, str]) -> None:
        for tag in touched.tags:
            self.dirty.update(self._rows_of(tag))
        if touched.requests:
            self.dirty.update(self._fragile)
        if not self._fragile:
            return
        for statement in touched.statements & self._by_statement.keys():
            self.dirty.update(self._by_statement[statement])
        for log, index in touched.places:
            self.dirty.update(self._by_place.get((origins.get(log, ""), index), ()))

    def _rows_of(self, tag: bytes) -> Iterable[int]:
        wanted = int.from_bytes(tag[_TAG], "big")
        at = bisect_left(self._tags, wanted << _ROW_BITS)
        while at < len(self._tags) and self._tags[at] >> _ROW_BITS == wanted:
            yield self._tags[at] & _ROW
            at += 1
