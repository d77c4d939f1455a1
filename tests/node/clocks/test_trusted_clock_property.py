"""Whatever clocks do: nothing is over that is not, and nothing that is over comes back (Z1-Z9)."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.state.trusted_time import TrustedTimeFile
from federation.ids import MemberId, Timestamp
from federation.trusted_time import STEP_SECONDS, WINDOW_SECONDS
from node.clocks.trusted_clock import TrustedClock
from tests.support.clock import FakeClock

DAY = 86_400
NODES = 5
NODE = st.integers(0, NODES - 1)
OFFSET = st.sampled_from(
    (-2000 * DAY, -300 * DAY, -3600, 0, 3600, 26 * 3600, 300 * DAY, 2000 * DAY)
)
SIGN, WRONG, ALL_WRONG, RESTART, PASS = "sign", "wrong", "all wrong", "restart", "pass"
FEW = st.lists(
    st.one_of(
        st.tuples(st.just(SIGN), NODE, st.just(0)),
        st.tuples(st.just(SIGN), NODE, st.just(0)),
        st.tuples(st.just(RESTART), NODE, st.just(0)),
        st.tuples(st.just(PASS), NODE, st.integers(1, 40 * DAY)),
        st.tuples(st.just(WRONG), st.integers(0, 1), OFFSET),
    ),
    max_size=40,
)
"""Clocks of two members of five are wrong, by anything and differently."""
ANY = st.lists(
    st.one_of(
        st.tuples(st.just(SIGN), NODE, st.just(0)),
        st.tuples(st.just(SIGN), NODE, st.just(0)),
        st.tuples(st.just(RESTART), NODE, st.just(0)),
        st.tuples(st.just(PASS), NODE, st.integers(1, 3 * DAY)),
        st.tuples(st.just(WRONG), NODE, OFFSET),
        st.tuples(st.just(ALL_WRONG), NODE, OFFSET),
    ),
    max_size=40,
)
"""Clocks of any members, and of all alike."""
QUICK = settings(max_examples=25, deadline=None)


class Machine(FakeClock):
    """The clock of one machine: right time with an offset."""

    def __init__(self, right: FakeClock) -> None:
        super().__init__()
        self.right = right
        self.offset = 0

    def now(self) -> Timestamp:
        return Timestamp(max(1, self.right.seconds + self.offset))


@dataclass
class Node:
    machine: Machine
    file: TrustedTimeFile
    others: frozenset[MemberId]
    time: TrustedClock

    def start(self) -> None:
        self.time = _clock(self.machine, self.file, self.others)


def _clock(machine: Machine, file: TrustedTimeFile, others: frozenset[MemberId]) -> TrustedClock:
    return TrustedClock(
        file=file,
        others=lambda: others,
        wall=machine,
        monotonic=lambda: float(machine.right.running),
    )


class Alliance:
    """Five members that sign and hear each other."""

    def __init__(self, directory: Path) -> None:
        self.right = FakeClock()
        self.names = [MemberId(f"51{number:02}00") for number in range(NODES)]
        self.nodes: list[Node] = []
        for name in self.names:
            machine = Machine(self.right)
            file = TrustedTimeFile(directory / name)
            others = frozenset(self.names) - {name}
            self.nodes.append(Node(machine, file, others, _clock(machine, file, others)))

    def sign(self, number: int) -> None:
        """A member signs its head; all others hear it."""
        signed = self.nodes[number].machine.now()
        for node in self.nodes:
            if node is not self.nodes[number]:
                node.time.heard(self.names[number], signed)
            node.time.tick()

    def do(self, what: str, number: int, value: int) -> None:
        if what == SIGN:
            self.sign(number)
        elif what == RESTART:
            self.nodes[number].start()
        elif what == PASS:
            self.right.advance(value)
        else:
            for node in self.nodes if what == ALL_WRONG else [self.nodes[number]]:
                node.machine.offset = value
        for node in self.nodes:
            node.time.tick()
            latest = node.time.latest.now()
            assert latest >= node.machine.now(), "a listing over by the machine's clock punishes"
            assert latest >= node.time.now(), "a clock set back revives what is over"


@QUICK
@given(moves=FEW)
def test_two_wrong_clocks_of_five_destroy_nothing_that_a_right_one_would_keep(
    moves: list[tuple[str, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        alliance = Alliance(Path(name))
        for move in moves:
            alliance.do(*move)
            for node in alliance.nodes:
                assert node.time.now() <= alliance.right.seconds


@QUICK
@given(moves=ANY)
def test_all_clocks_wrong_destroy_what_a_day_would_have_ended_and_no_more(
    moves: list[tuple[str, int, int]],
) -> None:
    """26 hours in each 30 days of running, whatever is restarted and whoever agrees."""
    with tempfile.TemporaryDirectory() as name:
        alliance = Alliance(Path(name))
        for number in range(NODES):  # the first time is a node's own, or its members' (Z5)
            alliance.sign(number)
        for move in moves:
            alliance.do(*move)
            windows = 1 + alliance.right.running // WINDOW_SECONDS
            for node in alliance.nodes:
                assert node.time.now() <= alliance.right.seconds + windows * STEP_SECONDS
