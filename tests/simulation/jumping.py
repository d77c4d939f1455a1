"""Worlds whose clocks jump: `python -m tests.simulation.jumping SEED [--seeds COUNT]`.

Five nodes list, relieve, sign, hear each other, erase, end tags and keys, die and start, while
clocks are set by days and years, at one node and at all, ahead and back, while they run and while
they are down. A right clock, which no node has, says what may be destroyed: what a node with it
would, and where all clocks may be wrong alike, at most what `STEP_SECONDS` in each window of
running add (SPEC §3.6). At last all clocks are right again, and all must be as if they had been.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from federation.errors import FederationError
from federation.ids import Date, Timestamp
from federation.life.life import OPENING_MISSING
from federation.payloads import Listing
from federation.rows import LISTED_KINDS, RELIEF_KINDS, OpeningStatus, State, StatementRow
from federation.statements import Kind
from federation.trusted_time import STEP_SECONDS, WINDOW_SECONDS
from node.clocks.trusted_clock import SAVE_SECONDS
from node.relief.erasure import Erasures
from node.relief.suppression_keys import SuppressionKeys
from node.system.clock import date_of
from tests.simulation.parts import WorldNode
from tests.simulation.running import MEMORY
from tests.support import charters as build
from tests.support.clock import START, FakeClock
from tests.support.simulation import Federation, SimNode, listing, relief_payload

MEMBERS: Final = ("510300", "510500", "511000", "511500", "511900")
DAY: Final = 86_400
OFFSETS: Final = tuple(days * DAY for days in (-2000, -300, -1, 0, 0, 0, 1, 300, 1100, 2000))
LASTS: Final = (-30, 2, 20, 100, 400, 1800)
"""Last day of publication of a listing, in days from now."""
LISTINGS: Final = 12
LONGEST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A listing that was said."""

    member: str
    id: bytes
    content: Listing


class Node(WorldNode):
    """One node; it signs as if members had answered."""

    asks = False


class Jumping(Federation):
    """Five nodes with clocks of their own, all connected."""

    def __init__(self, seed: int, directory: Path) -> None:
        self.chance = Random(seed)
        self.clock = FakeClock()
        chain = build.make_chain([build.make_member(member) for member in MEMBERS])
        self.world: dict[str, Node] = {
            member: Node(member, chain, self.clock, directory / member) for member in MEMBERS
        }
        self.nodes: dict[str, SimNode] = dict(self.world)
        self.wires = []
        self.listed: list[Listed] = []
        self.relieved: set[bytes] = set()
        self.reliefs: dict[bytes, Listing] = {}
        self.restarts = 0
        self.all_wrong = self.chance.random() < 0.5
        self.wrong = self.chance.sample(MEMBERS, 2)
        """Whose clocks are ever wrong, where not all may be."""
        for number, one in enumerate(MEMBERS):
            for other in MEMBERS[number + 1 :]:
                self.connect(one, other)

    # ---- the run

    def run(self) -> None:
        """Let chance work, set all clocks right, and look at what is left."""
        self.tick()
        steps: dict[Callable[[], None], int] = {
            self.list_: 3,
            self.relieve: 2,
            self.jump: 4,
            self.jump_down: 2,
            self.restart: 1,
            self.pass_time: 4,
            self.tick: 5,
            self.destroy: 6,
        }
        for _ in range(self.chance.randint(20, LONGEST)):
            (step,) = self.chance.choices(list(steps), list(steps.values()))
            step()
            for node in self.world.values():
                self.check(node)
        self.mend()

    def close(self) -> None:
        for node in self.world.values():
            node.release()

    # ---- what happens

    def some(self) -> Node:
        return self.world[self.chance.choice(MEMBERS)]

    def list_(self) -> None:
        """A record is listed, which ends before, soon or late."""
        if len(self.listed) < LISTINGS:
            node, number = self.some(), len(self.listed) + 1
            last = date_of(Timestamp(self.clock.seconds + self.chance.choice(LASTS) * DAY))
            content = listing(number, audience=node.audience(), until=last)
            self.listed.append(Listed(member=node.member, id=node.list_(content), content=content))

    def relieve(self) -> None:
        """A listing is relieved by its own node, whatever time that thinks it is."""
        if self.listed:
            one = self.chance.choice(self.listed)
            node = self.world[one.member]
            payload = relief_payload(one.content, node.audience())
            kind = self.chance.choice(RELIEF_KINDS)
            (placed,) = node.say(node.draft(kind, payload, about=one.id))
            self.reliefs[placed.statement_id] = one.content
            self.relieved.add(one.id)

    def jump(self) -> None:
        """The clock of one node is set, or those of all alike."""
        offset = self.chance.choice(OFFSETS)
        if self.all_wrong and self.chance.random() < 0.3:
            wrong = list(MEMBERS)
        else:
            wrong = [self.chance.choice(MEMBERS if self.all_wrong else self.wrong)]
        for member in wrong:
            self.world[member].local.offset = offset

    def jump_down(self) -> None:
        """A clock is another at the start than at the end."""
        self.jump()
        self.restart()

    def restart(self) -> None:
        node = self.some()
        node.restart()
        self.restarts += 1
        self.reconnect(node.member)

    def pass_time(self) -> None:
        self.clock.advance(self.chance.choice((1, 60, 3600, DAY, 3 * DAY, 20 * DAY)))
        for node in self.world.values():
            node.trusted.tick()

    def tick(self) -> None:
        """All sign their heads and hear each other."""
        for node in self.world.values():
            try:
                node.publisher.renew_head()
                node.exchange.published()
            except FederationError:
                continue  # a clock before the last head
        self.settle()
        for node in self.world.values():
            node.trusted.tick()

    def destroy(self) -> None:
        """A node runs all that destroys, as the schedule does."""
        node = self.some()
        self.settle()
        with node.store.write() as session:
            for head in session.heads():
                session.set_head(replace(head, delivered_to=head.size))
        erasures = Erasures(
            own=node.origin,
            registry=node.registry,
            now=node.clock.now,
            today=node.trusted.today,
            failpoints=node.failpoints,
        )
        for _ in range(10):
            with node.store.read() as session:
                if not erasures.due(session):
                    break
            node.run(erasures.unit())
        SuppressionKeys(
            store=node.store, keyring=node.keyring, ledger=node.ledger, today=node.trusted.today
        ).run()

    # ---- what must hold

    @property
    def latest(self) -> Date:
        """The day that no node may take for over by its trusted time."""
        windows = 1 + self.clock.running // WINDOW_SECONDS
        slack = windows * STEP_SECONDS if self.all_wrong else 0
        return date_of(Timestamp(self.clock.seconds + slack))

    def check(self, node: Node) -> None:
        """Nothing was destroyed that a right clock would have kept, nothing punishes too long."""
        over = self.latest
        lost = self.restarts * 2 * SAVE_SECONDS
        right = self.clock.seconds - lost
        assert node.trusted.latest.now() >= right, "a clock set back revives what is over"
        contents = {one.id: one.content for one in self.listed} | self.reliefs
        for row in rows(node):
            erased = row.statement_id if row.opening == OpeningStatus.ERASED else None
            said = row.about if row.kind == Kind.ERASURE else None
            for one in (erased, said):
                if one is not None and one not in self.relieved:
                    assert contents[one].publish_until < over, (node.member, row)
        self.check_tags(node, over)

    @staticmethod
    def check_tags(node: Node, over: Date) -> None:
        """Tags that are not over stand, and the key of their year with them."""
        with node.store.read() as session:
            made = [
                entry
                for _, entry in session.journal(0, 10_000)
                if entry.kind == "suppression" and entry.tag is not None
            ]
            standing = session.suppressed([entry.tag for entry in made if entry.tag is not None])
        years = node.keyring.suppression_years
        assert max(years) <= max(over, date_of(Timestamp(START))) // 10_000
        for entry in made:
            if not entry.until or entry.until >= over:
                assert entry.tag in standing, (node.member, entry)
                assert json.loads(entry.body)["year"] in years, (node.member, entry)

    def mend(self) -> None:
        """All clocks are right: what stood stands everywhere, what was relieved nowhere."""
        for node in self.world.values():
            node.local.offset = 0
            node.restart()
        self.restarts += len(MEMBERS)
        for member in MEMBERS:
            self.reconnect(member)
        for _ in range(3):
            self.clock.advance(61)
            self.tick()
        over = self.latest
        for node in self.world.values():
            self.check(node)
            held = {row.statement_id: row for row in rows(node) if row.kind in LISTED_KINDS}
            assert held.keys() == {one.id for one in self.listed}, node.member
            for one in self.listed:
                row = held[one.id]
                if one.id in self.relieved:
                    assert row.state in (State.REPAIRED, State.WITHDRAWN), (node.member, row)
                elif one.content.publish_until >= over:
                    # Said while its charter seemed to be over, it was given to nobody.
                    given = row.opening != OpeningStatus.NOT_FOR_US or node.member == one.member
                    assert not given or row.opening == OpeningStatus.PRESENT, (node.member, row)
                    rule = "" if given else OPENING_MISSING
                    assert (row.state, row.rule) == (State.ACTIVE, rule), (node.member, row)


def rows(node: SimNode) -> list[StatementRow]:
    """All that a node holds."""
    with node.store.read() as session:
        return [
            row for head in session.heads() for row in session.rows_between(head.log, 0, head.size)
        ]


def trouble_of(seed: int) -> str:
    """What breaks in the world of a seed; empty where all holds."""
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="huxin-jumping-", dir=memory) as name:
        world = Jumping(seed, Path(name))
        try:
            world.run()
        except Exception as error:  # noqa: BLE001 - whatever breaks is what the seed found
            return "".join(traceback.format_exception(error))
        finally:
            world.close()
    return ""


def main() -> None:
    """Run the seeds of the command line."""
    parser = argparse.ArgumentParser(description="Worlds whose clocks jump.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    failed: list[int] = []
    for seed in range(given.seed, given.seed + given.seeds):
        if trouble := trouble_of(seed):
            failed.append(seed)
            sys.stdout.write(f"python -m tests.simulation.jumping {seed}\n{trouble}\n")
    sys.stdout.write(json.dumps({"seeds": given.seeds, "failed_seeds": failed}))


if __name__ == "__main__":
    main()
