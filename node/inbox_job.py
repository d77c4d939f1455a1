"""Rows that a platform laid into its inbox table are taken and answered.

Publishing comes first, then the answers. A process that dies in between takes the same rows again,
and the feed knows what each of them said (F1): nothing is published twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Final, Protocol

import structlog

from adapters.errors import AdapterError
from adapters.platform.errors import PlatformError
from adapters.platform.inbox import Answer, InboxRow
from federation.errors import FederationError
from node.failpoints import Failpoints
from node.intake_acts import RELIEFS, refusal

_log = structlog.get_logger()

BATCH: Final = 256
"""Rows read at a time."""
ROUNDS_MAX: Final = 64
"""In one run, so that the schedule stays in turn."""


class Inbox(Protocol):
    """`adapters.platform.inbox.DatabaseInbox`."""

    def waiting(self, kinds: Sequence[str], most: int) -> list[InboxRow]:
        """Return rows that wait, the oldest ids first."""
        ...

    def refused(self, code: str, sources: Sequence[str], after: int, most: int) -> list[InboxRow]:
        """Return rows of sources that were refused with a code, the oldest ids first."""
        ...

    def answer(self, answers: Sequence[tuple[InboxRow, Answer]], instead_of: str = "") -> int:
        """Write answers, all or none; returns how many rows have one now.

        `instead_of` is the code with which the rows were refused, empty where they wait.
        """
        ...


class TakingRows(Protocol):
    """`node.intake_rows.RowIntake`."""

    def take(
        self,
        batch: str,
        source: str,
        kind: str,
        list_type: str,
        rows: Mapping[int, Mapping[str, str]],
        *,
        one_subject: bool = False,
    ) -> dict[int, Answer | None]:
        """Publish rows of one source, kind and list; None for what is to be brought again."""
        ...

    def group(self, source: str, kind: str, list_type: str) -> tuple[str, str]:
        """Return under which source and list rows count."""
        ...


class Noting(Protocol):
    """`node.inbox_tally.InboxTally`."""

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
                members (`node.asking`); then only reliefs are taken.
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
        reliefs = tuple(RELIEFS)
        count, error = self._rounds(reliefs if self._short() else ())
        if error is not None and not isinstance(error, PlatformError):
            # What keeps lists waiting need not keep relief.
            count += self._rounds(reliefs)[0]
        self._tell(error)
        return count

    def _rounds(self, kinds: Sequence[str]) -> tuple[int, Exception | None]:
        """Take rows of some kinds, of all where none is named, until none waits or one must."""
        count = 0
        try:
            for _ in range(ROUNDS_MAX):
                answered = self._round(kinds)
                count += answered
                if not answered:
                    break
        except (AdapterError, FederationError) as error:
            return count, error
        return count, None

    def _tell(self, error: Exception | None) -> None:
        code = "" if error is None else getattr(error, "code", "store.failed")
        if error is not None and self.fault != code:
            _log.warning("inbox waits", code=code, platform=self._name, error=str(error))
        self.fault, self.message = code, "" if error is None else str(error)

    def _round(self, kinds: Sequence[str]) -> int:
        rows = self._inbox.waiting(kinds, BATCH)
        count = 0
        for _, group in groupby(rows, lambda row: (row.source, row.kind, row.list_type)):
            count += self._take(list(group)).total()
        return count

    def take_again(
        self, source: str, code: str, say: Callable[[Sequence[int]], None]
    ) -> Counter[str]:
        """Take rows that were refused because nearly all go to one subject: somebody says yes.

        Args:
            source: the source whose rows are meant.
            code: with which they were refused.
            say: keeps the word about rows, by id, before they are published.

        Returns:
            How many rows led to what.

        Raises:
            PlatformError: the rows cannot be read or answered.
            FederationError: nothing can be published now.
            MappingError: the mapping of the source is not there or not valid.
        """
        outcomes: Counter[str] = Counter()
        after = 0
        before: list[int] = []
        while rows := self._inbox.refused(code, [source], after, BATCH):
            ids = [row.id for row in rows]
            if ids == before:  # none of them was answered, or with the same code
                after = ids[-1]
                continue
            before = ids
            say(ids)
            for _, group in groupby(rows, lambda row: (row.source, row.kind, row.list_type)):
                outcomes += self._take(list(group), again=code)
        return outcomes

    def _take(self, rows: Sequence[InboxRow], again: str = "") -> Counter[str]:
        """Take rows that wait, or that were refused with a code, and answer them."""
        first = rows[0]
        answers: dict[int, Answer | None] = {}
        cells = {}
        for number, row in enumerate(rows, start=1):
            found = row.cells()
            if row.source not in self._sources:
                answers[number] = _not_bound(self._name, self._sources)
            elif found is None:
                answers[number] = _malformed()
            else:
                cells[number] = found
        if cells:
            batch = f"{self._name}/{first.id}"
            with self._failpoints.at("inbox.take"):
                answers |= self._intake.take(
                    batch,
                    first.source,
                    first.kind,
                    first.list_type,
                    cells,
                    one_subject=bool(again),
                )
        self._note(rows, answers)
        given = [(rows[number - 1], answer) for number, answer in answers.items() if answer]
        with self._failpoints.at("inbox.answer"):
            answered = self._inbox.answer(given, again)
        return Counter(answer.outcome for _, answer in given) if answered else Counter()

    def _note(self, rows: Sequence[InboxRow], answers: Mapping[int, Answer | None]) -> None:
        """Tell the quality; a source for which the platform may not speak answers for nothing."""
        first = rows[0]
        group = ("", "")
        if first.source in self._sources:
            group = self._intake.group(first.source, first.kind, first.list_type)
        by_id = {rows[number - 1].id: answer for number, answer in answers.items()}
        self._tally.note(self._name, group, first.kind, by_id)


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
