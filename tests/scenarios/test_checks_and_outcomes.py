"""A question, its answer, what was done, and what relief makes of it: the two desks together.

泸州 lists, a department of 宜宾 asks and reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from federation.ids import Date, StatementId
from federation.statements import Kind
from tests.support import charters as build
from tests.support.outcoming import OPERATOR, Outcoming, outcoming_of
from tests.support.screened import FINANCE, MATTER, MEASURE, Screened, screening_catalog
from tests.support.simulation import Federation, listing

CITY, ASKER = "510500", "511500"


class World:
    """Two cities."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        for node in federation.nodes.values():
            node.catalog = screening_catalog()
        node = federation[ASKER]
        self.screened = Screened(node, node.directory)
        self.day = node.clock.today()
        self.asker = outcoming_of(node, screened=self.screened, today=lambda: self.day)
        self.city = outcoming_of(federation[CITY])
        federation.connect(CITY, ASKER)

    def settle(self) -> None:
        self.federation.settle()
        for node in self.federation.nodes.values():
            node.reconcile()

    def list_(self, number: int) -> StatementId:
        node = self.federation[CITY]
        said = node.list_(listing(number, audience=node.audience()))
        self.settle()
        return said

    def check(self, number: int, **more: Any) -> dict[str, Any]:
        return self.screened.check(number, FINANCE, **more)

    def report(self, answer: dict[str, Any], result: str, **more: Any) -> dict[str, Any]:
        (match,) = answer["matches"]
        raw = {
            "check": answer["number"],
            "origin": match["origin"],
            "index": match["index"],
            "measure": MEASURE,
            "result": result,
            "decided_on": int(self.day),
            "person": "经办人王演示",
        }
        shown = self.asker.desk.report(FINANCE, raw | more)
        self.settle()
        return shown


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    members = [build.make_member(name) for name in (CITY, ASKER)]
    chains = [build.make_chain(members)]
    made = World(Federation(tmp_path_factory.mktemp("both"), (CITY, ASKER), chains))
    yield made
    made.screened.close()
    made.city.query_writer.close()
    made.city.queries.close()
    for node in made.federation.nodes.values():
        node.store.close()


def states(one: Outcoming) -> list[str]:
    return [match["state"] for match in one.desk.pending(FINANCE)[0]]


def test_asked_told_reported_seen_withdrawn_undone_and_clear(world: World) -> None:
    about = world.list_(1)
    answer = world.check(1)
    assert answer["result"] == "match"
    assert states(world.asker) == ["pending"]
    assert world.report(answer, "prompted")["state"] == "reported"
    (told,) = world.city.desk.list(OPERATOR)
    assert (told["result"], told["matter"], told["measure"]) == ("prompted", MATTER, MEASURE)
    assert told["department"] == FINANCE.department
    world.federation[CITY].relieve(Kind.WITHDRAWAL, about)
    world.settle()
    assert world.check(1)["result"] == "clear"
    world.asker.job.run()
    assert states(world.asker) == ["reopened"]
    world.report(answer, "undone")
    assert states(world.asker) == []
    newest = [one["result"] for one in world.city.desk.list(OPERATOR) if one["in_force"]]
    assert newest == ["undone"]
    figures = world.city.desk.figures(Date(20260101), Date(20261231))
    (row,) = figures["rows"]
    assert (row["cases"], row["prompted"], row["undone"]) == (1, 1, 1)


def test_of_another_subject_matches_no_more(world: World) -> None:
    world.list_(2)
    answer = world.check(2)
    world.report(answer, "wrong-subject", measure="")
    assert world.check(2)["result"] == "clear"


def test_what_is_not_reported_holds_up_no_question(world: World) -> None:
    world.list_(3)
    first = world.check(3, case_no="案1")
    world.day = Date(20261218)
    assert world.asker.job.report()["overdue"] == 1
    told = ("result", "complete", "notes", "codes")
    for case in ("案1", "案2"):
        again = world.check(3, case_no=case)
        assert [again[key] for key in told] == [first[key] for key in told]
        assert again["matches"][0]["measures"] == first["matches"][0]["measures"]
    assert states(world.asker) == ["pending"] * 3
