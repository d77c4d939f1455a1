"""What is kept of answers about benefits, in one durable unit, before they are given.

As of checks (CK13): an answer is given only once its row of the query log and what it was about are
durable, together or not at all; under which number, says `node.access.numbering` (CK14).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.sql.benefits import BenefitCheck, add_benefit_checks, replace_benefit_check
from adapters.sql.checks import add_checks, answer_again
from adapters.sql.query_store import QueryWrites
from federation.errors import RefusedError
from federation.ids import Timestamp
from federation.recognition.facts import Evidence
from federation.screening.query_log import EntryKind
from federation.screening.roles import Action, Asker
from node.access.numbering import Answering, Numbered, Numbering
from node.access.query_keys import QueryKeys
from node.access.query_log import Entry, QueryLog, Subject
from node.recognition.benefit_questions import BenefitQuestion

REFERENCES: Final = 256
"""Leaves that a row of the query log names: it holds 32 KiB, and must hold every answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What is to be kept of an answer.

    Attributes:
        asker: who asked.
        question: what was asked.
        number: under which it is kept, where nothing was answered before.
        at: when, seconds UTC.
        result: in a word.
        complete: whether every log was heard.
        evidence: what answered it.
        of: of one scenario, which; None of all.
    """

    asker: Asker
    question: BenefitQuestion
    number: str
    at: Timestamp
    result: str
    complete: bool
    evidence: Sequence[Evidence]
    of: BenefitCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What an answer became."""

    number: str
    promise: Mapping[str, Any]


class BenefitRecording:
    """Keeps answers; on the query writer's thread."""

    def __init__(
        self,
        *,
        keys: QueryKeys,
        log: QueryLog,
        answered: Callable[[QueryWrites, Asker, int], None],
    ) -> None:
        """Wire it; `answered` counts so many answers for a credential."""
        self._numbering = Numbering(keys)
        self._log = log
        self._answered = answered

    def keep(
        self, writes: QueryWrites, answered: Sequence[Answered]
    ) -> Sequence[Kept | RefusedError]:
        """Keep answers, in this order and in few statements.

        Args:
            writes: the unit's session.
            answered: one or several.

        Returns:
            What became of each; an error, `request.reused`, where nothing of it is kept.
        """
        numbered = self._numbering.numbered(
            writes,
            [
                Answering(asker=said.asker, question=said.question, number=said.number)
                for said in answered
            ],
        )
        taken = [
            (said, one)
            for said, one in zip(answered, numbered, strict=True)
            if isinstance(one, Numbered)
        ]
        promises = self._log.record_all(writes, [_entry(said, one.number) for said, one in taken])
        new, new_of = [], []
        kept = []
        for (said, one), promise in zip(taken, promises, strict=True):
            check = self._numbering.check(
                said.asker,
                said.question,
                one,
                matter="",
                at=said.at,
                result=said.result,
                complete=said.complete,
                promise=promise,
            )
            of = None if said.of is None else replace(said.of, number=one.number)
            if one.again:
                answer_again(writes, check)
                if of is not None:
                    replace_benefit_check(writes, of)
            else:
                new.append(check)
                new_of += [] if of is None else [of]
            kept.append(Kept(number=one.number, promise=promise.to_json()))
        add_checks(writes, new)
        add_benefit_checks(writes, new_of)
        for asker, count in Counter(said.asker for said, _ in taken).items():
            self._answered(writes, asker, count)
        told = iter(kept)
        return [one if isinstance(one, RefusedError) else next(told) for one in numbered]


def _entry(said: Answered, number: str) -> Entry:
    asker, question = said.asker, said.question
    places = dict.fromkeys(f"{one.origin}/{one.index}" for one in said.evidence)
    return Entry(
        kind=EntryKind.QUESTION,
        asker=asker.credential,
        department=asker.department,
        action=Action.BENEFIT.value,
        at=said.at,
        purpose=question.purpose,
        case_no=question.case_no,
        subjects=(Subject(code=question.code, name=question.name),),
        result=said.result,
        number=number,
        references=tuple(places)[:REFERENCES],
    )
