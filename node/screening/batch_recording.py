"""What is kept of a batch, in one durable unit for each part, before its rows are answered.

    BA5  a part is answered only once its row of the query log, the sealed set of all that were
         asked about in it, and check and matches of each row that is one (CK13) are durable,
         together or not at all. The row of the query log has the hash of that set. A part that is
         asked again is judged anew, under the same numbers; what was kept before stays
    BA8  a request id names one batch of one credential: matter, case, purpose and input of another
         are refused under it (`request.reused`)

Only numbers, counts and tags stand in the clear.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from adapters.sql.batches import (
    Counts,
    StoredBatch,
    StoredPart,
    add_batch,
    add_part,
    batch_of,
    close_batch,
    counts_of,
    match_rows,
    put_match_rows,
    turns_of,
)
from adapters.sql.checks import StoredCheck, check_by_number, matches_of
from adapters.sql.query_store import QueryReads, QueryWrites
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.screening.batches import Head, Row
from federation.screening.query_log import EntryKind, Promise
from federation.screening.questions import Question
from federation.screening.roles import Action, Asker
from node.access.asked_sets import asked_set
from node.access.numbering import to_json
from node.access.query_keys import QueryKeys, Sealed
from node.access.query_log import ASKED, Entry, QueryLog
from node.screening.answers import Place
from node.screening.recording import Answered, Kept, Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A batch that was opened, now or before."""

    asker: Asker
    head: Head
    at: Timestamp
    as_of: Mapping[str, Any]
    """When it was opened, and how the logs stood then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part as it was judged.

    Attributes:
        part: its number, from 1.
        numbers: of all its rows.
        at: when it was judged.
        subjects: all that were asked about in it.
        matches: answers that are matches, each subject once, and the rows that ask about it.
        insufficient: how many rows are.
        refused: how many rows were no questions.
    """

    part: int
    numbers: Sequence[int]
    at: Timestamp
    subjects: Sequence[Row]
    matches: Sequence[tuple[Answered, Sequence[int]]]
    insufficient: int
    refused: int

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.subjects) + self.refused


class BatchRecording:
    """Keeps batches; on the query writer's thread, but for what says that it reads."""

    def __init__(
        self,
        *,
        keys: QueryKeys,
        log: QueryLog,
        recording: Recording,
        answered: Callable[[QueryWrites, Asker, int], None],
    ) -> None:
        """Wire it; `answered` counts so many answers for a credential."""
        self._keys = keys
        self._log = log
        self._recording = recording
        self._answered = answered

    def open(self, writes: QueryWrites, new: Opened, request_id: str, given: str) -> Opened:
        """Keep a batch, or find the one of this request.

        Args:
            writes: the unit's session.
            new: as it is opened now.
            request_id: the caller's.
            given: the digest of its input.

        Raises:
            RefusedError: `request.reused` (BA8).
        """
        head = new.head
        request_key = self._tag("batch", new.asker.credential, request_id)
        question_tag = self._tag("batch-of", head.matter, head.case_no, head.purpose, given)
        before = batch_of(writes, request_key)
        if before is not None:
            if before.question_tag != question_tag:
                message = (
                    "请求编号须每批各用一个；输入、事项、办件有变的是另一批 / expected a new "
                    "request id for a batch of another input, matter, purpose or case"
                )
                raise RefusedError("request.reused", message)
            as_of = json.loads(self._keys.open(_sealed(before), place=before.number.encode()))
            known = Head(
                number=before.number,
                matter=head.matter,
                case_no=head.case_no,
                purpose=head.purpose,
            )
            return Opened(
                asker=new.asker, head=known, at=Timestamp(before.at), as_of=as_of["as_of"]
            )
        kept = to_json({"as_of": new.as_of, "case_no": head.case_no}).encode()
        sealed = self._keys.seal(kept, place=head.number.encode())
        add_batch(
            writes,
            StoredBatch(
                number=head.number,
                asker=new.asker.credential,
                request_key=request_key,
                question_tag=question_tag,
                at=new.at,
                key=sealed.key,
                sealed=sealed.data,
            ),
        )
        return new

    def keep(
        self, writes: QueryWrites, opened: Opened, part: Part
    ) -> tuple[Mapping[int, Kept], Promise]:
        """Keep a part (BA5).

        Returns:
            What became of the rows that are matches, by row; and the promise of the query log.
        """
        number = opened.head.number
        asked = asked_set(part.subjects)
        rows = sum(len(rows) for _, rows in part.matches)
        entry = Entry(
            kind=EntryKind.QUESTION,
            asker=opened.asker.credential,
            department=opened.asker.department,
            action=Action.CHECK.value,
            at=part.at,
            matter=opened.head.matter,
            purpose=opened.head.purpose,
            case_no=opened.head.case_no,
            result=f"{rows}/{part.rows}",
            number=number,
            references=(f"batch {number}/{part.part}", ASKED + sha256(asked).hexdigest()),
        )
        promise = self._log.record(writes, entry)
        sealed = self._keys.seal(asked, place=promise.query_id)
        turn = turns_of(writes, number, part.part)
        add_part(
            writes,
            StoredPart(
                number=number,
                part=part.part,
                turn=turn,
                query_id=promise.query_id,
                at=part.at,
                asked=part.rows,
                matches=rows,
                insufficient=part.insufficient,
                refused=part.refused,
                key=sealed.key,
                sealed=sealed.data,
            ),
        )
        found: dict[int, Kept] = {}
        answers = [answered.to_keep() for answered, _ in part.matches]
        kept = self._recording.keep(writes, answers) if answers else ()
        for (_, of_subject), one in zip(part.matches, kept, strict=True):
            if isinstance(one, RefusedError):  # another question under a subject's own request id
                raise one
            found |= dict.fromkeys(of_subject, one)
        matches = [(row, one.number) for row, one in found.items()]
        # Of a part that is asked again the last turn counts: what matched before is told no more.
        put_match_rows(writes, number, matches, part.numbers if turn else ())
        self._answered(writes, opened.asker, len(part.subjects) - len(answers))
        return found, promise

    def rows_but(self, reads: QueryReads, opened: Opened, part: int) -> int:
        """How many rows the other parts of a batch have; reads."""
        return counts_of(reads, opened.head.number, part).rows

    def matches(
        self, reads: QueryReads, opened: Opened, after: int
    ) -> Sequence[tuple[int, Question, Mapping[Place, str]]]:
        """Rows that are matches, with their question and measures as they were told; reads.

        Args:
            reads: a snapshot.
            opened: the batch.
            after: the row before the first.
        """
        found = []
        for row, number in match_rows(reads, opened.head.number, after):
            check = check_by_number(reads, number)
            question = None if check is None else self._question(check)
            if question is not None:
                told = {(one.origin, one.idx): one.measures for one in matches_of(reads, number)}
                found.append((row, question, told))
        return found

    def again(self, writes: QueryWrites, answered: Sequence[Answered]) -> Sequence[Kept]:
        """Keep matches that are answered otherwise now (BA6)."""
        kept = self._recording.keep(writes, [one.to_keep() for one in answered])
        for one in kept:
            if isinstance(one, RefusedError):
                raise one
        return [one for one in kept if isinstance(one, Kept)]

    def close(self, writes: QueryWrites, opened: Opened, at: Timestamp) -> Counts:
        """Keep that a batch was closed; what is counted of it."""
        close_batch(writes, opened.head.number, at)
        return counts_of(writes, opened.head.number)

    def _question(self, check: StoredCheck) -> Question | None:
        """What a match was asked; None once that is erased."""
        if check.sealed is None:
            return None
        sealed = Sealed(key=check.key, data=check.sealed)
        asked = json.loads(self._keys.open(sealed, place=check.number.encode()))
        return Question(matter=check.matter, **asked)

    def _tag(self, *values: str) -> bytes:
        return self._keys.tag(to_json(list(values)).encode())


def _sealed(batch: StoredBatch) -> Sealed:
    return Sealed(key=batch.key, data=batch.sealed)
