"""泸州 lists, 宜宾 is asked about many: each row is answered as a single check is, and recorded.

Covers node/screening/batch_desk.py, node/screening/batch_recording.py,
node/screening/batch_snapshot.py, node/screening/judging.py, node/access/asked_sets.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.sql.batches import StoredPart, sealed_parts
from adapters.sql.query_rows import row_by_id
from federation.errors import RefusedError, StatementError
from federation.ids import Timestamp
from federation.reconcile.identity import BaseSubject, Status
from federation.screening import batches
from federation.statements import Kind
from node.access.query_keys import Sealed
from node.screening import batch_desk
from node.web import openapi
from tests.scenarios.test_checks import World
from tests.scenarios.test_penalties import penalty, published
from tests.support.batched import HEAD, Batched, rows_of, table_of
from tests.support.catalogs import FixedLibrary, catalog_of, edition_text
from tests.support.invented import SUBJECTS, code_of, name_of
from tests.support.screened import FINANCE, LOCAL, WAITING, matters_text
from tests.support.simulation import listing

LISTED, OTHERS = range(1, 9), range(20, 28)
UNKNOWN = SUBJECTS + 1
"""The library does not know it."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all: 泸州 lists some, and the library of 宜宾 has oddities."""
    made = World(tmp_path_factory.mktemp("batches"))
    for number in LISTED:
        made.luzhou.list_(listing(number, audience=made.luzhou.audience()))
    odd = [
        BaseSubject(code_of(20), "改名后的企业（演示）", former_names=(name_of(20),)),
        BaseSubject(code_of(21), name_of(21), status=Status.CANCELLED),
        BaseSubject(code_of(1), name_of(1), successor=code_of(22)),
        BaseSubject(code_of(UNKNOWN + 1), name_of(1)),
    ]
    usual = [BaseSubject(code_of(n), name_of(n)) for n in range(1, 30) if n not in (1, 20, 21)]
    made.yibin.library = FixedLibrary(
        *odd, *usual, formerly={("registration-number", "5105001"): code_of(23)}
    )
    made.yibin.reconciliation._library = made.yibin.library
    made.screened.desk = made.screened.wired()
    made.settle()
    yield made
    made.close()


@pytest.fixture
def batched(world: World) -> Batched:
    return Batched(world.screened)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only those rows are read that must be."""
    monkeypatch.setattr(batch_desk, "READ_ALL", 0)


def odd_rows(random: Random) -> list[tuple[str, str]]:
    """A table with everything that a row can be."""
    rows = [
        *rows_of(*LISTED, *OTHERS, UNKNOWN, UNKNOWN + 1, UNKNOWN + 2),
        (code_of(2).lower(), name_of(2)),
        (code_of(2), name_of(2).replace("（", "(")),
        (f" {code_of(24)} ", name_of(24)),
        (code_of(25), f"{name_of(25)} "),
        (code_of(3), name_of(4)),
        (code_of(20), "改名后的企业（演示）"),
        (code_of(UNKNOWN), name_of(1)),
        (code_of(UNKNOWN), name_of(1).replace("（", "(")),
        (code_of(26)[:-1] + ("0" if code_of(26)[-1] != "0" else "1"), name_of(26)),
        ("510502199001011234", "张三"),
        (code_of(27), "510502199001011234"),
        (code_of(27), ""),
        ("", name_of(27)),
        (code_of(27), "\ue000公司"),
        (code_of(5)[8:17], name_of(5)),
    ]
    return [random.choice(rows) for _ in range(40)]


def alone(world: World, row: tuple[str, str]) -> dict[str, Any]:
    """What a single check says, in the words of a row."""
    head = {name: HEAD[name] for name in ("matter", "case_no", "purpose")}
    try:
        question = head | {"request_id": world.yibin.tokens(8).hex()}
        said = world.screened.desk.check(LOCAL, question | {"code": row[0], "name": row[1]})
    except StatementError as refusal:
        return {"result": "refused", "codes": [refusal.code]}
    return plain(said)


def plain(said: dict[str, Any]) -> dict[str, Any]:
    kept = ("result", "matches", "notes", "normalised")
    if said["result"] == "refused":
        return {"result": "refused", "codes": [one["code"] for one in said["codes"]]}
    codes = [(one["code"], one["said"]) for one in said["codes"]]
    return {name: said[name] for name in kept} | {"codes": codes}


CLEAR = {"result": "clear", "matches": [], "notes": [], "normalised": [], "codes": []}


@pytest.mark.parametrize("seed", range(6))
def test_a_batch_says_what_single_checks_say(
    world: World, batched: Batched, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """BA1, BA2, BA3: with and without a snapshot, whatever the rows are."""
    rows = odd_rows(Random(seed))
    wanted = [alone(world, row) for row in rows]
    for read_all in (len(rows), 0):
        monkeypatch.setattr(batch_desk, "READ_ALL", read_all)
        batch = batched.open()
        found = batched.part(batch, rows)
        assert (batch.snapshot is None) == bool(read_all)
        said = [plain(found[at]) if at in found else CLEAR for at in range(1, len(rows) + 1)]
        assert said == wanted
        numbers: dict[str, set[tuple[str, str]]] = {}
        for at, one in found.items():
            assert bool(one["number"]) == (one["result"] == "match")
            numbers.setdefault(one["number"], set()).add(rows[at - 1])
        numbers.pop("", None)
        subjects = [{code.strip().upper() for code, _ in asked} for asked in numbers.values()]
        assert all(len(codes) == 1 for codes in subjects)
        assert len({min(codes) for codes in subjects}) == len(subjects)


def test_penalties_stand_beside_a_row_that_is_clear(
    world: World, batched: Batched, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quick is None
    grades = edition_text("grades", lists=["administrative-penalty-ordinary"], name="一般处罚")
    monkeypatch.setattr(world.yibin, "catalog", catalog_of(matters_text(), grades))
    published(world.luzhou, penalty(world.luzhou.audience(), 28))
    world.settle()
    found = batched.part(batched.open(), rows_of(28, 29))
    assert found[1]["result"] == "clear"
    assert [one["kind"] for one in found[1]["notes"]] == ["penalty"]
    assert set(found) == {1}


def stored(batched: Batched, number: str) -> list[StoredPart]:
    with batched.screened.store.read() as reads:
        return [one for one in sealed_parts(reads) if one.number == number]


def test_ba5_a_part_is_recorded_with_all_that_it_asked_about_before_it_is_answered(
    batched: Batched,
) -> None:
    batch = batched.open(FINANCE)
    number = batch.opened.head.number
    batched.part(batch, rows_of(2, 24, 24))
    (part,) = stored(batched, number)
    assert (part.asked, part.matches, part.insufficient, part.refused) == (3, 1, 0, 0)
    with batched.screened.store.read() as reads:
        row = row_by_id(reads, part.query_id)
    assert row is not None
    entry = batched.screened.log.entry(row)
    assert entry is not None
    held = batched.screened.keys.open(Sealed(key=part.key, data=part.sealed), place=part.query_id)
    assert entry.references == (f"batch {number}/1", f"asked sha256:{sha256(held).hexdigest()}")
    assert (entry.number, entry.result, entry.subjects) == (number, "1/3", ())
    assert (entry.department, entry.case_no) == (FINANCE.department, HEAD["case_no"])
    assert len(held) == 3 * 2 * 8
    for code, name in rows_of(2, 24):
        assert code.encode() not in part.sealed
        assert name.encode() not in part.sealed
    assert batched.access.answered_rows == 2
    batched.part(batch, rows_of(3))  # asked again: another turn, nothing is replaced
    assert [one.turn for one in stored(batched, number)] == [0, 1]
    assert batched.access.asked == [(0, 0), (3, 3), (1, 1)]


def test_ba6_every_match_is_judged_again_when_the_batch_is_closed(
    world: World, batched: Batched
) -> None:
    listed = world.list_(10)
    batch = batched.open()
    first = batched.part(batch, rows_of(2, 10, 24, 10))
    batched.part(batch, rows_of(3, 25), part=2)
    assert {one["result"] for one in first.values()} == {"match"}
    unchanged = batched.desk.close(batch)
    assert unchanged["changed"] == []
    assert (unchanged["rows"], unchanged["matches"], unchanged["clear"]) == (6, 4, 2)
    world.luzhou.relieve(Kind.REPAIR, listed)
    world.settle()
    closed = batched.desk.close(batch)
    counted = {name: closed[name] for name in ("rows", "matches", "clear", "insufficient")}
    assert counted == {"rows": 6, "matches": 2, "clear": 4, "insufficient": 0}
    assert [(one["row"], one["result"]) for one in closed["changed"]] == [
        (2, "clear"),
        (4, "clear"),
    ]
    assert {one["number"] for one in closed["changed"]} == {first[2]["number"]}
    (gone,) = closed["changed"][0]["superseded"]
    assert gone["origin"].startswith("510500.")
    assert closed["as_of"]["at"] <= closed["closed"]["at"]
    assert [log["state"] for log in closed["as_of"]["coverage"]].count("ok") >= 2


def test_ba6_of_a_part_that_is_asked_again_its_last_answers_are_counted(
    world: World, batched: Batched
) -> None:
    """Cut off after it was kept; relieved before it is asked again."""
    listed = world.list_(11)
    batch = batched.open()
    assert batched.part(batch, rows_of(11, 24))[1]["result"] == "match"
    world.luzhou.relieve(Kind.REPAIR, listed)
    world.settle()
    assert batched.part(batch, rows_of(11, 24)) == {}
    closed = batched.desk.close(batch)
    counted = {name: closed[name] for name in ("rows", "matches", "clear", "changed")}
    assert counted == {"rows": 2, "matches": 0, "clear": 2, "changed": []}


def test_ba7_a_batch_of_yesterday_is_not_gone_on_with(
    batched: Batched, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batched.open(request_id="of-yesterday")
    batched.part(batch, rows_of(24))
    assert not batches.is_over(batch.opened.at, Timestamp(batch.opened.at + batches.LIFETIME))
    monkeypatch.setattr(batches, "LIFETIME", -1)
    for going_on in (
        lambda: batched.part(batch, rows_of(24)),
        lambda: batched.desk.close(batch),
        lambda: batched.open(request_id="of-yesterday"),
    ):
        with pytest.raises(RefusedError) as refused:
            going_on()
        assert refused.value.code == "batch.over"


def test_ba8_a_request_id_names_one_batch_of_one_asker(batched: Batched) -> None:
    batch = batched.open(FINANCE, request_id="once")
    again = batched.open(FINANCE, request_id="once")
    assert again.opened.head == batch.opened.head
    assert again.opened.as_of == batch.opened.as_of
    assert batched.open(LOCAL, request_id="once").opened.head.number != batch.opened.head.number
    for changed in ({"input": "1" * 64}, {"case_no": "别的"}):
        with pytest.raises(RefusedError) as refused:
            batched.open(FINANCE, request_id="once", **changed)
        assert refused.value.code == "request.reused"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"input": "abc"}, "batch.input"),
        ({"input": None}, "batch.input"),
        ({"matter": "unheard-of"}, "matter.unknown"),
        ({"matter": WAITING}, "matter.unconfirmed"),
        ({"case_no": ""}, "question.case-no"),
        ({"purpose": "curiosity"}, "question.purpose"),
    ],
)
def test_what_is_no_batch_is_refused(batched: Batched, changed: dict[str, Any], code: str) -> None:
    with pytest.raises((RefusedError, StatementError)) as refused:
        batched.open(**changed)
    assert refused.value.code == code


def test_ba4_who_may_not_ask_is_told_nothing(batched: Batched) -> None:
    batch = batched.open()
    batched.access.refusal = RefusedError("access.budget", "used up")
    for asking in (batched.open, lambda: batched.part(batch, rows_of(1))):
        with pytest.raises(RefusedError) as refused:
            asking()
        assert refused.value.code == "access.budget"
    assert stored(batched, batch.opened.head.number) == []
    assert batched.access.answered_rows == 0


def test_a_snapshot_of_another_lookup_key_clears_nobody(
    batched: Batched, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BA2: tags of the new key are not in it; all rows are read."""
    assert quick is None
    batch = batched.open()
    batched.part(batch, rows_of(24))
    assert batch.snapshot is not None
    monkeypatch.setattr(
        type(batch.snapshot.tagger), "lookup", lambda _, value: sha256(value).digest()[:16]
    )
    assert batch.snapshot.unsettled(table_of(rows_of(24, 25))) is None


def test_a_batch_in_one_message(batched: Batched) -> None:
    rows = [{"code": code, "name": name} for code, name in rows_of(2, 24)]
    said = HEAD | {"request_id": "small", "rows": [*rows, "nobody", {"code": 7}]}
    answer = batched.desk.ask(FINANCE, said)
    assert [(one["row"], one["result"]) for one in answer["others"]] == [
        *((1, "match"), (3, "refused"), (4, "refused")),
    ]
    assert {one["codes"][0]["code"] for one in answer["others"][1:]} == {"question.form"}
    counted = {name: answer[name] for name in ("rows", "matches", "clear", "refused")}
    assert counted == {"rows": 4, "matches": 1, "clear": 1, "refused": 2}
    described = openapi.document()["components"]
    Draft202012Validator(
        {"$ref": "#/components/schemas/BatchAnswer", "components": described}
    ).validate(answer)
    assert answer["promise"]["note"].startswith("huxin query promise v1")
    assert batched.desk.ask(FINANCE, said)["number"] == answer["number"]
    with pytest.raises(RefusedError) as refused:
        batched.desk.ask(FINANCE, said | {"rows": rows})
    assert refused.value.code == "request.reused"
    for wrong in ([], "rows", None, rows * 501):
        with pytest.raises(StatementError) as faulty:
            batched.desk.ask(FINANCE, said | {"rows": wrong})
        assert faulty.value.code == "batch.rows"
