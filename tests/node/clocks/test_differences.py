"""Clocks that differ are named: our own by the middle of the members', a member's by the others'.

Covers node/clocks/differences.py, node/status/clock_problems.py.
"""

from __future__ import annotations

from federation.ids import MemberId, Timestamp
from node.clocks.differences import FRESH_SECONDS, ClockDifferences

A, B, C = (MemberId(name) for name in "abc")
ALL = frozenset({A, B, C})


class Machine:
    def __init__(self) -> None:
        self.now, self.running = 1_790_000_000, 0.0

    def heard(self, **signed_behind: int) -> ClockDifferences:
        found = ClockDifferences(lambda: Timestamp(self.now), lambda: self.running)
        for name, behind in signed_behind.items():
            found.heard(MemberId(name), Timestamp(self.now - behind))
        return found


def test_a_clock_two_hours_ahead_is_our_own() -> None:
    found = Machine().heard(a=7200, b=7201, c=7199).report(ALL)
    assert found == {"differs_s": 7200, "members": []}


def test_a_clock_behind_is_negative() -> None:
    assert Machine().heard(a=-400, b=-401).report(ALL)["differs_s"] == -401


def test_a_member_ahead_of_the_others_is_named_and_we_are_not() -> None:
    found = Machine().heard(a=1, b=2, c=-7200).report(ALL)
    assert found == {"differs_s": 0, "members": [{"member": "c", "seconds": 7201}]}


def test_five_minutes_are_no_difference() -> None:
    assert Machine().heard(a=300, b=300, c=0).report(ALL) == {"differs_s": 0, "members": []}


def test_one_member_alone_says_nothing() -> None:
    assert Machine().heard(a=7200).report(ALL) == {"differs_s": 0, "members": []}


def test_who_left_or_has_been_silent_is_not_asked() -> None:
    machine = Machine()
    found = machine.heard(a=7200, b=7200)
    assert found.report({A})["differs_s"] == 0
    machine.running += FRESH_SECONDS + 1
    assert found.report(ALL)["differs_s"] == 0
