"""What is kept of an answer, in one durable unit, before it is given.

    CK13 an answer is given only once its row of the query log, its check and its matches are
         durable, together or not at all
    CK14 a request id names one question of one credential: asked again it is judged anew under the
         number of before, and what no longer holds is told; another question under it is refused
         (`request.reused`), and nothing of it is kept
    CK15 a match begins `pending` where a measure was named, with its last day, else `closed`. What
         was named once stays named: a later answer adds to it and takes nothing away

Only references and tags stand in the clear: what was asked is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.sql.checks import (
    StoredCheck,
    StoredMatch,
    add_check,
    add_matches,
    answer_again,
    check_of,
    matches_of,
    replace_match,
)
from adapters.sql.query_store import QueryWrites
from federation.errors import RefusedError
from federation.ids import Date
from federation.screening.checks import Answer, Match
from federation.screening.outcomes import MatchState
from federation.screening.query_log import EntryKind
from federation.screening.questions import Question
from federation.screening.roles import Action, Asker
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog, Subject
from node.screening.answers import Place, measures_to_json, place_of

REFERENCES: Final = 256
"""Records that a row of the query log names: it holds 32 KiB, and must hold every answer. All
matches stand in `check_matches`."""
_NO_MEASURES: Final = "[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What an answer became."""

    number: str
    """The answer's own, or that of the first answer to the same request."""
    superseded: tuple[Place, ...]
    due_on: Mapping[Place, Date]
    promise: Mapping[str, Any]


class Recording:
    """Keeps answers; on the query writer's thread."""

    def __init__(
        self,
        *,
        keys: QueryKeys,
        log: QueryLog,
        answered: Callable[[QueryWrites, Asker], None],
    ) -> None:
        """Wire it; `answered` counts an answer for its credential."""
        self._keys = keys
        self._log = log
        self._answered = answered

    def keep(
        self,
        writes: QueryWrites,
        asker: Asker,
        question: Question,
        answer: Answer,
        due_on: Date,
    ) -> Kept:
        """Keep an answer (CK14, CK15).

        Args:
            writes: the unit's session.
            asker: who asked.
            question: what was asked.
            answer: what is answered.
            due_on: last day for outcomes of what it names; 0 where no table covers it.

        Raises:
            RefusedError: `request.reused`.
        """
        request_key = self._tag("request", asker.credential, question.request_id)
        question_tag = self._tag("question", *question.subject)
        before = check_of(writes, request_key)
        if before is not None and before.question_tag != question_tag:
            message = (
                "请求编号须每次查询各用一个 / expected a new request id for another question; "
                "what was asked first stands"
            )
            raise RefusedError("request.reused", message)
        number = answer.number if before is None else before.number
        promise = self._log.record(writes, _entry(asker, question, answer, number))
        sealed = self._keys.seal(_sealed(question), place=number.encode())
        check = StoredCheck(
            number=number,
            asker=asker.credential,
            request_key=request_key,
            question_tag=question_tag,
            department=asker.department,
            matter=question.matter,
            case_tag=self._tag("case", question.case_no),
            at=answer.at,
            result=answer.result.value,
            complete=answer.complete,
            query_id=promise.query_id,
            key=sealed.key,
            sealed=sealed.data,
        )
        now = {
            place_of(one.reference): self._match(number, question, one, due_on)
            for one in answer.matches
        }
        held: dict[Place, StoredMatch] = {}
        if before is None:
            add_check(writes, check)
        else:
            answer_again(writes, check)
            held = {(one.origin, one.idx): one for one in matches_of(writes, number)}
        add_matches(writes, [one for place, one in now.items() if place not in held])
        for place, one in now.items():
            if place in held:
                now[place] = _again(writes, held[place], one)
        self._answered(writes, asker)
        return Kept(
            number=number,
            superseded=tuple(sorted(held.keys() - now.keys())),
            due_on={place: Date(one.due_on) for place, one in now.items()},
            promise=promise.to_json(),
        )

    def _match(self, number: str, question: Question, match: Match, due_on: Date) -> StoredMatch:
        named = match.obliges
        return StoredMatch(
            number=number,
            origin=match.reference.origin,
            idx=match.reference.index,
            record_tag=self._keys.tag(b"record\0" + match.record),
            list_type=match.reference.list_type,
            matter=question.matter,
            measures=_json(measures_to_json(match.measures)) if named else _NO_MEASURES,
            due_on=due_on if named else 0,
            state=MatchState.PENDING if named else MatchState.CLOSED,
        )

    def _tag(self, word: str, *values: str) -> bytes:
        return self._keys.tag(_json([word, *values]).encode())


def _again(writes: QueryWrites, before: StoredMatch, now: StoredMatch) -> StoredMatch:
    """Add what is named now to a match that was told before (CK15)."""
    told = json.loads(before.measures)
    known = {one["code"] for one in told}
    fresh = [one for one in json.loads(now.measures) if one["code"] not in known]
    if not fresh:
        return before
    merged = replace(before, measures=_json([*told, *fresh]))
    if not told:
        merged = replace(merged, due_on=now.due_on, state=now.state)
    replace_match(writes, merged)
    return merged


def _entry(asker: Asker, question: Question, answer: Answer, number: str) -> Entry:
    return Entry(
        kind=EntryKind.QUESTION,
        asker=asker.credential,
        department=asker.department,
        action=Action.CHECK.value,
        at=answer.at,
        matter=question.matter,
        purpose=question.purpose,
        case_no=question.case_no,
        subjects=(Subject(code=question.code, name=question.name),),
        result=answer.result.value,
        number=number,
        references=tuple(_references(answer)),
    )


def _references(answer: Answer) -> Iterable[str]:
    """What was told, by place: never what it says."""
    told = [*(one.reference for one in answer.matches), *(one.reference for one in answer.notes)]
    return (f"{one.origin}/{one.index}" for one in told[:REFERENCES])


def _sealed(question: Question) -> bytes:
    return _json(
        {
            "request_id": question.request_id,
            "case_no": question.case_no,
            "purpose": question.purpose,
            "scheme": question.scheme,
            "code": question.code,
            "name": question.name,
        }
    ).encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
