"""Worlds in which databases are brought back: `python -m tests.simulation.restoring SEED`.

Three cities and a hub list, copy, relieve, relist, mask, sign, hear each other or not, erase and
rotate keys. Backups are made at random points; some are brought back, as `huxin restore` does: the
database alone, beside the ring and the mark of today. Peers go on and remember. After each step:

- no two checkpoints of a log contradict each other, also such as nobody else has seen;
- what a node has once shown as relieved punishes nowhere there again, unless it was relisted;
- a node lists no record anew that its own log relieved;
- what was erased comes back to no node whose database was not set back.

At last all lines work again, logs are refilled, or the database that was laid aside is brought
back: then every node has each statement that any had, what was erased is erased again, and all
come to one state.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, Final

import structlog

from adapters.sql.store import SqlStore
from crypto.checkpoint import peek_checkpoint
from federation.charters.values import Role
from federation.errors import FederationError, RefusedError
from federation.ids import Date, Origin, StatementId, Timestamp
from federation.payloads import Listing, Relisting, RelistingGround
from federation.peers.frames import Frame, HeadFrame
from federation.peers.replication import DeliveredBatch
from federation.rows import LISTED_KINDS, RELIEF_KINDS, OpeningStatus, State, StatementRow
from federation.statements import AnnotationAction, Kind
from node.directory.restored import CLOCK_SECONDS, note_restored, restored_at
from node.log.recovery import Recovering
from node.records.doubts import Doubts
from node.relief.erasure import Erasures
from node.system.clock import date_of
from node.upkeep.rotation import Rotation
from tests.simulation.parts import WorldNode
from tests.simulation.running import MEMORY
from tests.support import charters as build
from tests.support.clock import FakeClock
from tests.support.simulation import STALE_AFTER, Federation, SimNode, listing, relief_payload

CITIES: Final = ("510300", "510500", "511500")
HUB: Final = "510000"
MEMBERS: Final = (*CITIES, HUB)
RECORDS: Final = 4
LONGEST: Final = 70
KEPT: Final = 3
"""Backups of a node that are kept."""
ROUNDS: Final = 3

ENDED: Final = (State.REPAIRED, State.WITHDRAWN)

Place = tuple[Origin, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A backup: the database as it was, and when that was."""

    data: bytes
    made_at: Timestamp


@dataclass(slots=True)
class Memory:
    """What is remembered of a node, whatever its database says now."""

    backups: list[Kept] = field(default_factory=list)
    aside: list[tuple[int, bytes]] = field(default_factory=list)
    """Databases that a restore replaced, with the leaves of our own log in them."""
    relieved: set[Place] = field(default_factory=set)
    erased: set[Place] = field(default_factory=set)
    stale: list[bytes] = field(default_factory=list)
    """Databases from before a replaced key: what they alone have of our own is lost."""
    restores: int = 0
    sizes: Counter[Origin] = field(default_factory=Counter)
    """Most leaves of each log that were ever held here."""


class Node(WorldNode):
    """A node that doubts as the program does after a restore, and can replace its opening key."""

    def start(self) -> None:
        super().start()
        self.doubts = Doubts(
            trust=self.trust,
            now=self.clock.now,
            stale_after=STALE_AFTER,
            restored=restored_at(self.directory / "state", self.clock.now()),
            behind=lambda: self.publisher.behind,
        )
        self.rotation = Rotation(
            store=self.store,
            keyring=self.keyring,
            lent_again=lambda: None,
            ledger=self.ledger,
            on_writer=lambda job: job(),
            now=self.clock.now,
            trusted=lambda: self.trusted.now() or Timestamp(0),
            days=0,
            behind=lambda: self.publisher.behind,
            failpoints=self.failpoints,
        )
        self.rotation.start()
        self.exchange.start()

    def bring_back(self, data: bytes) -> None:
        """Put another database in the place of this one's."""
        self.driver.deserialize(data)
        self.database = SqlStore(self.engine)


class Restoring(Federation):
    """Nodes whose lines break, and whose databases are set back."""

    def __init__(self, seed: int, directory: Path) -> None:
        self.chance = Random(seed)
        self.clock = FakeClock()
        made = [build.make_member(member) for member in CITIES]
        made.append(build.make_member(HUB, roles=(Role.HUB, Role.WITNESS)))
        chain = build.make_chain(made)
        self.world = {m: Node(m, chain, self.clock, directory / m) for m in MEMBERS}
        self.nodes: dict[str, SimNode] = dict(self.world)
        self.wires = []
        self.memory = {member: Memory() for member in MEMBERS}
        self.signed: dict[tuple[Origin, int], bytes] = {}
        self.notes: set[bytes] = set()
        self.listed: list[tuple[str, StatementId, int]] = []
        """Member, listing and record."""
        self.reliefs: list[tuple[str, StatementId, int]] = []
        self.relisted: set[int] = set()
        """Records of which some relief was revoked: these may punish again."""
        self.unread: set[Origin] = set()
        """Logs of nodes to which a database was brought back from before a replaced key."""
        self.counts: Counter[str] = Counter()
        self.pairs = [(HUB, city) for city in CITIES]
        self.pairs += [p for p in (CITIES[:2], CITIES[1:]) if self.chance.random() < 0.6]
        for pair in self.pairs:
            self.connect(*pair)
        self._exchange()

    # ---- the run

    def run(self) -> None:
        """Let chance work, then mend all, and look at what is left."""
        steps: dict[Callable[[], None], int] = {
            self.list_: 5,
            self.relieve: 4,
            self.relist: 1,
            self.mask: 1,
            self.some_frames: 8,
            self.tick: 4,
            self.pass_time: 3,
            self.cut_line: 2,
            self.mend_line: 2,
            self.destroy: 3,
            self.rotate: 1,
            self.restart: 1,
            self.back_up: 4,
            self.restore: 3,
            self.recover_one: 3,
        }
        for _ in range(self.chance.randint(20, LONGEST)):
            (step,) = self.chance.choices(list(steps), list(steps.values()))
            with suppress(FederationError):  # a node that signs nothing now
                step()
            for node in self.world.values():
                self.look(node)
        self.restore()
        self.mend()
        self.counts["statements"] += sum(self._most().values())

    def close(self) -> None:
        for node in self.world.values():
            node.release()

    # ---- what happens

    def list_(self) -> None:
        """A record is listed, or a copy of one that others know, perhaps relieved long ago."""
        node, record = self._city(), self.chance.randint(1, RECORDS)
        content = listing(record, audience=node.audience())
        before = self._own_reliefs(node, record)
        draft = (int(Kind.LISTING), 0, b"", content)
        submission = node.registry.publish(node.tokens(16).hex(), [draft], "")
        node.run(submission.unit)
        assert not before, f"{node.member} lists {record} anew, which it relieved"
        self.listed.append((node.member, submission.published[0].statement_id, record))

    def relieve(self) -> None:
        """A city relieves one of its listings."""
        if not self.listed:
            return
        member, named, record = self.chance.choice(self.listed)
        node = self.world[member]
        content = listing(record, audience=node.audience())
        kind = self.chance.choice(RELIEF_KINDS)
        payload = relief_payload(content, node.audience())
        (placed,) = node.say(node.draft(kind, payload, about=named))
        self.reliefs.append((member, placed.statement_id, record))

    def relist(self) -> None:
        """A relief is revoked."""
        if not self.reliefs:
            return
        member, named, record = self.chance.choice(self.reliefs)
        node = self.world[member]
        content: Listing = listing(record, audience=node.audience())
        payload = Relisting(
            audience=node.audience(),
            reliefs=(named,),
            document="川撤〔2026〕1号",
            decided_on=Date(20261121),
            ground=RelistingGround.FRAUD,
            approvals=2,
            payload=content,
        )
        self.relisted.add(record)
        node.say(node.draft(Kind.RELISTING, payload, about=named))

    def mask(self) -> None:
        """A listing is masked."""
        if self.listed:
            member, named, _ = self.chance.choice(self.listed)
            node = self.world[member]
            submission = node.registry.annotate(
                node.tokens(16).hex(),
                statement_id=named,
                action=AnnotationAction.MASKING_BEGUN,
                document="",
                decided_on=Date(20261121),
            )
            node.run(submission.unit)

    def some_frames(self) -> None:
        """Some of what is on the way arrives."""
        for _ in range(self.chance.randint(1, 12)):
            if not self.step(self.chance.randrange):
                return

    def tick(self) -> None:
        """Who can signs its head, and all that is on the way arrives."""
        self._renew()
        self._exchange()

    def pass_time(self) -> None:
        self.clock.advance(self.chance.choice((1, 61, 400, 4000, 40_000)))
        for node in self.world.values():
            node.trusted.tick()

    def cut_line(self) -> None:
        """A stream breaks; what was on the way is lost."""
        if self.wires:
            self.cut(self.chance.choice(self.wires))

    def mend_line(self) -> None:
        """A pair that has no stream opens one."""
        self._connect([self.chance.choice(self.pairs)])

    def destroy(self) -> None:
        """A node erases what has ended, its platform told."""
        self._destroy(self._some())

    def rotate(self) -> None:
        """A node replaces its opening key: what was erased can be read in no old copy.

        It destroys none while the database is known to be behind.
        """
        node = self._some()
        node.rotation.rotate(lambda _: None)
        memory = self.memory[node.member]
        memory.stale = [kept.data for kept in memory.backups] + [data for _, data in memory.aside]
        self.counts["rotations"] += 1

    def restart(self) -> None:
        node = self._some()
        node.restart()
        self.reconnect(node.member)

    def back_up(self) -> None:
        """A node's database is copied."""
        node = self._some()
        backups = self.memory[node.member].backups
        backups.append(Kept(data=node.stored(), made_at=self.clock.now()))
        del backups[:-KEPT]

    def restore(self) -> None:
        """A backup is brought back: the database alone."""
        kept = [member for member in MEMBERS if self.memory[member].backups]
        if kept:
            node = self.world[self.chance.choice(kept)]
            backup = self.chance.choice(self.memory[node.member].backups)
            self._bring_back(node, backup.data, backup.made_at)
            self.counts["restores"] += 1

    def recover_one(self) -> None:
        """A node that is behind is refilled from whoever is connected."""
        behind = [node for node in self.world.values() if node.publisher.refusal is not None]
        if behind:
            self._recover(self.chance.choice(behind))

    # ---- what must hold

    def look(self, node: Node) -> None:
        """Everything that must hold at a node after a step."""
        assert not any(node.exchange.blamed().values()), f"{node.member} blames an honest peer"
        assert not node.exchange.forked(), f"{node.member} sees a fork"
        memory = self.memory[node.member]
        with node.store.read() as session:
            heads = {head.log: head for head in session.heads()}
            for head in heads.values():
                memory.sizes[head.origin] = max(memory.sizes[head.origin], head.size)
                if head.note:
                    self._note(head.origin, head.note)
            for row in _rows(session):
                place = (heads[row.log].origin, row.idx)
                if row.kind in LISTED_KINDS:
                    self._relieved(node, session, heads[row.log], row)
                erased = row.opening == OpeningStatus.ERASED
                if not memory.restores and place in memory.erased:
                    assert erased, f"{node.member}: {place} came back"
                if erased:
                    memory.erased.add(place)
        self.counts["looks"] += 1

    def _relieved(self, node: Node, session: Any, head: Any, row: StatementRow) -> None:
        """What was shown as relieved here does not punish here."""
        memory, place = self.memory[node.member], (head.origin, row.idx)
        if row.state in ENDED:
            memory.relieved.add(place)
        elif place in memory.relieved and row.state == State.ACTIVE and not row.rule:
            records = {record for _, named, record in self.listed if named == row.statement_id}
            if not records & self.relisted:
                doubt = node.doubts.of_listing(session, head, row)
                assert doubt, f"{node.member}: {place}, relieved once, punishes"

    def _note(self, origin: Origin, note: bytes) -> None:
        """No two checkpoints of a log contradict each other."""
        if note not in self.notes:
            self.notes.add(note)
            shown = peek_checkpoint(note)
            root = self.signed.setdefault((origin, shown.size), shown.root)
            assert root == shown.root, f"{origin} signed two roots of size {shown.size}"

    # ---- mending

    def mend(self) -> None:
        """All lines work, all is refilled: nothing is lost, nothing has come back."""
        most = self._most()
        for _ in range(ROUNDS):
            self.clock.advance(CLOCK_SECONDS)
            self._connect(self.pairs)
            for node in self.world.values():
                if node.publisher.refusal is not None:
                    with suppress(RefusedError):
                        self._recover(node)
            self._renew()
            self._exchange()
        for node in self.world.values():
            if node.publisher.refusal is not None:
                self._newest_back(node)
        for _ in range(ROUNDS):
            self.clock.advance(CLOCK_SECONDS)
            self._renew()
            self._exchange()
            for node in self.world.values():
                self._destroy(node)
                self.look(node)
        self._exchange()
        assert not any(wire.errors for wire in self.wires)
        for node in self.world.values():
            where = node.member
            assert node.publisher.refusal is None, f"{where}: {node.publisher.refusal}"
            held = node.sizes()
            assert all(held[origin] >= size for origin, size in most.items()), (where, held, most)
            self._has_what_it_may(node)
        self._alike(certain=not self.unread)

    def _alike(self, *, certain: bool) -> None:
        """No listing punishes at one node that another shows as relieved.

        By which relief, a node that erased it early does not say as others do; where its content is
        lost, it punishes nowhere. Where the content of a relief was lost with its key, copies stand
        that who said it counts as ended.
        """
        punishing: set[Place] = set()
        ended: set[Place] = set()
        for node in self.world.values():
            with node.store.read() as session:
                origins = {head.log: head.origin for head in session.heads()}
                for row in _rows(session):
                    place = (origins[row.log], row.idx)
                    if row.kind in LISTED_KINDS and row.state == State.ACTIVE and not row.rule:
                        punishing.add(place)
                    elif row.kind in LISTED_KINDS and row.state in ENDED:
                        ended.add(place)
        assert not certain or not punishing & ended, punishing & ended

    def _has_what_it_may(self, node: Node) -> None:
        """What was erased has no content, and what was not has; no listing is doubted any more."""
        erased = {place for memory in self.memory.values() for place in memory.erased}
        absent: list[Place] = []
        with node.store.read() as session:
            for head in session.heads():
                assert not node.doubts.unheard(session, head), (node.member, head.origin)
                for row in session.rows_between(head.log, 0, head.size):
                    place = (head.origin, row.idx)
                    where = f"{node.member}: {place} {row.opening!r}"
                    gone = place in self.memory[node.member].erased
                    if gone and (row.state in ENDED or not self.relisted):
                        assert not session.openings(head.log, [row.idx]), where
                        assert row.opening != OpeningStatus.PRESENT, where
                    elif place not in erased and row.opening != OpeningStatus.PRESENT:
                        absent.append(place)
        assert all(map(self._nobody_reads, absent)), (node.member, absent)

    def _nobody_reads(self, place: Place) -> bool:
        """Whether the key of a statement was destroyed that only a database laid aside had."""
        if place[0] not in self.unread:
            return False
        for node in self.world.values():
            with node.store.read() as session:
                head = session.head(place[0])
                if head is not None and session.openings(head.log, [place[1]]):
                    return False
        return True

    def _newest_back(self, node: Node) -> None:
        """Nobody else has its last leaves: the database that was laid aside is brought back."""
        aside = self.memory[node.member].aside
        _, data = max(aside, key=lambda one: one[0])
        self._bring_back(node, data, self.clock.now())
        self.counts["laid aside, brought back"] += 1
        self._connect(self.pairs)

    # ---- parts

    def step(self, choose: Any = None) -> bool:
        """As the federation does; checkpoints on the way are looked at."""
        for wire in self.wires:
            for side in (0, 1):
                frames = wire.ends[side].exchange.plan(wire.sessions[side])
                for frame in frames:
                    self._sent(frame)
                wire.queues[1 - side].extend(frames)
        return super().step(choose)

    def _sent(self, frame: Frame) -> None:
        if isinstance(frame, HeadFrame | DeliveredBatch):
            self._note(frame.origin, frame.checkpoint)

    def _some(self) -> Node:
        return self.world[self.chance.choice(MEMBERS)]

    def _city(self) -> Node:
        return self.world[self.chance.choice(CITIES)]

    def _most(self) -> Counter[Origin]:
        """Most leaves of each log that anybody ever held."""
        most: Counter[Origin] = Counter()
        for memory in self.memory.values():
            most |= memory.sizes
        return most

    def _own_reliefs(self, node: Node, record: int) -> bool:
        """Whether a relief of a record stands in a node's own log for good."""
        of_it = [one for member, _, one in self.reliefs if member == node.member]
        return record in of_it and record not in self.relisted

    def _bring_back(self, node: Node, data: bytes, made_at: Timestamp) -> None:
        memory = self.memory[node.member]
        memory.aside.append((node.sizes().get(node.origin, 0), node.stored()))
        memory.restores += 1
        if data in memory.stale:
            self.unread.add(node.origin)
        note_restored(node.directory / "state", self.clock.now(), made_at)
        node.store.close()
        node.bring_back(data)
        node.start()
        self.reconnect(node.member)

    def _recover(self, node: Node) -> None:
        """What `huxin recover` does."""
        Recovering(
            recovery=node.recovery,
            on_writer=lambda job: job(),
            changed=self._exchange,
            peers=node.exchange.peers,
            members=lambda: frozenset(node.trust().peers),
        ).recover(0, lambda _: None)
        self.counts["recoveries"] += 1

    def _renew(self) -> None:
        for node in self.world.values():
            with suppress(FederationError):
                node.publisher.renew_head()
                node.exchange.published()

    def _connect(self, pairs: list[tuple[str, str]]) -> None:
        there = [{wire.ends[0].member, wire.ends[1].member} for wire in self.wires]
        for one, other in pairs:
            if {one, other} not in there:
                self.connect(one, other)

    def _exchange(self) -> None:
        """All that is on the way arrives, and what is missing is asked for."""
        for wire in self.wires:
            self.subscribe(wire)
        self.settle()
        for wire in list(self.wires):
            for side in (0, 1):
                node, other = wire.ends[side], wire.ends[1 - side]
                for origin, places in node.exchange.missing_openings(64).items():
                    with suppress(RefusedError):
                        given = other.exchange.openings_for(node.member, origin, places)
                        found = list(zip(places, given, strict=True))
                        node.exchange.take_openings(origin, found, other.member)
        self.settle()

    def _destroy(self, node: Node) -> None:
        with node.store.write() as session:
            for head in session.heads():
                session.set_head(replace(head, delivered_to=head.size))
        erasures = Erasures(
            own=node.origin,
            registry=node.registry,
            now=node.clock.now,
            today=lambda: date_of(node.clock.now()),
            failpoints=node.failpoints,
        )
        for _ in range(10):
            with node.store.read() as session:
                if not erasures.due(session):
                    return
            with suppress(RefusedError):
                node.run(erasures.unit())


def _rows(session: Any) -> list[StatementRow]:
    return [row for head in session.heads() for row in session.rows_between(head.log, 0, head.size)]


def outcome_of(seed: int) -> tuple[str, Counter[str]]:
    """What breaks in the world of a seed, empty where all holds; and what was counted."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="huxin-restoring-", dir=memory) as name:
        world = Restoring(seed, Path(name))
        try:
            world.run()
        except Exception as error:  # noqa: BLE001 - whatever breaks is what the seed found
            return "".join(traceback.format_exception(error)), world.counts
        finally:
            world.close()
    return "", world.counts


def main() -> None:
    """Run the seeds of the command line."""
    parser = argparse.ArgumentParser(description="Worlds in which databases are brought back.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    failed: list[int] = []
    counts: Counter[str] = Counter()
    for seed in range(given.seed, given.seed + given.seeds):
        trouble, counted = outcome_of(seed)
        counts += counted
        if trouble:
            failed.append(seed)
            sys.stdout.write(f"python -m tests.simulation.restoring {seed}\n{trouble}\n")
    sys.stdout.write(json.dumps({"seeds": given.seeds, "failed_seeds": failed, **counts}))


if __name__ == "__main__":
    main()
