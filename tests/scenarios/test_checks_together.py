"""Questions that wait at one time are answered in one snapshot and one unit, each for itself.

Covers node/screening/desk.py, node/screening/grouped.py, node/screening/recording.py,
node/access/together.py.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from adapters.errors import ConflictError, CorruptError, StoreError
from adapters.sql.checks import StoredCheck, add_checks
from adapters.sql.query_rows import has_rows
from adapters.sql.query_store import QueryWrites
from federation.errors import RefusedError
from federation.screening.questions import QuestionError
from federation.screening.roles import Action, Asker
from node.access import together
from node.records.subject_reading import SubjectReading
from node.screening import recording
from tests.scenarios.test_checks import World
from tests.support.invented import code_of
from tests.support.screened import FINANCE, LOCAL, asked

Answers = list[Future[dict[str, Any]]]


class Gate:
    """Holds the only thread up with a question, so that those after it become one group."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(together, "THREADS", 1)
        self.world = world
        self.units: list[int] = []
        access = world.screened.access
        admit, answered = access.admit, access.answered
        begun, go = threading.Event(), threading.Event()

        def admitting(asker: Asker, action: Action, **question: str) -> None:
            admit(asker, action, **question)
            if not begun.is_set():
                begun.set()
                go.wait()

        def counting(writes: QueryWrites, asker: Asker, count: int) -> None:
            self.units.append(count)
            answered(writes, asker, count)

        monkeypatch.setattr(access, "admit", admitting)
        monkeypatch.setattr(access, "answered", counting)
        self.desk = world.screened.wired()
        self._begun, self._go = begun, go

    def ask(self, questions: Sequence[dict[str, Any]], asker: Asker = FINANCE) -> Answers:
        """Let questions be one group; each has an answer or an error when this returns."""
        first = self.desk.ask(LOCAL, asked(90, request_id=self.new_id()))
        self._begun.wait()
        found = [self.desk.ask(asker, question) for question in questions]
        self._go.set()
        first.result()
        for one in found:
            one.exception()
        return found

    def new_id(self) -> str:
        return self.world.yibin.tokens(8).hex()

    def question(self, number: int, **changed: Any) -> dict[str, Any]:
        return asked(number, **{"request_id": self.new_id()} | changed)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("together"))
    made.list_(1)
    yield made
    made.close()


@pytest.fixture
def gate(world: World, monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(world, monkeypatch)


def results(answers: Answers) -> list[object]:
    return [one.exception() or one.result()["result"] for one in answers]


def test_a_group_is_one_unit_and_each_question_is_answered_for_itself(gate: Gate) -> None:
    match, bad, clear, twice = gate.ask(
        [
            gate.question(1),
            gate.question(2, case_no=""),
            gate.question(3),
            gate.question(1, matter="nobody-knows-it"),
        ]
    )
    assert results([match, clear]) == ["match", "clear"]
    assert isinstance(bad.exception(), QuestionError)
    assert isinstance(twice.exception(), RefusedError)
    assert gate.units == [1, 2]
    promises = {one.result()["promise"]["query_id"] for one in (match, clear)}
    assert len(promises) == 2


def test_one_request_id_in_one_group_is_one_number_and_no_other_question(gate: Gate) -> None:
    same = gate.question(1)
    first, again, other = gate.ask([same, same, asked(2, request_id=same["request_id"])])
    assert results([first, again]) == ["match", "match"]
    assert first.result()["number"] == again.result()["number"]
    assert first.result()["promise"] != again.result()["promise"]
    refusal = other.exception()
    assert isinstance(refusal, RefusedError)
    assert refusal.code == "request.reused"


@pytest.mark.parametrize("error", [ValueError("a fault of ours"), CorruptError("a page")])
def test_what_breaks_while_one_subject_is_read_is_none_of_the_others(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    read = SubjectReading.read

    def breaking(self: SubjectReading, session: Any, questions: Any) -> Any:
        if any(question.code == code_of(2) for question in questions):
            raise error
        return read(self, session, questions)

    monkeypatch.setattr(SubjectReading, "read", breaking)
    answers = gate.ask([gate.question(number) for number in (1, 2, 3)])
    assert results(answers) == ["match", error, "clear"]


def test_what_breaks_while_one_answer_is_kept_is_none_of_the_others(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = gate.question(3, case_no="broken")

    def breaking(writes: QueryWrites, new: Sequence[StoredCheck]) -> None:
        add_checks(writes, new)
        if any(one.result == "clear" for one in new if len(gate.units) > 0):
            raise ConflictError("a row")

    monkeypatch.setattr(recording, "add_checks", breaking)
    answers = gate.ask([gate.question(1), broken])
    assert results(answers)[0] == "match"
    assert isinstance(answers[1].exception(), ConflictError)
    with gate.world.screened.store.read() as reads:
        assert has_rows(reads)
    monkeypatch.undo()
    assert gate.desk.check(FINANCE, broken)["number"], "nothing of it was kept"


def test_where_a_store_is_gone_all_are_told_so_at_once(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_of: list[int] = []
    gone = StoreError("gone")

    def breaking(self: SubjectReading, session: Any, questions: Any) -> Any:
        if questions[0].code == code_of(90):
            return read(self, session, questions)
        asked_of.append(len(questions))
        raise gone

    read = SubjectReading.read
    monkeypatch.setattr(SubjectReading, "read", breaking)
    answers = gate.ask([gate.question(number) for number in (1, 2, 3)])
    assert results(answers) == [gone, gone, gone]
    assert asked_of == [3]
