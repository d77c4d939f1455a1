"""Whatever comes first, charter, listing, relief, erasure, restart, rebuild: one state."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from federation.life.life import UNOPENED
from federation.rows import OpeningStatus
from tests.simulation.running import MEMORY
from tests.support.any_order import Move, Reader, Script, alike, difference, punishing

N = st.integers(0, 11)
MOVES = st.one_of(
    st.tuples(st.just("list_"), N, N),
    st.tuples(st.just("list_"), N, N),
    st.tuples(st.just("relieve"), N, N, N),
    st.tuples(st.just("relieve"), N, N, N),
    st.tuples(st.just("relist"), N),
    st.tuples(st.just("mask"), N, N),
    st.tuples(st.just("correct"), N, N),
    st.tuples(st.just("erase"), N, N, N),
    st.tuples(st.just("cut"), N, N),
    st.tuples(st.just("revive"), N, N),
    st.tuples(st.just("delegate"), N, N, N),
    st.tuples(st.just("undelegate"), N, N, N),
    st.tuples(st.just("succeed"), N, N),
)
SCRIPTS = st.lists(MOVES, min_size=4, max_size=24)
EXAMPLES = int(
    os.environ.get("ONE_STATE_EXAMPLES", "2000" if os.environ.get("HUXIN_SOAK") else "8")
)
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

REVIVED: list[Move] = [
    ("list_", 9, 5),
    ("list_", 9, 3),
    ("relieve", 4, 1, 4),
    ("list_", 8, 1),
    ("list_", 8, 11),
    ("cut", 0, 10),
    ("list_", 2, 10),
    ("relieve", 10, 10, 5),
    ("correct", 2, 4),
    ("relieve", 4, 10, 9),
    ("revive", 0, 5),
    ("list_", 11, 7),
    ("list_", 11, 10),
]
"""A relief beyond a cut, within the segment that is opened afterwards."""
PARTLY_REVOKED: list[Move] = [
    ("list_", 5, 1),
    ("relieve", 8, 2, 10),
    ("relist", 0),
    ("relieve", 11, 5, 9),
    ("relieve", 6, 10, 10),
    ("relieve", 2, 6, 5),
    ("cut", 2, 2),
]
"""One relief of a record is revoked, the others are cut off afterwards."""
REVOKED: list[Move] = [
    ("list_", 4, 8),
    ("relieve", 0, 7, 8),
    ("mask", 5, 8),
    ("correct", 6, 4),
    ("relist", 2),
    ("list_", 9, 9),
    ("list_", 3, 8),
    ("relieve", 7, 2, 8),
    ("list_", 3, 5),
    ("relieve", 6, 9, 8),
]
"""What revokes a tag is derived after what the tag ended."""


def readers(stack: ExitStack, script: Script, count: int) -> list[Reader]:
    memory = MEMORY if MEMORY.is_dir() else None
    made = []
    for _ in range(count):
        name = stack.enter_context(tempfile.TemporaryDirectory(dir=memory))
        made.append(Reader(script, Path(name)))
        stack.callback(made[-1].close)
    return made


@QUICK
@given(moves=SCRIPTS, seed=st.integers(0, 2**16))
def test_all_orders_come_to_one_state(moves: list[Move], seed: int) -> None:
    script = Script(moves)
    with ExitStack() as stack:
        fresh, running = readers(stack, script, 2)
        fresh.in_order()
        running.at_random(Random(seed))
        expected, found = fresh.rows(), running.rows()
        assert alike(expected, found), difference(expected, found)
        assert not punishing(found) & script.relieved()
        running.check_rebuilt()
        fresh.check_rebuilt()


@QUICK
@given(moves=SCRIPTS, seed=st.integers(0, 2**16))
@example(moves=REVIVED, seed=157)
@example(moves=PARTLY_REVOKED, seed=109)
@example(moves=REVOKED, seed=346)
@example(moves=[("list_", 10, 10), ("relieve", 4, 3, 2)], seed=100)
def test_what_was_erased_changes_no_judgement(moves: list[Move], seed: int) -> None:
    script = Script(moves)
    with ExitStack() as stack:
        (node,) = readers(stack, script, 1)
        node.at_random(Random(seed), erasing=True)
        assert not punishing(node.rows()) & script.relieved()
        node.check_rebuilt()


def test_what_a_later_epoch_says_was_erased_is_erased_by_readers() -> None:
    """E2: the ERASURE stands in another log of the chain."""
    script = Script([("list_", 0, 0), ("cut", 0, 0), ("revive", 0, 0), ("erase", 4, 0, 3)])
    with ExitStack() as stack:
        (node,) = readers(stack, script, 1)
        node.in_order()
        (place,) = [one.place for one in script.said]
        assert node.rows()[place].opening == OpeningStatus.PRESENT
        node.erase()
        assert node.rows()[place].opening == OpeningStatus.ERASED
        assert node.rows()[place].rule == "erasure.ordered"
        node.check_rebuilt()


def test_what_a_later_epoch_corrects_punishes_nobody_and_its_relief_arrives() -> None:
    """A row points into its own log alone, so that of a payload in another nothing is punished."""
    epochs: list[Move] = [("list_", 0, 0), ("cut", 0, 0), ("revive", 0, 0), ("correct", 4, 0)]
    for moves, rule in ((epochs, UNOPENED), ([*epochs, ("relieve", 4, 0, 0)], "relief.direct")):
        script = Script(moves)
        with ExitStack() as stack:
            (node,) = readers(stack, script, 1)
            node.in_order()
            place = script.said[0].place
            assert node.rows()[place].rule == rule
            assert place not in punishing(node.rows())
            node.check_rebuilt()


def test_what_a_version_takes_away_and_gives_back_is_read_again() -> None:
    script = Script([("list_", 0, 0), ("list_", 0, 1), ("cut", 0, 1), ("revive", 0, 1)])
    with ExitStack() as stack:
        (node,) = readers(stack, script, 1)
        first, second = (one.place for one in script.said)
        node.take(script.said[0].log, 2)
        for version, rule in ((1, ""), (2, "entitlement.segment"), (3, "")):
            node.adopt(version)
            assert (node.rows()[first].rule, node.rows()[second].rule) == ("", rule)


def test_a_relief_that_a_version_lets_act_leaves_a_tag() -> None:
    script = Script([("list_", 0, 0), ("relieve", 7, 0, 0), ("delegate", 0, 3, 1)])
    with ExitStack() as stack:
        (node,) = readers(stack, script, 1)
        listed, relief = script.said
        for log in (listed.log, relief.log):
            node.take(log, log.size)
        for version, rule in ((1, ""), (2, "relief.direct")):
            node.adopt(version)
            assert node.rows()[listed.place].rule == rule
            with node.node.store.read() as session:
                assert session.has_suppressions() == bool(rule)
