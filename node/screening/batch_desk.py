"""The desk for batches 批量核查: opened, asked part by part, closed; or all of that in one message.

    opened = desk.open(asker, said)      # matter and case admitted, as of when
    desk.part(opened, 1, rows)           # judged, recorded, answered; any number of parts
    desk.close(opened)                   # every match judged again

Of a part whose rows are many, only those are read whose answer is not plain (`batch_snapshot`);
what is read is judged by what judges single checks. Each part is one durable unit of the query
store (`batch_recording`). Rules BA1 to BA8 (`federation.screening.batches`).

    BA4  each row is a question of the credential's budget, counted before anything is looked up; a
         batch has at most as many rows as a case of the credential may have subjects
         (`batch.case`), and a credential that is stopped asks for none

A process that dies between two parts has answered the parts before; whoever asks goes on with the
next, here or in another process. Any thread; every call blocks.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any, Final, Protocol

from adapters.sql.query_store import QueryStore
from federation.errors import RefusedError, StatementError
from federation.ids import Timestamp
from federation.reconcile.held_records import Coverage, LogState
from federation.screening.batches import (
    PART_ROWS,
    ROWS_AT_ONCE,
    Head,
    Row,
    Rows,
    is_over,
    says_more,
)
from federation.screening.checks import Result
from federation.screening.questions import Question, QuestionError, read
from federation.screening.roles import Action, Asker
from node.access.numbering import to_json
from node.access.query_writer import QueryWriter
from node.records.coverage import coverage_to_json
from node.screening.answers import Place, answer_to_json, measures_to_json, place_of
from node.screening.batch_recording import BatchRecording, Opened, Part
from node.screening.batch_snapshot import Snapshot, Snapshots
from node.screening.judging import Judging
from node.screening.recording import Answered, Kept
from node.system.clock import Clock
from node.system.failpoints import Failpoints
from node.texts.codes import chinese

GROUP: Final = 64
"""Questions judged in one snapshot."""
READ_ALL: Final = ROWS_AT_ONCE
"""Rows of a batch that are all read, a millisecond each; for more a snapshot is worth seconds."""
INPUT: Final = re.compile("[0-9a-f]{64}").fullmatch
_ROW: Final = ("result", "number", "matches", "notes", "codes", "superseded", "normalised")
_SOMEBODY: Final = ("91510500YY00000001", "示例")
"""A row by which the head of a batch is read."""


class Admission(Protocol):
    """Who may ask, and how much (`node.access.admitting.Access`)."""

    def admit_rows(
        self, asker: Asker, action: Action, rows: int, *, matter: str, purpose: str, total: int
    ) -> None:
        """Let so many rows more be asked about, or refuse (BA4)."""
        ...


@dataclass(slots=True, kw_only=True)
class Batch:
    """A batch in this process. Its parts are asked one after the other."""

    opened: Opened
    rows: int = 0
    """Asked in this process."""
    snapshot: Snapshot | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True, kw_only=True)
class _Subject:
    """One subject of a part, with the rows that name it, each as it asked."""

    question: Question
    rows: list[tuple[int, Question]] = field(default_factory=list)
    said: Answered | None = None


@dataclass(slots=True, kw_only=True)
class _Asked:
    """A part: whose questions are judged, which rows are none, and all who are asked about."""

    subjects: dict[str, _Subject] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    about: Sequence[Row] = ()


class BatchDesk:
    """Answers about many."""

    def __init__(
        self,
        *,
        judging: Judging,
        snapshots: Snapshots,
        access: Admission,
        queries: QueryStore,
        writer: QueryWriter,
        recording: BatchRecording,
        clock: Clock,
        failpoints: Failpoints,
    ) -> None:
        """Wire it.

        Args:
            judging: judges questions.
            snapshots: what spares the reading of most rows.
            access: who may ask.
            queries: the query store; only read.
            writer: of the query store.
            recording: what is kept of a batch.
            clock: never behind any clock that is believed.
            failpoints: for the crash tests.
        """
        self._judging = judging
        self._snapshots = snapshots
        self._access = access
        self._queries = queries
        self._writer = writer
        self._recording = recording
        self._clock = clock
        self._failpoints = failpoints

    def open(self, asker: Asker, raw: Mapping[str, Any]) -> Batch:
        """Open a batch, or go on with one.

        Args:
            asker: who asks.
            raw: `request_id`, `matter`, `case_no`, `purpose`, and `input`: the SHA-256 of what the
                rows are read from, 64 hexadecimal digits.

        Raises:
            QuestionError: `question.…`, `batch.input`.
            RefusedError: `access.…`, `matter.…`, `request.reused`, `batch.over`.
            StoreError: a store.
        """
        given = raw.get("input")
        if not isinstance(given, str) or INPUT(given) is None:
            message = (
                "input: 输入内容的 SHA-256，64 位小写十六进制 / expected the SHA-256 of the input, "
                "64 hexadecimal digits"
            )
            raise StatementError("batch.input", message)
        asked = read({**raw, "scheme": "", "code": _SOMEBODY[0], "name": _SOMEBODY[1]})
        self._access.admit_rows(
            asker, Action.CHECK, 0, matter=asked.matter, purpose=asked.purpose, total=0
        )
        (judged,) = self._judging.judged([(asker, asked)])
        if isinstance(judged, RefusedError):
            raise judged
        now = self._clock.now()
        new = Opened(
            asker=asker,
            head=Head(
                number=judged.answer.number,
                matter=asked.matter,
                case_no=asked.case_no,
                purpose=asked.purpose,
            ),
            at=now,
            as_of=_as_of(now, judged.answer.coverage),
        )
        unit = partial(self._recording.open, new=new, request_id=asked.request_id, given=given)
        opened = self._writer.submit(unit).result()
        self._check_age(opened)
        return Batch(opened=opened)

    def part(self, batch: Batch, number: int, rows: Rows) -> dict[str, Any]:
        """Answer the rows of a part, those before `others` say something more than clear.

        Args:
            batch: as it was opened.
            number: of the part, from 1.
            rows: at most `PART_ROWS`.

        Raises:
            StatementError: `batch.part`.
            RefusedError: `access.…`, `batch.…`, `check.unready`, `queries.…`.
            StoreError: a store; nothing of the part was answered.
        """
        if number < 1 or len(rows) > PART_ROWS:
            message = (
                f"每段至多 {PART_ROWS} 行 / expected at most {PART_ROWS} rows, of a part from 1"
            )
            raise StatementError("batch.part", message)
        if not rows:  # all of it was no question to whoever reads the input
            return {"part": number, "rows": 0, "others": []}
        with batch.turn:
            return self._part(batch, number, rows)

    def _part(self, batch: Batch, number: int, rows: Rows) -> dict[str, Any]:
        opened = batch.opened
        self._check_age(opened)
        with self._queries.read() as reads:
            total = self._recording.rows_but(reads, opened, number) + len(rows)
        self._access.admit_rows(
            opened.asker,
            Action.CHECK,
            len(rows),
            matter=opened.head.matter,
            purpose=opened.head.purpose,
            total=total,
        )
        batch.rows += len(rows)
        if batch.snapshot is None and batch.rows > READ_ALL:
            batch.snapshot = self._snapshots.take()
        asked = self._questions(batch, rows)
        self._judge(opened, asked.subjects)
        found = [(one.said, one.rows) for one in asked.subjects.values() if one.said is not None]
        part = Part(
            part=number,
            numbers=rows.numbers,
            at=self._clock.now(),
            subjects=asked.about,
            matches=[
                (said, [row for row, _ in of_subject])
                for said, of_subject in found
                if said.answer.result is Result.MATCH
            ],
            insufficient=sum(
                len(of_subject)
                for said, of_subject in found
                if said.answer.result is Result.INSUFFICIENT
            ),
            refused=len(asked.refused),
        )
        keep = partial(self._recording.keep, opened=opened, part=part)
        with self._failpoints.at("batch.record"):
            kept, promise = self._writer.submit(keep).result()
        others = [
            _row(row, said, question, kept.get(row))
            for said, of_subject in found
            for row, question in of_subject
            if says_more(said.answer, question)
        ]
        others = sorted([*asked.refused, *others], key=lambda one: one["row"])
        return {
            "part": number,
            "rows": len(rows),
            "others": others,
            "promise": promise.to_json(),
        }

    def close(self, batch: Batch) -> dict[str, Any]:
        """Judge every match again, and say what became of the batch (BA6, BA7).

        Raises:
            RefusedError: `batch.over`, `check.unready`, `queries.…`.
            StoreError: a store.
        """
        with batch.turn:
            opened = batch.opened
            self._check_age(opened)
            now, coverage = self._clock.now(), self._judging.covered()
            changed = [one for page in self._changed(opened) for one in page]
            closing = partial(self._recording.close, opened=opened, at=now)
            with self._failpoints.at("batch.close"):
                counts = self._writer.submit(closing).result()
        lost = sum(one["result"] != Result.MATCH for one in changed)
        unsure = sum(one["result"] == Result.INSUFFICIENT for one in changed)
        return {
            "number": opened.head.number,
            "as_of": opened.as_of,
            "closed": _as_of(now, coverage),
            "rows": counts.rows,
            "matches": counts.matches - lost,
            "insufficient": counts.insufficient + unsure,
            "refused": counts.refused,
            "clear": counts.rows
            - counts.matches
            - counts.insufficient
            - counts.refused
            + lost
            - unsure,
            "changed": changed,
        }

    def ask(self, asker: Asker, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a batch of at most `ROWS_AT_ONCE` rows that comes in one message.

        Args:
            asker: who asks.
            raw: `request_id`, `matter`, `case_no`, `purpose` and `rows`, each a code and a name.

        Raises:
            StatementError: `batch.rows`; and what `open`, `part` and `close` raise.
        """
        rows = raw.get("rows")
        if not isinstance(rows, list) or not 1 <= len(rows) <= ROWS_AT_ONCE:
            message = (
                f"rows: 1 至 {ROWS_AT_ONCE} 个主体 / expected a list of 1 to {ROWS_AT_ONCE} "
                "objects with code and name"
            )
            raise StatementError("batch.rows", message)
        given = sha256(to_json(rows).encode("utf-8", "surrogatepass")).hexdigest()
        batch = self.open(asker, {**raw, "input": given})
        codes, names = zip(*map(_given, rows), strict=True)
        numbers = range(1, len(rows) + 1)
        found = self.part(batch, 1, Rows(numbers=numbers, codes=codes, names=names))
        closed = self.close(batch)
        later = {one["row"]: one for one in closed.pop("changed")}
        others = [later.get(one["row"], one) for one in found["others"]]
        return closed | {"others": others, "promise": found["promise"]}

    # ------------------------------------------------------------------

    def _check_age(self, opened: Opened) -> None:
        if is_over(opened.at, self._clock.now()):
            message = (
                "这一批开始已超过一天，须重新核查 / the batch was opened more than a day ago: "
                "begin another one"
            )
            raise RefusedError("batch.over", message)

    def _questions(self, batch: Batch, rows: Rows) -> _Asked:
        """What of a part has to be judged, and what is no question (BA1, BA2, BA3)."""
        places = None if batch.snapshot is None else batch.snapshot.unsettled(rows)
        asked = _Asked()
        left_out = set()
        about: list[Row] = list(zip(rows.codes, rows.names, strict=True))
        for at in range(len(rows)) if places is None else places:
            row = rows.numbers[at]
            try:
                question = batch.opened.head.question(about[at])
            except QuestionError as error:
                asked.refused.append(_refused(row, error))
                left_out.add(at)
                continue
            about[at] = question.code, question.name
            one = asked.subjects.setdefault(question.request_id, _Subject(question=question))
            one.rows.append((row, question))
        if left_out:
            about = [one for at, one in enumerate(about) if at not in left_out]
        asked.about = about
        return asked

    def _judge(self, opened: Opened, subjects: Mapping[str, _Subject]) -> None:
        """Judge the questions of a part, a group in one snapshot of the store."""
        every = list(subjects.values())
        for begin in range(0, len(every), GROUP):
            group = every[begin : begin + GROUP]
            judged = self._judging.judged([(opened.asker, one.question) for one in group])
            for one, said in zip(group, judged, strict=True):
                if isinstance(said, RefusedError):
                    raise said
                one.said = said

    def _changed(self, opened: Opened) -> Iterator[list[dict[str, Any]]]:
        """Rows whose match is answered otherwise now, a page of them at a time (BA6)."""
        after = -1
        while True:
            with self._queries.read() as reads:
                told = self._recording.matches(reads, opened, after)
            if not told:
                return
            after = told[-1][0]
            yield self._judged_again(opened, told)

    def _judged_again(
        self, opened: Opened, told: Sequence[tuple[int, Question, Mapping[Place, str]]]
    ) -> list[dict[str, Any]]:
        found: list[tuple[int, Answered]] = []
        for begin in range(0, len(told), GROUP):
            group = told[begin : begin + GROUP]
            judged = self._judging.judged([(opened.asker, question) for _, question, _ in group])
            for (row, _, before), one in zip(group, judged, strict=True):
                if isinstance(one, RefusedError):
                    raise one
                if _differs(one, before):
                    found.append((row, one))
        once = {one.question.request_id: one for _, one in found}
        if not once:
            return []
        again = partial(self._recording.again, answered=list(once.values()))
        kept = dict(zip(once, self._writer.submit(again).result(), strict=True))
        return [
            _row(row, once[one.question.request_id], one.question, kept[one.question.request_id])
            for row, one in found
        ]


def _differs(now: Answered, before: Mapping[Place, str]) -> bool:
    """Whether a match is answered otherwise than it was told."""
    found = {
        place_of(one.reference): [measure["code"] for measure in measures_to_json(one.measures)]
        for one in now.answer.matches
    }
    was = {place: [one["code"] for one in json.loads(said)] for place, said in before.items()}
    return found != was


def _row(row: int, said: Answered, question: Question, kept: Kept | None) -> dict[str, Any]:
    """The answer to a row: as to a single check, without what is the whole batch's."""
    whole = answer_to_json(
        said.answer,
        matter=question.matter,
        normalised=question.normalised,
        due_on=kept.due_on if kept else {},
        superseded=kept.superseded if kept else (),
        promise={},
    )
    number = kept.number if kept else ""
    return {"row": row} | {name: whole[name] for name in _ROW} | {"number": number}


def _refused(row: int, error: QuestionError) -> dict[str, Any]:
    code = {"code": error.code, "message": chinese(error.code), "said": []}
    empty: dict[str, Any] = {name: [] for name in _ROW}
    return {"row": row} | empty | {"result": "refused", "number": "", "codes": [code]}


def _given(row: object) -> tuple[Any, Any]:
    """Code and name of a row; what is no object has neither, which is its own fault."""
    said = row if isinstance(row, dict) else {}
    return said.get("code"), said.get("name")


def _as_of(at: Timestamp, coverage: Sequence[Coverage]) -> dict[str, Any]:
    return {
        "at": at,
        "complete": all(log.state is LogState.OK for log in coverage),
        "coverage": [coverage_to_json(log) for log in coverage],
    }
