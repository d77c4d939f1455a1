"""What is kept of answers, in one durable unit, before they are given.

    CK13 an answer is given only once its row of the query log, its check and its matches are
         durable, together or not at all. Answers that are kept in one unit are each for itself:
         what one is refused or breaks is none of the others'
    CK14 a question that was asked before under its request id (`node.access.numbering`) is told
         what no longer holds
    CK15 a match begins `pending` where a measure was named, with its last day, else `closed`. What
         was named once stays named: a later answer adds to it and takes nothing away

Only references and tags stand in the clear: what was asked is sealed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.sql.checks import (
    StoredCheck,
    StoredMatch,
    add_checks,
    add_matches,
    answer_again,
    matches_of,
    replace_match,
)
from adapters.sql.query_store import QueryWrites
from federation.errors import RefusedError
from federation.ids import Date, Timestamp
from federation.screening.checks import Answer, Result
from federation.screening.outcomes import MatchState
from federation.screening.query_log import EntryKind, Promise
from federation.screening.questions import Question
from federation.screening.roles import Action, Asker
from node.access.numbering import Answering, Numbered, Numbering, to_json
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog, Subject
from node.screening.answers import Place, measures_to_json, place_of

REFERENCES: Final = 256
"""Records that a row of the query log names: it holds 32 KiB, and must hold every answer. All
matches stand in `check_matches`."""
NO_MEASURES: Final = "[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldMatch:
    """What is kept of a match.

    Attributes:
        place: where the record stands.
        record: its key, packed.
        list_type: of its list.
        measures: those that were named, as JSON; `[]` for none.
    """

    place: Place
    record: bytes
    list_type: str
    measures: str

    @property
    def obliges(self) -> bool:
        """Whether an outcome has to be reported."""
        return self.measures != NO_MEASURES


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is kept of an answer.

    Attributes:
        number: that it has, where nothing was answered to the same request before.
        at: when it was judged.
        result: in a word.
        complete: whether every log was heard.
        matches: all of them.
        notes: places of the first notes.
    """

    number: str
    at: Timestamp
    result: Result
    complete: bool
    matches: tuple[ToldMatch, ...]
    notes: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToKeep:
    """An answer that is to be kept.

    Attributes:
        asker: who asked.
        question: what was asked.
        told: what is answered.
        due_on: last day for outcomes of what it names; 0 where no table covers it.
    """

    asker: Asker
    question: Question
    told: Told
    due_on: Date


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question that was judged; attributes as of `ToKeep`."""

    asker: Asker
    question: Question
    answer: Answer
    due_on: Date

    def to_keep(self) -> ToKeep:
        """What of it is kept."""
        answer = self.answer
        told = Told(
            number=answer.number,
            at=answer.at,
            result=answer.result,
            complete=answer.complete,
            matches=tuple(
                ToldMatch(
                    place=place_of(one.reference),
                    record=one.record,
                    list_type=one.reference.list_type,
                    measures=to_json(measures_to_json(one.measures)),
                )
                for one in answer.matches
            ),
            notes=tuple(place_of(one.reference) for one in answer.notes[:REFERENCES]),
        )
        return ToKeep(asker=self.asker, question=self.question, told=told, due_on=self.due_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What an answer became."""

    number: str
    """The answer's own, or that of the first answer to the same request."""
    superseded: tuple[Place, ...]
    due_on: Mapping[Place, Date]
    promise: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """An answer as it is kept."""

    check: StoredCheck
    matches: Mapping[Place, StoredMatch]
    again: bool
    promise: Promise


class Recording:
    """Keeps answers; on the query writer's thread."""

    def __init__(
        self,
        *,
        keys: QueryKeys,
        log: QueryLog,
        answered: Callable[[QueryWrites, Asker, int], None],
    ) -> None:
        """Wire it; `answered` counts so many answers for a credential."""
        self._keys = keys
        self._numbering = Numbering(keys)
        self._log = log
        self._answered = answered

    def keep(
        self, writes: QueryWrites, answered: Sequence[ToKeep]
    ) -> Sequence[Kept | RefusedError]:
        """Keep answers, in this order and in few statements (CK13, CK14, CK15).

        Args:
            writes: the unit's session.
            answered: one or several.

        Returns:
            What became of each; an error, `request.reused`, where nothing of it is kept.
        """
        numbered = self._numbering.numbered(
            writes,
            [
                Answering(asker=said.asker, question=said.question, number=said.told.number)
                for said in answered
            ],
        )
        taken = [
            (said, one)
            for said, one in zip(answered, numbered, strict=True)
            if isinstance(one, Numbered)
        ]
        promises = self._log.record_all(writes, [_entry(said, one.number) for said, one in taken])
        made = [
            self._made(said, one, promise)
            for (said, one), promise in zip(taken, promises, strict=True)
        ]
        first = [one for one in made if not one.again]
        add_checks(writes, [one.check for one in first])
        add_matches(writes, [match for one in first for match in one.matches.values()])
        kept = iter([_kept(writes, one) for one in made])
        for asker, count in Counter(said.asker for said, _ in taken).items():
            self._answered(writes, asker, count)
        return [one if isinstance(one, RefusedError) else next(kept) for one in numbered]

    def _made(self, said: ToKeep, numbered: Numbered, promise: Promise) -> _Made:
        question, told = said.question, said.told
        check = self._numbering.check(
            said.asker,
            question,
            numbered,
            matter=question.matter,
            at=told.at,
            result=told.result.value,
            complete=told.complete,
            promise=promise,
        )
        matches = {
            match.place: self._match(check.number, question, match, said.due_on)
            for match in told.matches
        }
        return _Made(check=check, matches=matches, again=numbered.again, promise=promise)

    def _match(
        self, number: str, question: Question, match: ToldMatch, due_on: Date
    ) -> StoredMatch:
        origin, index = match.place
        return StoredMatch(
            number=number,
            origin=origin,
            idx=index,
            record_tag=self._keys.tag(b"record\0" + match.record),
            list_type=match.list_type,
            matter=question.matter,
            measures=match.measures,
            due_on=due_on if match.obliges else 0,
            state=MatchState.PENDING if match.obliges else MatchState.CLOSED,
        )


def _kept(writes: QueryWrites, made: _Made) -> Kept:
    """What is told of an answer; of one that was given before, what it became now."""
    now, held = dict(made.matches), dict[Place, StoredMatch]()
    if made.again:
        answer_again(writes, made.check)
        held = {(one.origin, one.idx): one for one in matches_of(writes, made.check.number)}
        add_matches(writes, [one for place, one in now.items() if place not in held])
        for place in now.keys() & held.keys():
            now[place] = _again(writes, held[place], now[place])
    return Kept(
        number=made.check.number,
        superseded=tuple(sorted(held.keys() - now.keys())),
        due_on={place: Date(one.due_on) for place, one in now.items()},
        promise=made.promise.to_json(),
    )


def _again(writes: QueryWrites, before: StoredMatch, now: StoredMatch) -> StoredMatch:
    """Add what is named now to a match that was told before (CK15)."""
    told = json.loads(before.measures)
    known = {one["code"] for one in told}
    fresh = [one for one in json.loads(now.measures) if one["code"] not in known]
    if not fresh:
        return before
    merged = replace(before, measures=to_json([*told, *fresh]))
    if not told:
        merged = replace(merged, due_on=now.due_on, state=now.state)
    replace_match(writes, merged)
    return merged


def _entry(said: ToKeep, number: str) -> Entry:
    asker, question, told = said.asker, said.question, said.told
    return Entry(
        kind=EntryKind.QUESTION,
        asker=asker.credential,
        department=asker.department,
        action=Action.CHECK.value,
        at=told.at,
        matter=question.matter,
        purpose=question.purpose,
        case_no=question.case_no,
        subjects=(Subject(code=question.code, name=question.name),),
        result=told.result.value,
        number=number,
        references=tuple(_references(told)),
    )


def _references(told: Told) -> Iterable[str]:
    """What was told, by place: never what it says."""
    places = [*(one.place for one in told.matches), *told.notes]
    return (f"{origin}/{index}" for origin, index in places[:REFERENCES])
