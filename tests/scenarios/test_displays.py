"""What third parties display: which rows must go, and who is late, over a federation that relieves.

One federation for the tests; each takes subjects of its own. SQLite: what is asked of a store here
is asked on both databases in `tests/contracts`.

Covers node/relief/displays.py, node/relief/displayed_records.py, adapters/sql/displays.py,
node/status/relief_problems.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from adapters.sql.displays import all_rows, erase_before
from adapters.sql.query_rows import rows_of_subject
from adapters.sql.query_store import QueryWrites
from federation.charters.verification import Role as MemberRole
from federation.errors import RefusedError, StatementError
from federation.ids import StatementId
from federation.payloads import RelistingGround
from federation.reconcile.catalog import Catalog
from federation.screening.roles import Action, Asker, Role
from federation.statements import Kind
from federation.working_days import WorkingDays
from node.access.query_log import code_value
from node.access.query_writer import QueryWriter
from node.records.coverage import LogCoverage
from node.records.subject_codes import SubjectCodes
from node.relief.displayed_records import DisplayedRecords
from node.relief.displays import DisplayDesk
from node.status.relief_problems import of_displays
from tests.support import charters as build
from tests.support.admitted import StoppedClock
from tests.support.catalogs import catalog_of, edition_text
from tests.support.invented import code_of, name_of
from tests.support.screened import LOCAL, Screened
from tests.support.simulation import Federation, SimNode, listing

YIBIN, LUZHOU, HUB = "511500", "510500", "510000"
NUMBERS = count(1)
DEADLINES = """\
edition: displays-2026
series: displays
layer: joint
name: 第三方停止展示时限（演示）
valid_from: 2026-04-01
deadlines:
  third-party-displays:
    days: 3
    unit: days
    basis: 演示约定
    certainty: C
    valid_from: 2026-04-01
    source: 演示
"""


def agency(name: str = "甲征信（演示）") -> Asker:
    return Asker(credential=name, department=name, roles=frozenset({Role.THIRD_PARTY}))


class Admitting:
    """Lets everybody; counts rows."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.refusal: RefusedError | None = None

    def admit_rows(self, asker: Asker, action: Action, rows: int) -> None:
        assert (action, bool(asker.department)) == (Action.DISPLAYS, True)
        if self.refusal is not None:
            raise self.refusal
        self.rows.append(rows)

    def admit(self, asker: Asker, action: Action) -> None:
        assert (action, bool(asker.department)) == (Action.DISPLAYS, True)

    def answered(self, writes: QueryWrites, asker: Asker, count: int) -> None:
        assert writes.connection.in_transaction()
        assert count >= 0
        assert asker.department


class World:
    """泸州 lists, 宜宾 is asked by third parties."""

    def __init__(self, directory: Path) -> None:
        members = [build.make_member(name) for name in (LUZHOU, YIBIN)]
        members.append(build.make_member(HUB, roles=(MemberRole.HUB, MemberRole.WITNESS)))
        self.federation = Federation(directory, (LUZHOU, YIBIN, HUB), [build.make_chain(members)])
        for one, other in ((LUZHOU, YIBIN), (LUZHOU, HUB), (YIBIN, HUB)):
            self.federation.connect(one, other)
        self.luzhou, self.yibin = self.federation[LUZHOU], self.federation[YIBIN]
        self.screened = Screened(self.yibin, directory / YIBIN)
        self.catalog: Catalog = catalog_of(DEADLINES)
        self.access = Admitting()
        self.clock = StoppedClock(at=self.yibin.clock.now())
        self.desk = self.wired(self.screened.writer)
        self.federation.settle()

    def wired(self, writer: QueryWriter) -> DisplayDesk:
        node: SimNode = self.yibin
        return DisplayDesk(
            region=node.member,
            store=node.store,
            records=DisplayedRecords(
                codes=SubjectCodes(library=node.library, tagger=node.keyring),
                tagger=node.keyring,
                trust=node.trust,
            ),
            coverage=LogCoverage(doubts=node.doubts, trust=node.trust, refusal=lambda: None),
            catalog=lambda: self.catalog,
            working_days=lambda: WorkingDays({}),
            access=self.access,
            queries=self.screened.store,
            writer=writer,
            keys=self.screened.keys,
            log=self.screened.log,
            clock=self.clock,
            token=node.tokens,
        )

    def list_(self, number: int, **changed: Any) -> StatementId:
        content = listing(number, audience=self.luzhou.audience(), **changed)
        return self.luzhou.list_(content)

    def submit(self, *rows: dict[str, Any], by: Asker | None = None, **more: Any) -> dict[str, Any]:
        said = {"request_id": self.yibin.tokens(8).hex(), "rows": list(rows)} | more
        return self.desk.submit(by or agency(), said)

    def days_later(self, days: int) -> None:
        self.clock.at += days * 86_400

    def close(self) -> None:
        self.screened.close()
        for node in self.federation.nodes.values():
            node.store.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("displays"))
    yield made
    made.close()


def shown(number: int, **changed: Any) -> dict[str, Any]:
    return {"code": code_of(number), "document": f"(2026)川05执{number}号"} | changed


def told(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one["row"], one["ground"]) for one in answer["remove"]]


def test_what_was_relieved_must_go_and_nothing_else_is_told(world: World) -> None:
    stands, repaired, withdrawn, unknown = (next(NUMBERS) for _ in range(4))
    world.list_(stands)
    for number, kind in ((repaired, Kind.REPAIR), (withdrawn, Kind.WITHDRAWAL)):
        world.luzhou.relieve(kind, world.list_(number))
    world.federation.settle()
    answer = world.submit(*map(shown, (stands, repaired, withdrawn, unknown)))
    assert told(answer) == [(2, "repaired"), (3, "withdrawn")]
    assert [one["since"] for one in answer["remove"]] == [20261120, 20261120]
    assert (answer["rows"], answer["ambiguous"], answer["refused"]) == (4, [], [])
    text = json.dumps(answer, ensure_ascii=False)
    for number in (stands, repaired, withdrawn, unknown):
        for word in (name_of(number), code_of(number), f"川05执{number}号", LUZHOU):
            assert word not in text.replace(answer["number"], ""), word
    one_by_one = [world.submit(shown(number)) for number in (stands, unknown)]
    assert [one["remove"] for one in one_by_one] == [[], []]


def test_a_batch_judged_before_a_relief_ends_no_duty_that_a_later_one_told_of(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, party = next(NUMBERS), agency("丁征信（演示）")
    listed = world.list_(number)
    world.federation.settle()
    submit = world.screened.writer.submit

    def late(unit: Any) -> Any:
        monkeypatch.undo()
        world.luzhou.relieve(Kind.REPAIR, listed)
        world.federation.settle()
        assert told(world.submit(shown(number), by=party)) == [(1, "repaired")]
        return submit(unit)

    monkeypatch.setattr(world.screened.writer, "submit", late)
    assert told(world.submit(shown(number), by=party)) == []
    (owes,) = [one for one in world.desk.report() if one["party"] == party.department]
    assert (owes["told"], owes["open"]) == (1, 1)


def test_other_documents_and_other_lists_of_the_subject_are_not_its_business(world: World) -> None:
    number = next(NUMBERS)
    world.luzhou.relieve(Kind.REPAIR, world.list_(number))
    world.federation.settle()
    answer = world.submit(
        shown(number, document="另一文书〔2026〕9号"),
        shown(number, list_type="another-list"),
        shown(number, list_type=build.COURT_LIST),
        shown(number, code=code_of(number)[8:17]),
    )
    assert told(answer) == [(3, "repaired"), (4, "repaired")]


def test_an_erased_listing_is_still_known(world: World) -> None:
    number = next(NUMBERS)
    world.luzhou.relieve(Kind.REPAIR, world.list_(number))
    world.federation.settle()
    with world.yibin.store.write() as session:
        head = session.head(world.luzhou.origin)
        assert head is not None
        last = head.size - 2
        session.erase_openings(head.log, [last])
    assert told(world.submit(shown(number))) == [(1, "repaired")]


def test_it_is_told_to_who_asks_and_recorded_with_the_subjects(world: World) -> None:
    number = next(NUMBERS)
    before = len(world.access.rows)
    answer = world.submit(*([shown(number)] * 251), {"code": "x", "document": "1"})
    assert world.access.rows[before:] == [252]
    assert answer["refused"] == [
        {"row": 252, "code": "display.code", "message": answer["refused"][0]["message"]}
    ]
    assert len(answer["promises"]) == 2
    tag = world.screened.keys.tag(code_value(code_of(number)))
    with world.screened.store.read() as reads:
        rows = rows_of_subject(reads, [tag], 10)
    entries = [world.screened.log.entry(row) for row in rows]
    assert {(one.action, one.department, one.number) for one in entries if one} == {
        ("displays", "甲征信（演示）", answer["number"])
    }


def test_persons_are_refused_and_nothing_of_them_is_kept(world: World) -> None:
    answer = world.submit({"code": "510502199001011234", "document": "川〔2026〕1号"})
    assert [one["code"] for one in answer["refused"]] == ["display.natural-person"]
    tag = world.screened.keys.tag(code_value("510502199001011234"))
    with world.screened.store.read() as reads:
        assert rows_of_subject(reads, [tag], 10) == []


def test_tp7_only_what_was_told_is_acknowledged_once_and_by_whom_it_was_told(world: World) -> None:
    numbers = [next(NUMBERS) for _ in range(2)]
    for number in numbers:
        world.luzhou.relieve(Kind.REPAIR, world.list_(number))
    world.federation.settle()
    answer = world.submit(*map(shown, numbers), shown(next(NUMBERS)))
    said = world.desk.acknowledge(agency(), answer["number"], {"rows": [1, 3, 9, 1]})
    assert (said["acknowledged"], said["outstanding"]) == ([1], [2])
    assert [(one["row"], one["code"]) for one in said["refused"]] == [
        (3, "display.not-told"),
        (9, "display.not-told"),
    ]
    first = world.desk.get(answer["number"])["remove"][0]["acknowledged_at"]
    world.clock.at += 60
    world.desk.acknowledge(agency(), answer["number"], {"rows": [1]})
    assert world.desk.get(answer["number"])["remove"][0]["acknowledged_at"] == first
    unknown = ((agency("乙征信（演示）"), answer["number"]), (agency(), "511500-1-1"))
    for by, batch in unknown:
        with pytest.raises(RefusedError) as refused:
            world.desk.acknowledge(by, batch, {"rows": [2]})
        assert refused.value.code == "display.unknown"
    for rows in ([], "1", [True], ["1"], [1] * 1001, None):
        with pytest.raises(StatementError):
            world.desk.acknowledge(agency(), answer["number"], {"rows": rows})


def test_tp6_tp7_laggards_are_named_and_what_comes_back_begins_anew(world: World) -> None:
    party, number = agency("丙门户（演示）"), next(NUMBERS)
    world.luzhou.relieve(Kind.REPAIR, world.list_(number))
    world.federation.settle()
    first = world.submit(shown(number), by=party)
    due = first["remove"][0]["due_on"]
    assert due > world.clock.today()

    def owed() -> dict[str, Any]:
        return next(one for one in world.desk.report() if one["party"] == party.department)

    assert (owed()["open"], owed()["overdue"]) == (1, 0)
    world.days_later(2)
    second = world.submit(shown(number), by=party)
    assert second["remove"][0]["due_on"] == due, "the first word counts"
    assert (owed()["told"], owed()["open"]) == (1, 1)
    world.days_later(2)
    assert (owed()["overdue"], owed()["late"]) == (1, 0)
    assert world.desk.status()["by_party"][party.department] == 1
    (problem,) = of_displays(world.desk.status())
    assert problem["code"] == "display.late"
    assert party.department in problem["message"]
    world.desk.acknowledge(party, first["number"], {"rows": [1]})
    assert (owed()["open"], owed()["overdue"], owed()["late"]) == (0, 0, 1)
    assert party.department not in world.desk.status()["by_party"]
    world.days_later(1)
    third = world.submit(shown(number), by=party)
    assert third["remove"][0]["due_on"] > due
    assert (owed()["told"], owed()["open"], owed()["displayed_again"]) == (2, 1, 1)


def test_without_a_row_of_an_edition_nobody_is_late(world: World) -> None:
    party, number = agency("丁门户（演示）"), next(NUMBERS)
    world.luzhou.relieve(Kind.REPAIR, world.list_(number))
    world.federation.settle()
    kept, world.catalog = world.catalog, catalog_of(edition_text("bare-2026"))
    try:
        assert world.submit(shown(number), by=party)["remove"][0]["due_on"] == 0
    finally:
        world.catalog = kept
    world.days_later(400)
    (one,) = [one for one in world.desk.report() if one["party"] == party.department]
    assert (one["open"], one["overdue"], one["without_deadline"]) == (1, 0, 1)


def test_a_request_id_names_one_batch_and_the_same_one_is_judged_anew(world: World) -> None:
    number = next(NUMBERS)
    listed = world.list_(number)
    world.federation.settle()
    first = world.submit(shown(number), request_id="a-1")
    assert first["remove"] == []
    world.luzhou.relieve(Kind.REPAIR, listed)
    world.federation.settle()
    again = world.submit(shown(number), request_id="a-1")
    assert (again["number"], told(again)) == (first["number"], [(1, "repaired")])
    world.desk.acknowledge(agency(), first["number"], {"rows": [1]})
    again = world.submit(shown(number), request_id="a-1")
    assert again["remove"][0]["acknowledged"] is True
    with pytest.raises(RefusedError) as refused:
        world.submit(shown(next(NUMBERS)), request_id="a-1")
    assert refused.value.code == "request.reused"
    other = world.submit(shown(number), request_id="a-1", by=agency("戊门户（演示）"))
    assert other["number"] != first["number"]


def test_tp8_what_was_relisted_is_owed_by_nobody(world: World) -> None:
    party, number = agency("己门户（演示）"), next(NUMBERS)
    relief = world.luzhou.relieve(Kind.REPAIR, world.list_(number))
    world.federation.settle()
    assert told(world.submit(shown(number), by=party)) == [(1, "repaired")]
    relisted(world, relief)
    assert told(world.submit(shown(number), by=party)) == []
    assert [one for one in world.desk.report() if one["party"] == party.department] == []


def relisted(world: World, relief: StatementId) -> None:
    made = world.luzhou.registry.relist(
        world.luzhou.tokens(16).hex(),
        relief=relief,
        document="川恢复〔2026〕1号",
        decided_on=world.luzhou.clock.today(),
        ground=RelistingGround.ERROR,
        by=("甲某", "乙某"),
        note="",
    )
    world.luzhou.run(made.unit)
    world.federation.settle()


def test_an_operator_names_whose_display_it_is(world: World) -> None:
    for party in ("", " ", "x" * 101, 7, "甲\u202e"):
        with pytest.raises(StatementError, match="party"):
            world.submit(shown(next(NUMBERS)), by=LOCAL, party=party)
    world.submit(shown(next(NUMBERS)), by=LOCAL, party="庚门户（演示）")
    (one,) = world.desk.batches("庚门户（演示）")
    assert (one["party"], one["submitted"], one["told"]) == ("庚门户（演示）", 1, 0)
    with pytest.raises(RefusedError):
        world.desk.get("511500-1-1")


def test_who_is_refused_is_told_nothing_and_nothing_is_kept(world: World) -> None:
    number = next(NUMBERS)
    world.access.refusal = RefusedError("access.budget", "当日查询次数已用完 / used up")
    try:
        with pytest.raises(RefusedError):
            world.submit(shown(number), by=agency("辛（演示）"))
    finally:
        world.access.refusal = None
    assert world.desk.batches("辛（演示）") == []
    for request_id in ("", "x" * 65, "a b", None, 7):
        with pytest.raises(StatementError, match="request_id"):
            world.submit(shown(number), request_id=request_id)


def test_batches_end_with_their_term(world: World) -> None:
    with world.screened.store.write() as writes:
        assert erase_before(writes, 0) == 0
        assert all_rows(writes)
        assert erase_before(writes, 2**40) > 0
        assert all_rows(writes) == []
