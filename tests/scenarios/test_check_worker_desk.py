"""A worker answers what the node itself would answer at the moment of keeping (CW1, CW2, CW6).

Covers node/screening/lane.py, node/screening/worker_desk.py, node/app/worker_state.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters.errors import StoreError
from federation.charters.trust import Trust
from federation.errors import RefusedError, StatementError
from federation.statements import AnnotationAction, Kind
from node.charters.view import TrustView
from node.network.errors import UnavailableError
from node.screening.worker_desk import TRIES
from tests.scenarios.test_checks import YIBIN, World
from tests.scenarios.test_checks_property import CATALOGS, SUBJECTS, History
from tests.support import charters as build
from tests.support.catalogs import catalog_of
from tests.support.screened import FINANCE, MATTER, matters_text
from tests.support.worked import Worked

STEPS = 12
ITS_OWN = ("number", "promise", "at", "superseded")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def worked(world: World, tmp_path: Path) -> Iterator[Worked]:
    made = Worked(world.screened, tmp_path)
    yield made
    made.close()


def said(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says; the last day for outcomes is of each one's tables."""
    told = {name: value for name, value in answer.items() if name not in ITS_OWN}
    told["matches"] = [{**one, "due_on": 0} for one in answer["matches"]]
    return told


def kept(world: World) -> int:
    with world.screened.store.read() as reads:
        rows = reads.connection.exec_driver_sql("SELECT count(*) FROM query_rows")
        return int(rows.scalar_one())


def test_a_worker_answers_and_the_node_keeps_it(world: World, worked: Worked) -> None:
    world.list_(1)
    before = kept(world)
    answer = worked.check(1, who="finance", request_id="r-9")
    assert answer["result"] == "match"
    assert answer["matches"][0]["measures"]
    assert said(answer) == said(world.check(1))
    assert kept(world) == before + 2
    assert worked.seen == [FINANCE.credential]
    assert world.screened.access.counted[:1] == [FINANCE.credential]
    # The node's own desk knows of it: the same question has the same number.
    assert world.check(1, asker=FINANCE, request_id="r-9")["number"] == answer["number"]
    assert answer["promise"]


def test_what_the_node_refuses_the_worker_refuses(world: World, worked: Worked) -> None:
    with pytest.raises(StatementError) as malformed:
        worked.check(1, code="110101199003070012")
    assert malformed.value.code == "question.natural-person"
    with pytest.raises(RefusedError) as unknown:
        worked.check(1, matter="nothing-such")
    assert unknown.value.code.startswith("matter.")
    world.screened.access.refusal = RefusedError("access.budget", "used up")
    with pytest.raises(RefusedError) as used_up:
        worked.check(1)
    assert used_up.value.code == "access.budget"
    assert worked.seen[1:] == []


def _edition(world: World) -> None:
    world.yibin.catalog = catalog_of(matters_text(lists=("other-list",)))


def _refusal(world: World) -> None:
    world.screened.refusal = RefusedError("own-log.behind", "the mark is ahead")


def _longer(world: World) -> None:
    world.yibin.doubts._behind = lambda: True


def _rotation(world: World) -> None:
    world.yibin.keyring.add_opening_key(world.yibin.clock.now())


def _charters(world: World) -> None:
    alone = build.make_chain([build.make_member(YIBIN)])
    trust = Trust([alone], world.yibin.clock.now())
    world.yibin.view = TrustView(trust, world.yibin.origin)


@pytest.mark.parametrize("change", [_edition, _refusal, _longer, _rotation, _charters])
def test_what_changes_after_the_judgement_is_in_the_answer(
    world: World, worked: Worked, change: Callable[[World], None]
) -> None:
    world.list_(1)
    first = worked.check(1)
    before = kept(world)
    worked.interrupted.after = lambda: change(world)
    answer = worked.check(1)
    assert kept(world) == before + 1
    assert said(answer) == said(world.check(1))
    assert (said(answer) == said(first)) is (change is _rotation)


def test_the_state_is_compared_at_the_moment_of_keeping(
    world: World, worked: Worked, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.list_(1)
    submit, before = world.screened.writer.submit, kept(world)

    def later(unit: Any) -> Any:
        monkeypatch.undo()
        _edition(world)
        return submit(unit)

    monkeypatch.setattr(world.screened.writer, "submit", later)
    answer = worked.check(1)
    assert kept(world) == before + 1
    assert said(answer) == said(world.check(1))


def test_a_relief_that_is_committed_while_a_question_waits_is_in_the_answer(
    world: World, worked: Worked
) -> None:
    listed = world.list_(1)

    def relieve() -> None:
        world.luzhou.relieve(Kind.REPAIR, listed)
        world.federation.settle()

    worked.interrupted.before = relieve
    assert worked.check(1)["result"] == "clear"


def test_a_matter_that_ended_meanwhile_is_no_refusal_any_more(world: World, worked: Worked) -> None:
    right = world.yibin.catalog
    world.yibin.catalog = catalog_of()
    worked.interrupted.after = lambda: setattr(world.yibin, "catalog", right)
    assert worked.check(1, matter=MATTER)["result"] == "clear"


def test_a_question_is_given_up_where_all_goes_on_changing(world: World, worked: Worked) -> None:
    before = kept(world)
    turns = iter(range(2 * TRIES))

    def again() -> None:
        if next(turns, None) is not None:
            world.yibin.catalog = copy(world.yibin.catalog)
            worked.interrupted.after = again

    worked.interrupted.after = again
    with pytest.raises(UnavailableError) as given_up:
        worked.check(1)
    assert given_up.value.code == "check.outdated"
    assert kept(world) == before


def test_a_store_that_fails_is_told_of_and_nothing_is_kept(
    world: World, worked: Worked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise StoreError("the disk is gone")

    worked.check(1)
    before = kept(world)
    monkeypatch.setattr(world.screened.desk._recording, "_answered", failing)
    with pytest.raises(StoreError):
        worked.check(1)
    assert kept(world) == before


@pytest.mark.parametrize("seed", [3])
def test_a_workers_answers_are_the_nodes_whatever_happens_in_between(
    tmp_path: Path, seed: int
) -> None:
    world = World(tmp_path)
    history, random = History(world, seed), Random(seed)

    def edition() -> None:
        world.yibin.catalog = random.choice(CATALOGS)()

    def refused() -> None:
        why = RefusedError("own-log.behind", "the mark is ahead")
        world.screened.refusal = random.choice([None, why])

    def step() -> None:
        with pytest.MonkeyPatch.context() as still:  # an answer is of the moment of its admission
            still.setattr(history, "clock", lambda: None)
            history.step()

    for _ in range(STEPS):
        history.step()
        worked = Worked(world.screened, tmp_path)
        for number in range(SUBJECTS):
            worked.interrupted.before = random.choice([None, step])
            worked.interrupted.after = random.choice([None, edition, refused])
            answer = worked.check(number)
            assert said(answer) == said(world.check(number))
        worked.close()
    world.close()


def test_annotations_count_at_once(world: World, worked: Worked) -> None:
    listed = world.list_(1)
    worked.interrupted.before = lambda: world.annotate(listed, AnnotationAction.OBJECTION_OPENED)
    (match,) = worked.check(1)["matches"]
    assert match["measures"] == []
