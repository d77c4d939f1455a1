"""Questions out of a platform's table: asked by the same rules, answered once (HT8, HT9)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, NullPool, create_engine, delete, insert, make_url, select, update

from adapters.errors import AdapterError
from adapters.platform.checks import CheckAnswer, DatabaseChecks
from adapters.platform.database import DatabasePlatform
from adapters.platform.tables import METADATA, checks
from federation.errors import RefusedError, StatementError
from node.network.errors import UnavailableError
from node.platform.check_job import BATCH, CheckTaking, refused

QUESTION = {
    "source": "tender",
    "matter": "bidding",
    "case_no": "ZB-2026-1",
    "purpose": "matter",
    "code": "91510500MAXA00000X",
    "name": "泸州甲建筑有限公司（演示）",
}
MEASURE = {"code": "M1", "class": "prompt", "basis": "条例第四十八条", "manner": "提示"}
MATCH = {
    "origin": "510500.huxin.example/1",
    "index": 7,
    "statement_id": "00" * 16,
    "list_type": "unpaid-migrant-wages",
    "document": "泸人社列〔2026〕1号",
    "measures": [MEASURE],
    "no_measure": "",
    "message": "",
    "due_on": 20261204,
}
NONE = MATCH | {
    "measures": [],
    "no_measure": "matter.no-measure",
    "message": "本市对本事项没有可采取的措施，不得据此限制",
}


class Desk:
    """Answers every question; raises what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.errors: dict[str, Exception] = {}
        self.found: dict[str, Any] = {"result": "clear", "codes": [], "matches": []}

    def __call__(self, token: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((token, question))
        for key in (token, question["name"]):
            if key in self.errors:
                raise self.errors[key]
        return {"number": "511500-20261129-0123456789ab", "complete": True} | self.found


class World:
    """A platform's table, the desk, and the job between them."""

    def __init__(self, folder: Path) -> None:
        self.url: URL = make_url(f"sqlite:///{folder / 'platform.db'}")
        self._engine = create_engine(self.url, poolclass=NullPool)
        METADATA.create_all(self._engine)
        self.desk = Desk()
        self.table = DatabaseChecks(DatabasePlatform(self.url))
        self.job = self.restarted()

    def restarted(self) -> CheckTaking:
        return CheckTaking(
            name="city",
            tokens={"tender": "T", "funds": "F"},
            table=self.table,
            asks=self.desk,
        )

    def lay(self, *rows: dict[str, Any]) -> None:
        with self._engine.begin() as connection:
            for row in rows:
                connection.execute(insert(checks), QUESTION | row)

    def rows(self) -> list[dict[str, Any]]:
        with self._engine.connect() as connection:
            found = connection.execute(select(checks).order_by(checks.c.id)).mappings()
            return [dict(row) for row in found]

    def change(self, number: int, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(checks).where(checks.c.id == number).values(**values))

    def erase(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(checks))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_question_is_asked_with_the_sources_credential_and_answered(world: World) -> None:
    world.lay({}, {"source": "funds", "matter": "gov-funds"})
    assert world.job.run() == 2
    assert [token for token, _ in world.desk.asked] == ["T", "F"]
    (_, asked) = world.desk.asked[0]
    assert {key: asked[key] for key in QUESTION if key != "source"} == {
        key: value for key, value in QUESTION.items() if key != "source"
    }
    for row in world.rows():
        assert (row["result"], row["complete"], row["reason"]) == ("clear", 1, "")
        assert row["number"] == "511500-20261129-0123456789ab"
        assert row["measures"] == "[]"
        assert row["answered_at"] is not None


def test_a_match_stands_there_with_its_measures(world: World) -> None:
    world.desk.found |= {"result": "match", "matches": [MATCH, NONE]}
    world.lay({})
    world.job.run()
    (row,) = world.rows()
    assert (row["result"], row["reason"], row["message"]) == ("match", "", "")
    first, second = json.loads(row["measures"])
    assert (first["measures"], first["index"]) == ([MEASURE], 7)
    assert (second["measures"], second["no_measure"]) == ([], "matter.no-measure")


def test_a_match_without_any_measure_says_so_beside_the_row(world: World) -> None:
    reason = {"code": "identity.predecessor-listed", "message": "前身被列入"}
    for codes, wanted in (([], "matter.no-measure"), ([reason], reason["code"])):
        world.desk.found |= {"result": "match", "matches": [NONE, NONE], "codes": codes}
        world.lay({})
        world.job.run()
        row = world.rows()[-1]
        assert (row["result"], row["reason"]) == ("match", wanted)
        said = [*(one["message"] for one in codes), NONE["message"]]
        assert row["message"] == "；".join(map(str, said))


def test_ht8_an_answered_row_is_never_asked_or_changed_again(world: World) -> None:
    world.lay({})
    (waiting,) = world.table.waiting("tender", 9)
    world.job.run()
    before = world.rows()
    world.desk.found["result"] = "match"
    assert world.job.run() == 0
    assert world.rows() == before
    assert not world.table.answer(waiting, CheckAnswer(result="match"))


def test_ht8_a_row_whose_answer_was_lost_is_the_same_question(world: World) -> None:
    world.lay({})
    (row,) = world.table.waiting("tender", 9)
    world.desk("T", {"name": "", "request_id": "lost"})  # the desk answered, the process died
    world.job.run()
    world.change(1, answered_at=None)
    world.restarted().run()
    (_, first), (_, again) = world.desk.asked[1:]
    assert first["request_id"] == again["request_id"] == f"city.1.{row.written:x}"


def test_ht8_a_number_that_the_database_gives_again_is_another_question(world: World) -> None:
    world.lay({})
    world.job.run()
    world.erase()
    world.lay({"written_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)})
    world.job.run()
    (_, first), (_, second) = world.desk.asked
    assert first["request_id"] != second["request_id"]


def test_a_row_that_was_changed_meanwhile_goes_on_waiting(world: World) -> None:
    world.lay({})
    (row,) = world.table.waiting("tender", 9)
    world.change(1, name="宜宾乙建筑有限公司（演示）")
    assert not world.table.answer(row, CheckAnswer(result="clear"))
    assert world.rows()[0]["answered_at"] is None


def test_ht9_a_row_that_may_not_be_asked_is_refused_and_keeps_no_other(world: World) -> None:
    world.desk.errors["x"] = StatementError("question.code", "代码无效 / expected a code")
    world.desk.errors["y"] = RefusedError("matter.unknown", "expected a matter")
    world.lay({"name": "x"}, {"name": "y"}, {"source": "nobody"}, {})
    assert world.job.run() == 4
    said = [(row["result"], row["reason"]) for row in world.rows()]
    assert said == [
        ("refused", "question.code"),
        ("refused", "matter.unknown"),
        ("refused", "source.not-of-platform"),
        ("clear", ""),
    ]
    assert world.rows()[0]["message"] == "代码无效 / expected a code"
    assert len(world.desk.asked) == 3


@pytest.mark.parametrize(
    "error",
    [
        RefusedError("access.unknown", "no such token"),
        RefusedError("access.slow", "too fast"),
        UnavailableError("node.not-ready", "not yet"),
        AdapterError("full"),
    ],
)
def test_ht9_what_is_not_the_rows_fault_keeps_only_its_source_waiting(
    world: World, error: Exception
) -> None:
    world.desk.errors["T"] = error
    world.lay({}, {}, {"source": "funds"})
    assert world.job.run() == 1
    assert [row["result"] for row in world.rows()] == [None, None, "clear"]
    assert world.job.fault
    assert len(world.desk.asked) == 2, "the second row of the source is not tried"
    del world.desk.errors["T"]
    assert world.job.run() == 2
    assert world.job.fault == ""


def test_a_source_with_many_rows_keeps_no_other_waiting(world: World) -> None:
    world.lay(*[{}] * (BATCH + 1), {"source": "funds"})
    assert world.job.run() == BATCH + 1
    assert world.rows()[-1]["result"] == "clear"
    assert world.job.run() == 1


def test_a_refusal_has_both_languages() -> None:
    assert refused("row.malformed", "expected").message == "行的格式有误 / expected"
    assert refused("row.malformed", "甲 / a").message == "甲 / a"
