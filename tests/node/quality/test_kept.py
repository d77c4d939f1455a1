"""Figures of quality at a node that holds much.

Covers node/quality/kept.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.sql import SqlStore, open_store
from federation.ids import Date, Timestamp
from node.quality.kept import (
    ASKED_SECONDS,
    FRESH_SECONDS,
    KEPT_MAX,
    LOOK_SECONDS,
    KeptFigures,
    last_month,
)
from tests.contracts.examples import ORIGIN

MAY = Date(20260501), Date(20260531)
JUNE = Date(20260601), Date(20260630)


@dataclass
class Counted:
    """Counts how often it was asked for what."""

    asked: list[tuple[Date, bool]] = field(default_factory=list)

    def quality(
        self, first: Date, last: Date, *, records: bool, shares: bool = False
    ) -> dict[str, Any]:
        del last, shares
        self.asked.append((first, records))
        return {"number": len(self.asked)}


@dataclass
class World:
    """A node whose clock is set by hand."""

    store: SqlStore
    at: int = 1_000_000
    figures: Counted = field(default_factory=Counted)

    def kept(self, small: int) -> KeptFigures:
        return KeptFigures(
            figures=self.figures,
            store=self.store,
            now=lambda: Timestamp(self.at),
            today=lambda: Date(20260615),
            small=small,
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    store = open_store(f"sqlite:///{tmp_path / 'node.db'}")
    with store.write() as session:
        session.add_log(ORIGIN, ours=True)
    return World(store)


def test_of_little_everything_is_counted_when_somebody_asks(world: World) -> None:
    kept = world.kept(small=0)
    for number in (1, 2):
        assert kept.quality(*MAY, records=False) == {"number": number}
    assert kept.run() == 0


def test_of_much_it_is_given_as_it_was_counted_and_says_when(world: World) -> None:
    kept = world.kept(small=-1)
    first = kept.quality(*JUNE, records=True)
    assert first == {"number": 1, "counted_at": world.at}
    world.at += FRESH_SECONDS
    assert kept.quality(*JUNE, records=True) == first
    assert kept.run() == 2  # and last month's, for which nobody asked
    assert kept.quality(*JUNE, records=True)["counted_at"] == world.at
    assert kept.quality(*MAY, records=False)["number"] == 2
    assert world.figures.asked == [(JUNE[0], True), (MAY[0], False), (JUNE[0], True)]


def test_what_is_young_is_not_counted_anew_and_what_nobody_asks_for_is_let_go(
    world: World,
) -> None:
    kept = world.kept(small=-1)
    kept.quality(*JUNE, records=False)
    assert kept.run() == 1
    world.at += FRESH_SECONDS - 1
    assert kept.run() == 0
    world.at += ASKED_SECONDS
    assert kept.run() == 1
    assert kept.quality(*JUNE, records=False)["number"] == 4


def test_no_more_periods_are_kept_than_a_few(world: World) -> None:
    kept = world.kept(small=-1)
    for day in range(1, KEPT_MAX + 3):
        world.at += 1
        kept.quality(Date(20260600 + day), JUNE[1], records=False)
    assert len(kept._kept) == KEPT_MAX


def test_who_does_not_wait_is_told_that_it_is_counted_and_has_it_then(world: World) -> None:
    kept = world.kept(small=-1)
    kept.run()
    assert kept.rests()
    world.figures.asked.clear()
    for _ in range(2):
        told = kept.quality(*JUNE, records=True, wait=False)
        assert (told["counting"], told["rows"]) == (True, [])
        assert told["period"] == {"first": JUNE[0], "last": JUNE[1]}
    assert (kept.rests(), world.figures.asked) == (False, [])
    assert kept.run() == 1
    assert kept.rests()
    assert kept.quality(*JUNE, records=True, wait=False)["counted_at"] == world.at
    assert world.figures.asked == [(JUNE[0], True)]
    for day in range(1, 3 * KEPT_MAX):
        kept.quality(Date(20260700 + day), JUNE[1], records=False, wait=False)
    assert kept.run() <= KEPT_MAX + 2, "of what nobody waits for no more than is kept, and what was"
    world.at += LOOK_SECONDS
    assert not kept.rests()


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (20260615, MAY),
        (20260301, (20260201, 20260228)),
        (20260131, (20251201, 20251231)),
    ],
)
def test_last_month_is_whole(today: int, expected: tuple[int, int]) -> None:
    assert last_month(Date(today)) == expected
