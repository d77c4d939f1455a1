"""The inbox job: rows that a platform laid into its inbox table are taken and answered.

Publishing comes first, then the answers. A process that dies in between takes the same rows again,
and the feed knows what each of them said (F1): nothing is published twice.

Each group of rows (source, kind, list) is taken on its own (`node.system.item_errors`): one that
must wait keeps no other waiting, and rows behind it are read all the same. In every round each
source has its turn, reliefs of all sources before lists; a flood of one source or of reliefs
starves nobody. A relief that finds no listing waits while an older list row of its source does:
that may be the one.

    F31 of rows of one key that are taken together the newest counts that is not refused. The others
        publish nothing and are answered in the same round, `superseded`
    F32 what is wrong with one row is its own: one that is no text, or whose answer the database
        cannot keep, is answered without that text; every other row is taken and answered
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final, Protocol

import structlog

from adapters.platform.errors import PlatformError
from adapters.platform.inbox import Answer, InboxRow
from federation.intake.feed import Word
from federation.names import ABOUT_LISTINGS, RELIEFS
from node.intake.answers import refusal
from node.status.job_runs import code_of
from node.system.failpoints import Failpoints
from node.system.item_errors import ItemErrors

_log = structlog.get_logger()

BATCH: Final = 256
"""Rows read at a time."""
ROUNDS_MAX: Final = 64
"""In one run, so that the schedule stays in turn."""
_FIRST: Final = ABOUT_LISTINGS
"""Kinds that have their turn before lists: what relieves, and what is noted of a listing."""
_NO_LISTING: Final = "relief.no-listing"

_Turn = tuple[tuple[str, ...], str | None]
"""Kinds, all where empty, and the source, None for all of which the platform may not speak."""


class Inbox(Protocol):
    """`adapters.platform.inbox.DatabaseInbox`."""

    def waiting(
        self,
        kinds: Sequence[str],
        most: int,
        *,
        after: int = 0,
        among: Sequence[str] = (),
        but: Sequence[str] = (),
    ) -> list[InboxRow]:
        """Return rows that wait, the oldest ids first, from an id on, by their sources."""
        ...

    def refused(self, code: str, sources: Sequence[str], after: int, most: int) -> list[InboxRow]:
        """Return rows of sources that were answered with a code, the oldest ids first."""
        ...

    def answer(self, answers: Sequence[tuple[InboxRow, Answer]], instead_of: str = "") -> int:
        """Write answers, all or none; returns how many rows have one now.

        `instead_of` is the code with which the rows were answered, empty where they wait.
        """
        ...


class TakingRows(Protocol):
    """`node.intake.rows.RowIntake`."""

    def take(
        self,
        batch: str,
        source: str,
        kind: str,
        list_type: str,
        rows: Mapping[int, Mapping[str, str]],
        *,
        said: Word | None = None,
    ) -> dict[int, Answer]:
        """Publish rows of one source, kind and list, and say what became of each."""
        ...

    def group(self, source: str, kind: str, list_type: str) -> tuple[str, str]:
        """Return under which source and list rows count."""
        ...


class Noting(Protocol):
    """`node.intake.inbox_tally.InboxTally`."""

    def note(
        self, platform: str, group: tuple[str, str], kind: str, answers: Mapping[int, Answer | None]
    ) -> None:
        """Keep for the quality of a source what became of rows, by id."""
        ...


class InboxTaking:
    """Takes what waits in the inbox of one platform; runs in a thread of its own."""

    def __init__(
        self,
        *,
        name: str,
        sources: Sequence[str],
        inbox: Inbox,
        intake: TakingRows,
        tally: Noting,
        short: Callable[[], bool],
        failpoints: Failpoints,
    ) -> None:
        """Wire the job.

        Args:
            name: of the platform.
            sources: for which source departments its rows may speak.
            inbox: where the rows are.
            intake: what publishes them.
            tally: what is told of each.
            short: whether the disk has only its reserve left, or listings wait for an answer of
                members (`node.log.startup_check`); then only reliefs are taken.
            failpoints: of the process.
        """
        self._name = name
        self._sources = sources
        self._inbox = inbox
        self._intake = intake
        self._tally = tally
        self._short = short
        self._failpoints = failpoints
        self.fault = ""
        """Code of what keeps rows waiting, else empty."""
        self.message = ""

    def run(self) -> int:
        """Take what waits.

        Returns:
            The number of rows answered.
        """
        items = ItemErrors()
        after: dict[_Turn, int] = {}
        count = 0
        away: PlatformError | None = None
        try:
            for _ in range(ROUNDS_MAX):
                answered, read = self._round(items, after)
                count += answered
                if not read:
                    break
        except PlatformError as error:
            away = error
        self._tell(away or items.first())
        return count

    def _tell(self, error: Exception | None) -> None:
        code = "" if error is None else code_of(error)
        if error is not None and self.fault != code:
            _log.warning("inbox waits", code=code, platform=self._name, error=str(error))
        notes = () if error is None else getattr(error, "__notes__", ())
        self.fault, self.message = code, "" if error is None else " | ".join((str(error), *notes))

    def _round(self, items: ItemErrors, after: dict[_Turn, int]) -> tuple[int, bool]:
        """Let each source have its turn, with reliefs and then with all else.

        Returns:
            How many rows were answered, and whether there are any more.
        """
        turns = (_FIRST,) if self._short() else (_FIRST, ())
        if not self._inbox.waiting(turns[-1], 1):
            return 0, False
        count, read = 0, False
        for kinds in turns:
            for source in (*self._sources, None):
                rows = self._page(kinds, source, after)
                answered = self._groups(items, rows)
                if rows and not answered:  # they must wait: look behind them
                    after[kinds, source] = rows[-1].id
                count += answered
                read = read or bool(rows)
        return count, read

    def _page(
        self, kinds: tuple[str, ...], source: str | None, after: Mapping[_Turn, int]
    ) -> list[InboxRow]:
        """Rows of one source; of all for which the platform may not speak, where none is given."""
        among, but = ((), self._sources) if source is None else ((source,), ())
        start = after.get((kinds, source), 0)
        return self._inbox.waiting(kinds, BATCH, after=start, among=among, but=but)

    def _groups(self, items: ItemErrors, rows: Sequence[InboxRow]) -> int:
        count = 0
        for (source, kind, list_type), together in groupby(rows, _group):
            group = list(together)
            name = f"{source} {kind} {list_type}".rstrip()
            with items.each(name):
                count += self._take(group).total()
            if name in items.failed and kind in ABOUT_LISTINGS and len(group) > 1:
                # A list is taken together or not at all (F12); a relief stands for itself.
                for row in group:
                    with items.each(f"{name} row {row.id}"):
                        count += self._take([row]).total()
        return count

    def take_again(self, source: str, said: Word, meant: Collection[InboxRow]) -> Counter[str]:
        """Take rows that wait for persons: two say that they are right.

        Args:
            source: the source whose rows are meant.
            said: who say so, and with which code of `feed.RELEASABLE` the rows wait.
            meant: the rows as these persons saw them; others, and what was changed since, wait on.

        Returns:
            How many rows led to what.

        Raises:
            PlatformError: the rows cannot be read or answered.
            FederationError: nothing can be published now.
            MappingError: the mapping of the source is not there or not valid.
        """
        outcomes: Counter[str] = Counter()
        after = 0
        before: list[InboxRow] = []
        while found := self._inbox.refused(said.code, [source], after, BATCH):
            rows = [row for row in found if row in meant]
            if rows == before:  # none of them was answered, or with the same code
                after = found[-1].id
                continue
            before = rows
            for _, group in groupby(rows, _group):
                outcomes += self._take(list(group), said)
        return outcomes

    def _take(self, rows: Sequence[InboxRow], said: Word | None = None) -> Counter[str]:
        """Take rows that wait, or that were refused with a code, and answer them."""
        first = rows[0]
        answers: dict[int, Answer | None] = {}
        cells = {}
        for number, row in enumerate(rows, start=1):
            found = row.cells()
            if row.source not in self._sources and not row.unreadable:
                answers[number] = _not_bound(self._name, self._sources)
            elif found is None:
                answers[number] = _malformed()
            else:
                cells[number] = found
        if cells:
            batch = f"{self._name}/{first.id}"
            with self._failpoints.at("inbox.take"):
                taken = self._intake.take(
                    batch,
                    first.source,
                    first.kind,
                    first.list_type,
                    cells,
                    said=said,
                )
            answers |= {number: _named(answer, rows) for number, answer in taken.items()}
        self._put_off(first, rows, answers)
        self._note(rows, answers)
        given = [(rows[number - 1], answer) for number, answer in answers.items() if answer]
        with self._failpoints.at("inbox.answer"):
            answered = self._inbox.answer(given, said.code if said else "")
        return Counter(answer.outcome for _, answer in given) if answered else Counter()

    def _put_off(
        self, first: InboxRow, rows: Sequence[InboxRow], answers: dict[int, Answer | None]
    ) -> None:
        """Let reliefs wait that found no listing, while an older list row of the source waits."""
        lost = [n for n, answer in answers.items() if answer and answer.code == _NO_LISTING]
        if first.kind not in RELIEFS or not lost:
            return
        oldest = self._inbox.waiting(("list",), 1, among=(first.source,))
        for number in lost:
            if oldest and oldest[0].id < rows[number - 1].id:
                answers[number] = None

    def _note(self, rows: Sequence[InboxRow], answers: Mapping[int, Answer | None]) -> None:
        """Tell the quality; a source for which the platform may not speak answers for nothing."""
        first = rows[0]
        group = ("", "")
        if first.source in self._sources:
            group = self._intake.group(first.source, first.kind, first.list_type)
        by_id = {rows[number - 1].id: answer for number, answer in answers.items()}
        self._tally.note(self._name, group, first.kind, by_id)


def _group(row: InboxRow) -> tuple[str, str, str]:
    return row.source, row.kind, row.list_type


def _named(answer: Answer, rows: Sequence[InboxRow]) -> Answer:
    """The answer to a row, where another counts for it with the id of that one (F31)."""
    if not answer.newer:
        return answer
    newer = rows[answer.newer - 1].id
    message = f"以较新的一行为准 / a newer row of the same key counts: id {newer}"
    return replace(answer, message=message)


def _not_bound(platform: str, sources: Sequence[str]) -> Answer:
    expected = ", ".join(sources)
    message = f"expected a source of [platform.{platform}]: {expected}"
    return refusal("source.not-of-platform", message)


def _malformed() -> Answer:
    message = (
        "内容不是一个 JSON 对象 / content: expected one JSON object of texts by column name, "
        "at most 65,535 characters"
    )
    return refusal("row.malformed", message)
