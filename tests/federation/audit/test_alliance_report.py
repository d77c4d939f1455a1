"""The figures of the alliance's report, and which of them everybody may see (AR1-AR6).

Covers federation/audit/alliance_report.py, federation/audit/months.py,
federation/audit/small_counts.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from federation.audit.alliance_report import AllianceReport, City, Figure, Leaves, Name
from federation.audit.months import Month, MonthsSaid, month_of
from federation.audit.small_counts import public_figures
from federation.audit.verification import Noted
from federation.case_payloads import Outcome, OutcomeResult
from federation.ids import Origin, Timestamp
from federation.statements import Kind
from node.audit.alliance_document import document, report_of
from tests.support import charters as build
from tests.support.audited import CITY, DAY, FOURTH, OTHER, PEER, World
from tests.support.payload_kinds import EXAMPLES

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
APPLIED, HELD, REJECTED = 2, 5, 6


def city(member: str) -> City:
    return City(member, f"{member}结点（演示）")


def made(
    world: World, folder: Path, first: Month = SEPTEMBER, last: Month = OCTOBER
) -> AllianceReport:
    audited = world.audit(world.write(folder), by_month=True)
    assert audited.trust is not None
    return report_of(audited, audited.trust, first, last)


def named(report: AllianceReport, name: Name) -> dict[tuple[str, Month], int]:
    return {(one.city.region, one.month): one.number for one in report.figures if one.name is name}


def test_what_is_said_counts_in_the_month_that_it_claims(tmp_path: Path) -> None:
    world = World()
    world.listed()
    world[CITY].say(Kind.PENALTY, world.now)
    world.vouch(20 * DAY)
    world[CITY].say(Kind.LISTING, world.now)
    world[PEER].say(Kind.COMMENDATION, world.now)
    world.vouch()
    report = made(world, tmp_path)
    assert named(report, Name.LISTED) == {(CITY, SEPTEMBER): 2, (CITY, OCTOBER): 1}
    assert named(report, Name.COMMENDED) == {(PEER, OCTOBER): 1}
    one = next(one for one in report.figures if one.name is Name.LISTED)
    assert one.leaves == (Leaves(world[CITY].origin, ((0, 1),)),)
    assert report.months == (SEPTEMBER, OCTOBER)
    assert report.not_counted == ()
    assert named(made(world, tmp_path, OCTOBER), Name.LISTED) == {(CITY, OCTOBER): 1}


def test_a_log_that_is_not_whole_counts_nowhere(tmp_path: Path) -> None:
    world = World()
    world.listed()
    world.repaired(world.statement)
    out = world.write(tmp_path)
    tile = next((out / f"logs/{PEER}.huxin.example__1/tile/entries").rglob("*"))
    file = next(tile.rglob("*")) if tile.is_dir() else tile
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    audited = world.audit(out, by_month=True)
    assert audited.trust is not None
    report = report_of(audited, audited.trust, SEPTEMBER, OCTOBER)
    assert report.not_counted == (world[PEER].origin,)
    assert city(PEER) not in {one.city for one in report.figures}


def test_of_what_a_member_says_of_a_listing_the_newest_judgement_counts(tmp_path: Path) -> None:
    world = World()
    for number in range(3):
        world[CITY].say(Kind.LISTING, world.now, word=str(number))
    world[CITY].say(Kind.CORRECTION, world.now)
    world.vouch()
    world[PEER].receipt(world.now, world[CITY].origin, HELD, 0, 1)
    world[OTHER].receipt(world.now, world[CITY].origin, REJECTED, 2)
    world[OTHER].receipt(world.now, world[CITY].origin, APPLIED, 3, 900)
    world.vouch(20 * DAY)
    world[PEER].receipt(world.now, world[CITY].origin, APPLIED, 1)
    world.vouch(20 * DAY)
    world[PEER].receipt(world.now, world[CITY].origin, APPLIED, 0)
    world.vouch()
    report = made(world, tmp_path)
    assert named(report, Name.RECOGNISED) == {(PEER, OCTOBER): 2}
    assert named(report, Name.HELD) == {}
    assert named(report, Name.REFUSED) == {(OTHER, SEPTEMBER): 1}
    in_september = made(world, tmp_path, last=SEPTEMBER)
    assert named(in_september, Name.HELD) == {(PEER, SEPTEMBER): 2}
    one = next(one for one in report.figures if one.name is Name.RECOGNISED)
    assert one.leaves == (Leaves(world[CITY].origin, ((0, 1),)),)
    assert one.by == (Leaves(world[PEER].origin, ((1, 2),)),)


def test_a_relief_counts_at_each_member_and_late_is_only_who_is_proved_so(tmp_path: Path) -> None:
    world = World()
    world.listed()
    world.repaired(world.statement, lifting=[PEER])
    world.vouch(DAY + 3600)
    world[FOURTH].receipt(world.now, world[CITY].origin, 3, 0)
    world[FOURTH].notes = {size: at for size, at in world[FOURTH].notes.items() if size < 2}
    for log in world.logs.values():
        if log.member != FOURTH:
            log.vouched(world.now)
    report = made(world, tmp_path)
    assert named(report, Name.IN_TIME) == {(PEER, SEPTEMBER): 1}
    assert named(report, Name.LATE) == {(OTHER, SEPTEMBER): 1}
    assert named(report, Name.NOT_KNOWN) == {(FOURTH, SEPTEMBER): 1}
    one = next(one for one in report.figures if one.name is Name.IN_TIME)
    assert one.leaves == (Leaves(world[CITY].origin, ((1, 1),)),)
    assert one.by == (Leaves(world[PEER].origin, ((2, 2),)),)
    assert named(made(world, tmp_path, OCTOBER), Name.LATE) == {}


def test_checks_are_what_witnesses_vouched_for(tmp_path: Path) -> None:
    world = World()
    world.listed()
    begins = OCTOBER.begins
    world.queries = {
        CITY: {10: begins - 40 * DAY, 15: begins - DAY, 22: begins, 60: begins + DAY},
        PEER: {7: begins},
    }
    world.now = begins + 2 * DAY
    world.vouch()
    report = made(world, tmp_path)
    assert named(report, Name.CHECKED) == {(CITY, SEPTEMBER): 5, (CITY, OCTOBER): 45}
    assert city(PEER) in report.unchecked
    assert city(CITY) not in report.unchecked
    one = next(one for one in report.figures if one.name is Name.CHECKED)
    assert one.leaves == (Leaves(Origin(build.query_log_signer(CITY).name), ((10, 14),)),)


def test_results_count_where_their_openings_were_handed_over(tmp_path: Path) -> None:
    world = World()
    example = EXAMPLES[Kind.OUTCOME]
    assert isinstance(example, Outcome)
    audience = replace(example.audience, charters=(world.chain.id,))
    applied = replace(
        example,
        audience=audience,
        result=OutcomeResult.APPLIED,
        measure="C01",
        measure_basis="x",
        reason="",
    )
    world[CITY].say(Kind.OUTCOME, world.now, payload=applied, handed=True)
    world[CITY].say(Kind.OUTCOME, world.now, payload=applied)
    world.vouch()
    report = made(world, tmp_path)
    assert named(report, Name.OUTCOMES) == {(CITY, SEPTEMBER): 2}
    assert named(report, Name.PUNISHED) == {(CITY, SEPTEMBER): 1}
    assert named(report, Name.BENEFITS) == {}


def test_a_claim_that_no_calendar_has_is_of_its_end() -> None:
    assert month_of(Timestamp(2**64 - 1)).year == 9000
    assert month_of(Timestamp(OCTOBER.begins - 1)) == SEPTEMBER
    assert (month_of(OCTOBER.begins), Month(2026, 12).after) == (OCTOBER, Month(2027, 1))


def test_a_tile_across_two_months_is_counted_leaf_by_leaf() -> None:
    said = MonthsSaid()
    begins = OCTOBER.begins
    times = (begins - 1, begins, begins - 1)
    noted = Noted(first=0, kinds=b"\1\1\1", issued=times, others=(), payloads=())
    said.add(noted)
    said.add(replace(noted, first=5, issued=(begins, begins, begins)))
    assert said.said == {
        (1, SEPTEMBER): ((0, 0), (2, 2)),
        (1, OCTOBER): ((1, 1), (5, 7)),
    }
    assert said.kinds == b"\1\1\1\0\0\1\1\1"


# ---------------------------------------------------------------- in public


def figures(numbers: Mapping[tuple[str, Month], int]) -> AllianceReport:
    """A report of one figure."""
    return AllianceReport(
        months=(SEPTEMBER, OCTOBER),
        cities=tuple(map(city, (CITY, PEER, OTHER))),
        figures=tuple(
            Figure(
                name=Name.LISTED,
                city=city(member),
                month=month,
                leaves=(Leaves(build.origin_of(member), ((0, number - 1),)),),
            )
            for (member, month), number in numbers.items()
        ),
        as_of=Timestamp(0),
        not_counted=(),
        unchecked=(),
    )


@pytest.mark.parametrize(
    ("cities", "total", "told"),
    [
        ((10, 20, 0), 30, (10, 20, 0)),
        ((3, 20, 30), 53, (None, None, 30)),
        ((3, 2, 30), 35, (None, None, 30)),
        ((1, 1, 30), 32, (None, None, None)),
        ((3, 0, 0), None, (None, 0, 0)),
        ((4, 5, 0), 9, (None, None, 0)),
        ((1, 2, 0), None, (None, None, 0)),
        ((0, 0, 0), 0, (0, 0, 0)),
    ],
)
def test_small_numbers_cannot_be_computed(
    cities: tuple[int, ...], total: int | None, told: tuple[int | None, ...]
) -> None:
    numbers = {
        (member, OCTOBER): number
        for member, number in zip((CITY, PEER, OTHER), cities, strict=True)
        if number
    }
    shown = public_figures(figures(numbers))[0]
    assert shown.total == total
    assert tuple(shown.cities.values()) == told
    withheld = total is None and any(cities)
    assert shown.months == {SEPTEMBER: 0, OCTOBER: None if withheld else sum(cities)}


def test_a_sum_is_withheld_where_one_of_its_tables_cannot_hide_a_part() -> None:
    shown = public_figures(figures({(CITY, SEPTEMBER): 2, (CITY, OCTOBER): 2}))[0]
    assert (shown.total, set(shown.months.values())) == (None, {None})
    more = public_figures(figures({(CITY, SEPTEMBER): 2, (CITY, OCTOBER): 9}))[0]
    assert (more.total, set(more.months.values())) == (11, {None})


def test_in_public_no_leaf_is_named_and_no_month_of_one_city(tmp_path: Path) -> None:
    world = World()
    world.listed()
    audited = world.audit(world.write(tmp_path), by_month=True)
    assert audited.trust is not None
    report = report_of(audited, audited.trust, SEPTEMBER, OCTOBER)
    options = {"period": "2026-Q4", "deadlines": ["x"]}
    told = document(report, audited, public=True, **options)  # type: ignore[arg-type]
    assert str(world[CITY].origin) not in str(told["figures"])
    listed = next(one for one in told["figures"] if one["name"] == "listed")
    assert listed["total"] is None
    assert all({"region", "city", "number"} == set(one) for one in listed["cities"])
    whole = document(report, audited, public=False, **options)  # type: ignore[arg-type]
    assert whole["totals"]["listed"] == 1
    assert whole["figures"][0]["leaves"] == [{"origin": world[CITY].origin, "ranges": [[0, 0]]}]
