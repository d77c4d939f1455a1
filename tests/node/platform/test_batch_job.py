"""Batches out of a platform's table: asked together once they are whole, answered once (HT19)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, insert, make_url, select, text, update

from adapters.platform.batches import DatabaseBatches
from adapters.platform.database import DatabasePlatform
from adapters.platform.tables import METADATA, batch_checks
from federation.errors import RefusedError, StatementError
from node.network.errors import UnavailableError
from node.platform import batch_job
from node.platform.batch_job import BatchTaking
from node.platform.check_job import refused
from tests.node.platform.test_check_job import MATCH, QUESTION

NUMBER = "511500-20261129-0123456789ab"


class Desk:
    """Answers every batch; raises what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.error: Exception | None = None
        self.others: list[dict[str, Any]] = []

    def __call__(self, token: str, batch: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((token, batch))
        if self.error is not None:
            raise self.error
        return {"number": NUMBER, "as_of": {"complete": True}, "others": self.others}


class World:
    """A platform's table, the desk, and the job between them."""

    def __init__(self, folder: Path) -> None:
        url = make_url(f"sqlite:///{folder / 'platform.db'}")
        self._engine = create_engine(url, poolclass=NullPool)
        METADATA.create_all(self._engine)
        self.desk = Desk()
        self.table = DatabaseBatches(DatabasePlatform(url))
        self.job = BatchTaking(
            name="city", tokens={"tender": "T"}, table=self.table, asks=self.desk
        )

    def lay(self, count: int, **changed: Any) -> None:
        with self._engine.begin() as connection:
            for number in range(count):
                row = QUESTION | {"batch": "b1", "size": count, "name": f"甲{number}（演示）"}
                connection.execute(insert(batch_checks), row | changed)

    def rows(self) -> list[dict[str, Any]]:
        with self._engine.connect() as connection:
            found = connection.execute(select(batch_checks).order_by(batch_checks.c.id))
            return [dict(row) for row in found.mappings()]

    def execute(self, statement: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(statement)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_batch_is_asked_once_it_is_whole_and_each_row_has_its_answer(world: World) -> None:
    world.lay(2, size=3)
    assert (world.job.run(), world.desk.asked) == (0, [])
    world.lay(1, size=3, name="乙（演示）")
    codes = [{"code": "identity.name-mismatch", "message": "名称不符"}]
    world.desk.others = [
        {"row": 2, "result": "match", "number": "n-2", "codes": [], "matches": [MATCH]},
        {"row": 3, "result": "insufficient", "number": "", "codes": codes, "matches": []},
    ]
    assert world.job.run() == 3
    ((token, asked),) = world.desk.asked
    assert (token, asked["case_no"], len(asked["rows"])) == ("T", QUESTION["case_no"], 3)
    assert asked["rows"][2] == {"code": QUESTION["code"], "name": "乙（演示）"}
    rows = world.rows()
    assert [row["result"] for row in rows] == ["clear", "match", "insufficient"]
    assert [row["number"] for row in rows] == [NUMBER, "n-2", ""]
    assert [row["complete"] for row in rows] == [1, 1, 1]
    assert rows[2]["reason"] == "identity.name-mismatch"
    assert json.loads(rows[1]["measures"])[0]["measures"] == MATCH["measures"]
    assert (world.job.run(), len(world.desk.asked)) == (0, 1)


def test_more_rows_than_one_message_takes_are_asked_in_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_job, "ROWS_AT_ONCE", 2)
    world.lay(5)
    assert world.job.run() == 5
    assert [len(batch["rows"]) for _, batch in world.desk.asked] == [2, 2, 1]
    assert len({batch["request_id"] for _, batch in world.desk.asked}) == 3


def test_ht8_what_was_asked_and_not_answered_is_asked_under_the_same_request(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.lay(2)
    with monkeypatch.context() as patch:
        patch.setattr(DatabaseBatches, "answer_all", lambda *_: 0)
        world.job.run()
    world.job.run()
    first, again = (batch["request_id"] for _, batch in world.desk.asked)
    assert first == again
    assert len(first) <= 64


def test_ht19_rows_of_different_matters_are_no_batch(world: World) -> None:
    world.lay(1, size=2)
    world.lay(1, size=2, matter="another")
    assert (world.job.run(), world.desk.asked) == (2, [])
    assert {(row["result"], row["reason"]) for row in world.rows()} == {("refused", "row.batch")}


def test_ht9_what_is_wrong_is_said_or_waits(world: World) -> None:
    world.lay(2)
    for error in (UnavailableError("node.stopping", "x"), RefusedError("access.slow", "x")):
        world.desk.error = error
        assert world.job.run() == 0
        assert world.job.fault == error.code
        assert world.rows()[0]["answered_at"] is None
    world.desk.error = StatementError("question.case-no", "too long")
    assert world.job.run() == 2
    assert world.job.fault == ""
    assert {row["reason"] for row in world.rows()} == {"question.case-no"}
    world.lay(1, source="elsewhere", batch="b2")
    assert world.job.run() == 1
    assert world.rows()[2]["reason"] == "source.not-of-platform"


def test_f32_a_text_that_is_none_keeps_no_other_row(world: World) -> None:
    world.lay(2)
    world.execute(text("UPDATE huxin_check_batch SET name = CAST(x'ff41' AS TEXT) WHERE id = 1"))
    assert world.job.run() == 2
    with world._engine.connect() as connection:
        reasons = list(connection.execute(select(batch_checks.c.reason)).scalars())
    assert reasons == ["row.malformed", ""]
    assert len(world.desk.asked[0][1]["rows"]) == 1


def test_a_row_that_changed_meanwhile_is_not_answered(world: World) -> None:
    world.lay(2)
    rows = world.table.rows_of("tender", "b1", 9)
    world.execute(update(batch_checks).where(batch_checks.c.id == 1).values(code="1"))
    answers = [(row, refused("row.malformed", "x")) for row in rows]
    assert world.table.answer_all(answers) == 1
