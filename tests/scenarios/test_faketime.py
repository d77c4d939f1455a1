"""Real processes whose clocks jump by years, at one node and at all: nothing is destroyed for it.

Three nodes under libfaketime (`tests.support.faketime`): clocks are set while they run and at a
start, ahead and back. `make soak NAME=faketime`; a seed gives the order and who is wrong.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from federation.ids import Date
from federation.rows import LISTED_KINDS, OpeningStatus, StatementRow
from federation.statements import Kind
from node.demo.forks import CHILD
from node.demo.members import DemoMember
from node.demo.processes import Processes
from node.system.clock import SystemClock
from tests.support.commands import run
from tests.support.faketime import MISSING, library, on_machine, set_clock
from tests.support.federation_dirs import WiredNode, found, listing_of
from tests.support.operating import publish, records, repair, status, wait_listed, wait_state
from tests.support.processes import DEADLINE_SECONDS, eventually

WEST = DemoMember(region="510300", name="自贡")
EAST = DemoMember(region="510500", name="泸州")
HUB = DemoMember(region="510000", name="四川", role="hub")
ALL = (WEST, EAST, HUB)
JUMPS: Final = (300, -300, 1100)
ROWS: Final = 8
"""Standing listings of each node; one more is repaired before any clock jumps."""
UNTIL: Final = (Date(20270630), Date(20281231), Date(20320101))
LINGER_SECONDS: Final = 35.0
"""So long each jump lasts: heads are signed and what has expired is looked for meanwhile."""


class Machines:
    """Three nodes, each with a clock of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.processes = Processes(directory, CHILD)
        for member in ALL:
            set_clock(self.file(member), 0)

    def file(self, member: DemoMember) -> Path:
        return self.directory / f"{member.region}.clock"

    def start(self, member: DemoMember) -> None:
        with on_machine(self.file(member)):
            self.processes.start(member)

    def restart(self, member: DemoMember) -> None:
        self.processes.stop(member)
        self.start(member)
        self.processes.wait_ready(member)

    def wrong(self, members: tuple[DemoMember, ...], days: int) -> None:
        for member in members:
            set_clock(self.file(member), days)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    if library() is None:
        pytest.skip(MISSING)
    found(tmp_path, ALL)
    for member in ALL:
        _list(tmp_path, member)
    made = Machines(tmp_path)
    try:
        for member in ALL:
            made.start(member)
        for member in ALL:
            made.processes.wait_ready(member)
        yield made
    finally:
        made.processes.stop_all()


@pytest.mark.soak
@pytest.mark.process
@pytest.mark.timeout(3600)
def test_clocks_that_jump(machines: Machines, pytestconfig: pytest.Config) -> None:
    chance = random.Random(int(pytestconfig.getoption("hypothesis_seed", None) or 0))
    directory = machines.directory
    listed = {one: wait_listed(directory, one, ROWS + 1, ALL) for one in ALL}
    lifted = []
    for one in ALL:
        repair(directory, one, listed[one][-1])
        wait_state(directory, listed[one][-1], "repaired", ALL)
        lifted.append(listed[one].pop())
    before = _kept(machines)
    jumps = [(members, days) for days in JUMPS for members in ((chance.choice(ALL),), ALL)]
    chance.shuffle(jumps)
    for members, days in jumps:
        machines.wrong(members, days)
        _shows(machines, members, days)
        if chance.random() < 0.5:
            machines.restart(chance.choice(members))
        whose = chance.choice(ALL)
        repair(directory, whose, listed[whose][-1])
        lifted.append(listed[whose].pop())
        time.sleep(LINGER_SECONDS)
        _nothing_new_punishes(directory, lifted)
        machines.wrong(ALL, 0)
        if chance.random() < 0.5:
            machines.restart(chance.choice(members))
        for statement_id in lifted:
            wait_state(directory, statement_id, "repaired", ALL)
        _stands(directory, listed)
    _recovers(machines)
    machines.processes.stop_all()
    _nothing_was_destroyed(directory, before, {i for ids in listed.values() for i in ids}, lifted)


def _shows(machines: Machines, members: tuple[DemoMember, ...], days: int) -> None:
    """The processes have the wrong clock indeed, and go on."""
    for member in members:
        shown = run("clock", "show", "--dir", machines.directory / member.region, "-o", "json")
        off = shown.json["machine"] - SystemClock().now() - days * 86_400
        assert abs(off) < DEADLINE_SECONDS, (member.region, days, off)


def _list(directory: Path, member: DemoMember) -> None:
    """Standing listings that end soon, later and late."""
    node = WiredNode(directory / member.region)
    first = 100 * ALL.index(member)
    for number in range(first, first + ROWS + 1):
        content = replace(listing_of(member.region, number), publish_until=UNTIL[number % 3])
        node.submit(
            node.registry.publish(f"{number:032x}", [(int(Kind.LISTING), 0, b"", content)], "")
        )
    node.close()


def _stands(directory: Path, listed: dict[DemoMember, list[str]]) -> None:
    """With the right time again, all that was not lifted stands everywhere."""

    def fallen() -> dict[str, set[str]]:
        standing = {i for ids in listed.values() for i in ids}
        return {
            member.region: gone
            for member in ALL
            if (gone := standing - _ids(directory, member, "--state", "active"))
        }

    eventually("what was not lifted stands", fallen)


def _nothing_new_punishes(directory: Path, lifted: list[str]) -> None:
    """At whatever time, what was repaired before is not active at its own node."""
    for member in ALL:
        assert not set(lifted[:-1]) & _ids(directory, member, "--state", "active")


def _ids(directory: Path, member: DemoMember, *options: str) -> set[str]:
    return {record["statement_id"] for record in records(directory, member, *options)}


def _recovers(machines: Machines) -> None:
    """Once two persons have said what time it is, the nodes are as before, and go on."""
    directory = machines.directory
    for member in ALL:
        machines.restart(member)
    for member in ALL:
        confirmed = run(
            "clock", "confirm", "--time", SystemClock().now(), "--by", "王某", "--by", "李某",
            "--reason", "对时", "--dir", directory / member.region,
        )  # fmt: skip
        assert confirmed.code == 0, confirmed.err
    publish(directory, WEST, range(900, 910))
    wait_listed(directory, WEST, ROWS + 11, ALL)
    eventually(
        "no node has a problem",
        lambda: {
            member.region: problems
            for member in ALL
            if (problems := status(directory, member)["problems"])
        },
    )


def _kept(machines: Machines) -> dict[str, Any]:
    """What must not be destroyed, by member: keys of the ring."""
    return {
        member.region: status(machines.directory, member)["key_ring"]["opening_key"]
        for member in ALL
    }


def _nothing_was_destroyed(
    directory: Path, before: dict[str, Any], standing: set[str], lifted: list[str]
) -> None:
    """At rest: keys, tags, openings, and what the logs say was erased."""
    for member in ALL:
        node = WiredNode(directory / member.region)
        try:
            assert node.parts.status()["key_ring"]["opening_key"] == before[member.region]
            rows = _rows(node)
            named = {row.statement_id.hex(): row for row in rows if row.kind in LISTED_KINDS}
            for one in standing:
                assert named[one].opening == OpeningStatus.PRESENT, (member.region, named[one])
            said = [row for row in rows if row.kind == Kind.ERASURE]
            assert {row.about.hex() for row in said if row.about} <= set(lifted)
            for one in lifted:
                assert named[one].rule.startswith(("relief.", "erasure.repaired"))
            assert _tags(node) == len(lifted)
        finally:
            node.close()


def _tags(node: WiredNode) -> int:
    """Suppression tags that stand, of those ever set; one a record."""
    with node.store.read() as session:
        made = [entry.tag for _, entry in session.journal(0, 10_000) if entry.kind == "suppression"]
        return len(session.suppressed([tag for tag in made if tag is not None]))


def _rows(node: WiredNode) -> list[StatementRow]:
    with node.store.read() as session:
        return [
            row for head in session.heads() for row in session.rows_between(head.log, 0, head.size)
        ]
