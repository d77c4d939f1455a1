"""Repairs of a quarter drawn and rechecked, as they stand in the journal.

Covers node/relief/rechecks.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from federation.errors import RefusedError
from federation.ids import StatementId
from federation.ports.journal import Rechecked, RechecksDrawn
from federation.relief.recheck import Finding, sample
from tests.support.followed_repairs import DAY, World, followed, rechecks_of
from tests.support.simulation import Federation

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""Nothing here depends on the database."""


@pytest.fixture
def world(federate: Callable[..., Federation]) -> World:
    return followed(federate)


def test_a_quarter_is_drawn_and_rechecked_once(world: World) -> None:
    reliefs = [world.repair(number) for number in range(1, 8)]
    today = world.today
    quarter = f"{today // 10000}-Q{(today // 100 % 100 + 2) // 3}"
    desk = rechecks_of(world.city, known="乙")
    assert code_of(lambda: desk.draw(quarter, "乙")) == "recheck.quarter"
    world.federation.clock.advance(100 * DAY)
    assert code_of(lambda: desk.draw(quarter, "丙")) == "person.unknown"
    drawn = desk.draw(quarter, "乙")
    assert (drawn["among"], drawn["drawn"], drawn["person"]) == (7, 5, "乙")
    assert code_of(lambda: desk.draw(quarter.lower(), "乙")) == "recheck.drawn"
    listed = desk.list_()
    ids = {StatementId(bytes.fromhex(one["statement_id"])) for one in listed}
    assert ids == set(sample(bytes.fromhex(drawn["seed"]), reliefs))
    assert all(one["subject_name"] and one["document"] for one in listed)
    first, *_ = ids
    (left, _) = set(reliefs) - ids

    def keep(one: StatementId, person: str = "乙", finding: Finding = Finding.DOUBT) -> str:
        return code_of(lambda: desk.keep(one, person, "甲", finding, "材料不全"))

    assert keep(left) == "recheck.not-drawn"
    assert keep(first, "甲") == "recheck.same-person"
    assert keep(first, "丙") == "person.unknown"
    empty = partial(desk.keep, first, "乙", "甲", Finding.DOUBT, " ")
    assert code_of(empty) == "recheck.note"
    assert keep(first) == ""
    assert keep(first, finding=Finding.OK) == "recheck.done"
    done = {one["statement_id"]: one["recheck"] for one in desk.list_() if one["recheck"]}
    assert set(done) == {first.hex()}
    assert {k: done[first.hex()][k] for k in ("person", "decider", "finding", "note")} == {
        "person": "乙",
        "decider": "甲",
        "finding": "doubt",
        "note": "材料不全",
    }
    with world.city.store.read() as session:
        kinds = (RechecksDrawn.KIND, Rechecked.KIND)
        assert [len(session.entries(kind)) for kind in kinds] == [1, 1]
    assert rechecks_of(world.peer).draw(quarter, "乙")["among"] == 0  # of its own log alone


def code_of(call: Callable[[], object]) -> str:
    try:
        call()
    except RefusedError as error:
        return error.code
    return ""
