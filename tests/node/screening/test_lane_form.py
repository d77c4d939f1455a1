"""What a worker says is read strictly (CW3).

Covers node/screening/lane_form.py, node/screening/lane.py.
"""

from __future__ import annotations

import json
from base64 import b64encode
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from adapters.errors import ConflictError, CorruptError, StoreError
from federation.errors import EntitlementError, RefusedError, StatementError
from federation.ids import Date, Timestamp
from federation.screening.checks import Result
from federation.screening.questions import read
from federation.screening.roles import Asker
from node.access.presented import Presented
from node.network.errors import UnavailableError
from node.screening.lane import Lane
from node.screening.lane_form import (
    Form,
    Moment,
    error_of,
    error_to_json,
    kept_of,
    kept_to_json,
    moment_of,
    presented_to_json,
    question_of,
    question_to_json,
    written,
)
from node.screening.recording import Kept, ToKeep
from node.workers.form import FormError
from tests.support.screened import FINANCE, asked

MATCH = {
    "place": ["510500.huxin.example/1", 7],
    "record": b64encode(b"key").decode(),
    "list_type": "judgment-defaulter",
    "measures": [{"code": "limit-funds", "name": "限制"}],
}
ANSWER = {
    "place": 0,
    "result": "match",
    "complete": True,
    "due_on": 20261207,
    "matches": [MATCH],
    "notes": [["510500.huxin.example/1", 9]],
}
KEEP = {"do": "keep", "state": 1, "answers": [ANSWER]}
WISH = {"certificate": "", "token": "hx1_a", "raw": asked()}
ADMIT = {"do": "admit", "state": 1, "asked": [WISH, WISH]}
MOMENT = Moment(now=Timestamp(1_800_000_000), today=Date(20270115), wall=Timestamp(1_799_999_990))


class Desk:
    """Admits what is not about `nobody`, and keeps everything."""

    def __init__(self) -> None:
        self.kept: list[ToKeep] = []

    def admit(self, _asker: Asker, raw: Any) -> Any:
        if raw["name"] == "nobody":
            raise RefusedError("access.budget", "used up")
        return read(raw)

    def keep(self, answers: Any, before: Any) -> Any:
        before()
        self.kept += answers
        return [
            Kept(number=one.told.number, superseded=(), due_on={}, promise={}) for one in answers
        ]


class States:
    def __init__(self) -> None:
        self.now = 1

    def number(self) -> int:
        return self.now

    def pickled(self) -> tuple[int, bytes]:
        return self.now, b"state"


class World:
    def __init__(self) -> None:
        self.desk, self.states = Desk(), States()
        self.lane = Lane(
            desk=self.desk,
            asker=lambda presented: replace(FINANCE, credential=presented.token),
            states=self.states,
            moment=lambda: MOMENT,
            number=lambda: "511500-20270115-aa",
        )

    def admit(self, **changed: Any) -> dict[str, Any]:
        reply, state = self.lane.admit(form({**ADMIT, **changed}))
        return {**json.loads(reply), "blob": state}

    def keep(self, *answers: dict[str, Any], **changed: Any) -> dict[str, Any]:
        reply, state = self.lane.keep(form({**KEEP, "answers": answers, **changed}))
        return {**json.loads(reply), "blob": state}


def form(message: object) -> Form:
    return Form.of(json.dumps(message).encode())


def test_number_time_asker_and_question_are_those_of_the_node() -> None:
    world = World()
    told = world.admit()
    assert [one["credential"] for one in told["asked"]] == ["hx1_a", "hx1_a"]
    assert (told["state"], told["blob"]) == (1, b"")
    assert moment_of(told) == MOMENT
    world.keep({**ANSWER, "place": 1, "number": "forged", "asker": "k9", "at": 1})
    (kept,) = world.desk.kept
    assert kept.asker.credential == "hx1_a"
    assert kept.question == read(asked())
    assert (kept.told.number, kept.told.at) == ("511500-20270115-aa", MOMENT.now)
    assert kept.told.result is Result.MATCH
    assert kept.told.matches[0].obliges
    assert json.loads(kept.told.matches[0].measures)[0]["code"] == "limit-funds"


def test_of_another_state_nothing_is_kept() -> None:
    world = World()
    world.admit()
    world.states.now = 2
    told = world.keep(ANSWER)
    assert (told["again"], told["state"], told["blob"]) == (True, 2, b"state")
    assert world.keep(state=1)["again"] is True  # a refusal alone is outdated as well
    assert world.desk.kept == []
    assert "kept" in world.keep(ANSWER, state=2)


def test_only_what_was_admitted_last_is_kept() -> None:
    world = World()
    with pytest.raises(FormError):
        world.keep(ANSWER)
    refused = {**WISH, "raw": asked(name="nobody")}
    told = world.admit(asked=[refused, WISH])
    assert error_of(told["asked"][0]).args == ("used up",)
    with pytest.raises(FormError, match="admitted"):
        world.keep(ANSWER)
    with pytest.raises(FormError):
        world.keep({**ANSWER, "place": 2})
    with pytest.raises(FormError, match="one answer"):
        world.keep({**ANSWER, "place": 1}, {**ANSWER, "place": 1})
    world.admit(asked=[])
    with pytest.raises(FormError):
        world.keep({**ANSWER, "place": 1})
    assert world.desk.kept == []


WRONG: list[tuple[tuple[str | int, ...], object]] = [
    (("state",), -1),
    (("state",), True),
    (("state",), 2**63),
    (("answers",), {}),
    (("answers",), [ANSWER] * 33),
    (("answers", 0), []),
    (("answers", 0, "place"), 1.0),
    (("answers", 0, "result"), "perhaps"),
    (("answers", 0, "complete"), 1),
    (("answers", 0, "due_on"), 10**8),
    (("answers", 0, "matches", 0, "place"), ["a"]),
    (("answers", 0, "matches", 0, "place"), ["a", -1]),
    (("answers", 0, "matches", 0, "place"), ["a" * 256, 1]),
    (("answers", 0, "matches", 0, "record"), "no base64!"),
    (("answers", 0, "matches", 0, "list_type"), "\ud800"),
    (("answers", 0, "matches", 0, "measures"), [{"name": "x"}]),
    (("answers", 0, "matches", 0, "measures"), [{"code": 1}]),
    (("answers", 0, "matches", 0, "measures"), ["x"]),
    (("answers", 0, "notes"), [["a", 1]] * 257),
]


@pytest.mark.parametrize(("where", "what"), WRONG)
def test_a_message_that_has_not_the_form_is_none(
    where: tuple[str | int, ...], what: object
) -> None:
    world = World()
    world.admit()
    message: Any = deepcopy(KEEP)
    part = message
    for step in where[:-1]:
        part = part[step]
    part[where[-1]] = what
    with pytest.raises(FormError):
        world.lane.keep(form(message))
    assert world.desk.kept == []


@pytest.mark.parametrize("message", [b"", b"{", b"\xff", b"[" * 100_000, b"3", b"[]"])
def test_what_is_no_object_is_no_message(message: bytes) -> None:
    with pytest.raises(FormError):
        Form.of(message)["do"].text()


@pytest.mark.parametrize("raw", [{"name": 3}, {"name": ["x"]}, [], "x"])
def test_fields_of_a_question_are_texts(raw: object) -> None:
    with pytest.raises(FormError):
        World().admit(asked=[{**WISH, "raw": raw}])


def test_errors_come_back_as_what_they_were() -> None:
    for error in (
        RefusedError("access.budget", "used up"),
        StatementError("question.code", "not a code"),
        EntitlementError("record.foreign", "not yours"),
        UnavailableError("access.late", "late"),
    ):
        back = error_of(error_to_json(error))
        assert (type(back), back.code, str(back)) == (type(error), error.code, str(error))  # type: ignore[attr-defined]
    assert isinstance(error_of(error_to_json(StoreError("x"))), StoreError)
    assert isinstance(error_of(error_to_json(CorruptError("x"))), ConflictError)
    assert isinstance(error_of(error_to_json(ValueError("secret"))), RuntimeError)
    assert "secret" not in json.dumps(error_to_json(ValueError("secret")))


def test_what_is_written_is_read() -> None:
    question = read(asked(code=" 91510500ma6yyyyy0x "))
    assert question_of(json.loads(written(question_to_json(question)))) == question
    kept = Kept(number="n", superseded=(("a", 1),), due_on={("a", 2): Date(3)}, promise={"x": 1})
    assert kept_of(json.loads(written(kept_to_json(kept)))) == kept
    refused = kept_of(kept_to_json(RefusedError("request.reused", "taken")))
    assert isinstance(refused, RefusedError)
    presented = Presented(certificate=b"\0der", token="")
    assert form(presented_to_json(presented)).presented() == presented
    assert "hx1_" not in repr(Presented(token="hx1_secret"))
