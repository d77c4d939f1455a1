"""By which ways repair may be asked for: typed exits alone (X1 to X3)."""

from __future__ import annotations

from dataclasses import replace

from federation.dates import add_months
from federation.ids import Date
from federation.payloads import Audience, Exit, ExitKind, Listing
from federation.relief.exits import repair_from, repair_possible
from tests.support.simulation import listing

LISTED: Listing = listing(1, audience=Audience(charters=(), purposes=()))


def test_x1_nothing_is_guessed_from_words_or_periods() -> None:
    said = replace(LISTED, exit_path="满一年可申请修复", publish_shortest_months=12)
    assert repair_possible(said) == ()


def test_x2_a_way_that_waits_for_time_has_its_day() -> None:
    exits = (
        Exit(kind=ExitKind.PERFORMED),
        Exit(kind=ExitKind.CORRECTED_FOR, months=6),
        Exit(kind=ExitKind.LISTED_FOR, months=12),
    )
    assert repair_possible(replace(LISTED, exits=exits)) == (
        "履行完毕后可申请修复",
        "改正满 6 个月后可申请修复",
        "列入满 12 个月，2027-01-10 起可申请修复",
    )
    bare = replace(LISTED, exits=exits[2:], listed_on=Date(0))
    assert repair_possible(bare) == ("列入满 12 个月，2027-01-05 起可申请修复",)


def test_x3_what_is_not_known_is_not_told() -> None:
    exits = (Exit(kind=ExitKind.UNSPECIFIED), Exit(kind=ExitKind.PERIOD_OVER))
    assert repair_possible(replace(LISTED, exits=exits)) == ("公示期满移出，无须申请",)


def test_the_first_day_is_that_of_the_shortest_way_and_of_no_other_kind() -> None:
    assert repair_from(LISTED) == 0
    exits = (
        Exit(kind=ExitKind.CORRECTED_FOR, months=1),
        Exit(kind=ExitKind.LISTED_FOR, months=24),
        Exit(kind=ExitKind.LISTED_FOR, months=12),
        Exit(kind=ExitKind.PERFORMED),
    )
    assert repair_from(replace(LISTED, exits=exits)) == add_months(
        LISTED.listed_on or LISTED.decided_on, 12
    )
    assert repair_from(replace(LISTED, exits=exits[:1])) == 0
