"""The clock object: votes of this run, what it saves, and what it tells the operator.

Covers node/system/clock.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.errors import AdapterError
from adapters.state.trusted_time import TrustedTimeFile
from crypto.keys import KeyType, Signer
from federation.errors import RefusedError
from federation.ids import MemberId, Origin, Timestamp
from federation.persons import Sort, Word, clock_body, distinct, join_word, sign_word
from federation.trusted_time import STEP_SECONDS, TrustedTime
from node.clocks.desk import ClockDesk
from node.clocks.trusted_clock import SAVE_SECONDS, TrustedClock
from node.persons.roster import Persons
from tests.support.clock import FakeClock

A, B, C = (MemberId(name) for name in "abc")
DAY = 86_400
ORIGIN = Origin("510500.huxin.example/1")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def trusted(path: Path, clock: FakeClock, others: tuple[MemberId, ...] = (A, B, C)) -> TrustedClock:
    return TrustedClock(
        file=TrustedTimeFile(path / "trusted-time"),
        others=lambda: frozenset(others),
        wall=clock,
        monotonic=lambda: float(clock.running),
    )


def hear(time: TrustedClock, *signed: tuple[MemberId, int]) -> None:
    for member, at in signed:
        time.heard(member, Timestamp(at))
    time.tick()


def test_nothing_is_over_until_enough_members_have_signed(tmp_path: Path, clock: FakeClock) -> None:
    time = trusted(tmp_path, clock)
    assert (time.now(), time.today()) == (0, 0)
    hear(time, (A, clock.seconds))
    assert time.now() == 0
    hear(time, (B, clock.seconds))
    assert time.now() == clock.seconds
    clock.advance(90)
    assert time.now() == clock.seconds


def test_a_clock_set_ahead_moves_nothing_and_set_back_revives_nothing(
    tmp_path: Path, clock: FakeClock
) -> None:
    time = trusted(tmp_path, clock)
    right = clock.seconds
    hear(time, (A, right), (B, right))
    clock.jump(300 * DAY)
    again = trusted(tmp_path, clock)
    hear(again, (A, right), (B, right))
    assert again.now() == right
    clock.jump(-600 * DAY)
    assert again.latest.now() == right


def test_by_any_clock_a_day_has_come_that_relieves(tmp_path: Path, clock: FakeClock) -> None:
    """One member's word carries no other question, and ours is not behind for want of one."""
    time = trusted(tmp_path, clock)
    right = clock.seconds
    assert (time.heard_latest.now(), time.heard_latest.today()) == (right, clock.today())
    clock.jump(-40 * DAY)
    hear(time, (A, right - DAY))
    assert (time.now(), time.latest.now()) == (0, right - 40 * DAY)
    assert time.heard_latest.now() == right - DAY


def test_of_one_members_lines_the_latest_is_its_vote(tmp_path: Path, clock: FakeClock) -> None:
    time = trusted(tmp_path, clock)
    right = clock.seconds
    hear(time, (A, right - 900), (B, right - 900), (A, right), (B, right), (A, right - 60))
    assert time.now() == right


def test_a_stranger_and_a_member_that_left_have_no_vote(tmp_path: Path, clock: FakeClock) -> None:
    time = trusted(tmp_path, clock, (A, B))
    hear(time, (A, clock.seconds), (C, clock.seconds))
    assert time.now() == 0


def test_it_goes_on_over_restarts_and_a_loop_of_them_gains_nothing(
    tmp_path: Path, clock: FakeClock
) -> None:
    right = clock.seconds
    hear(trusted(tmp_path, clock), (A, right), (B, right))
    for _ in range(50):
        clock.jump(10 * DAY)
        hear(trusted(tmp_path, clock), (A, clock.seconds), (B, clock.seconds), (C, clock.seconds))
    time = trusted(tmp_path, clock)
    assert time.now() == right + STEP_SECONDS
    hear(time, (A, clock.seconds), (B, clock.seconds))
    assert time.report()["confirm"]


def test_it_is_saved_while_it_runs_and_not_at_every_tick(tmp_path: Path, clock: FakeClock) -> None:
    time = trusted(tmp_path, clock)
    hear(time, (A, clock.seconds), (B, clock.seconds))
    saved = (tmp_path / "trusted-time").read_bytes()
    clock.advance(SAVE_SECONDS - 1)
    time.tick()
    assert (tmp_path / "trusted-time").read_bytes() == saved
    clock.advance(1)
    time.tick()
    assert TrustedTimeFile(tmp_path / "trusted-time").load().now == clock.seconds


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"now": -1, "running": 0, "steps": []}', '{"now": "x"}']
)
def test_a_damaged_file_counts_as_none(tmp_path: Path, clock: FakeClock, damage: str) -> None:
    (tmp_path / "trusted-time").write_text(damage)
    assert TrustedTimeFile(tmp_path / "trusted-time").load() == TrustedTime()
    assert trusted(tmp_path, clock).now() == 0


def test_a_disk_that_takes_nothing_leaves_a_confirmed_time_unset(
    tmp_path: Path, clock: FakeClock
) -> None:
    time = trusted(tmp_path / "gone", clock)
    with pytest.raises(AdapterError, match="cannot be written"):
        time.confirm(Timestamp(clock.seconds))
    assert time.now() == 0


def test_two_persons_set_it_and_one_under_two_spellings_does_not(
    tmp_path: Path, clock: FakeClock
) -> None:
    time = trusted(tmp_path, clock, ())
    desk = ClockDesk(trusted=time, persons=Persons(origin=ORIGIN, configured={}, now=clock.now))
    assert desk.report()["confirm"]
    for alike in (("王某", "王某 "), ("Wang", "WANG"), ("王某", "　"), ("王某",)):
        with pytest.raises(RefusedError, match="expected the names of 2 persons"):
            desk.confirm(Timestamp(clock.seconds), alike, "no members", "")
    with pytest.raises(RefusedError, match="no reason"):
        desk.confirm(Timestamp(clock.seconds), ("王某", "李某"), " ", "")
    report = desk.confirm(Timestamp(clock.seconds), ("王某", "李某"), "no members", "")
    assert (report["trusted"], report["confirm"]) == (clock.seconds, False)
    assert trusted(tmp_path, clock, ()).now() == clock.seconds


def test_where_persons_have_keys_both_sign_even_by_a_wrong_clock(
    tmp_path: Path, clock: FakeClock
) -> None:
    signers = [
        Signer(name=n, type=KeyType.NOTE, seed=bytes([i]) * 32) for i, n in enumerate("wl", 1)
    ]
    persons = Persons(
        origin=ORIGIN, configured={s.name: str(s.verifier) for s in signers}, now=clock.now
    )
    desk = ClockDesk(trusted=trusted(tmp_path, clock), persons=persons)
    right = Timestamp(clock.seconds)
    word = Word(origin=ORIGIN, sort=Sort.CLOCK, at=right, body=clock_body(right, "drift"))
    one = sign_word(word, signers[0])
    clock.jump(300 * DAY)
    with pytest.raises(RefusedError, match="signed word"):
        desk.confirm(right, ("w", "l"), "drift", "")
    with pytest.raises(RefusedError, match="no signature by the key of l"):
        desk.confirm(right, ("w", "l"), "drift", one)
    with pytest.raises(RefusedError, match="another word"):
        desk.confirm(Timestamp(right + 1), ("w", "l"), "drift", join_word(one, signers[1]))
    assert desk.confirm(right, ("w", "l"), "drift", join_word(one, signers[1]))["trusted"] == right


def test_names_that_look_alike_are_one_person() -> None:
    assert distinct(("王某", "王 某", "Ｗang", "wang", "", "\u200b")) == ("王某", "Ｗang")


def test_a_wrong_machine_clock_is_told_by_heads_signed_anew_and_by_no_kept_one(
    tmp_path: Path, clock: FakeClock
) -> None:
    time = trusted(tmp_path, clock)
    old = int(clock.now()) - 9 * DAY
    hear(time, (A, old), (B, old))  # what was kept from before this run
    assert time.report()["differences"] == {"differs_s": 0, "members": []}
    hear(time, (A, old), (B, old))  # the same lines again
    assert time.report()["differences"]["differs_s"] == 0
    hear(time, (A, int(clock.now()) - 7200), (B, int(clock.now()) - 7200))
    assert time.report()["differences"]["differs_s"] == 7200
