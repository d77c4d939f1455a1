"""The same logs, openings, journal, catalogs and base library, brought to a node in two ways.

`Script` is made from a seed: what three logs say about a few records, of which one is the node's
own. `Twin` brings it to a node: in order, or in batches of any size, with openings that come late,
batches twice, what persons decided as early as it can be said, restarts and rebuilds between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final

from crypto.merkle import leaf_hash
from federation.charters.verification import Role
from federation.errors import RefusedError
from federation.ids import Date, LeafHash, Origin, StatementId
from federation.payloads import (
    Annotation,
    Correction,
    Listing,
    Relisting,
    RelistingGround,
    TermQuality,
)
from federation.peers.openings import PENDING
from federation.ports.journal import Decision
from federation.reconcile.identity import BaseSubject
from federation.statements import AnnotationAction, Kind
from node.reconcile.catalog_book import CatalogBook
from node.status.digests import local_state
from node.upkeep.rebuild import rebuild
from tests.support import charters as build
from tests.support.catalogs import PERSONS, FixedLibrary, edition_text
from tests.support.clock import FakeClock
from tests.support.desks import desk_of
from tests.support.invented import code_of, name_of
from tests.support.liar import HostileLog, Stream
from tests.support.simulation import SimNode, listing, relief_payload

CITY, NODE, HUB = "510300", "510500", "510000"
RECORDS: Final = 4
STATEMENTS: Final = 24
TODAY: Final = Date(20261121)
ROUNDS_MAX: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """A statement of the node's own log."""

    kind: int
    payload: object
    statement_id: StatementId
    about: StatementId | None = None


@dataclass(slots=True)
class Script:
    """What is said, and what the node's people do, each in its order."""

    logs: tuple[HostileLog, ...]
    own: Sequence[Own]
    withheld: frozenset[tuple[Origin, int]]
    """Openings that never come."""
    editions: Sequence[str]
    libraries: Sequence[FixedLibrary]
    decisions: list[tuple[Origin, Decision]] = field(default_factory=list)
    """What persons said at the first node, in its order."""


def make_script(seed: int, node: SimNode) -> Script:
    """Invent what is said to a node."""
    random = Random(seed)
    logs = (HostileLog(CITY), HostileLog(HUB))
    for _ in range(STATEMENTS):
        _say(random, random.choice(logs), node)
    own = _own(random, node)
    leaves = [(log.origin, index) for log in logs for index in range(log.size)]
    withheld = frozenset(place for place in leaves if random.random() < 0.05)
    editions = [
        edition_text("first", series="one", longest_months=random.choice((24, 36, 60))),
        edition_text("second", series="one", valid_from="2016-01-01"),
    ]
    random.shuffle(editions)
    subjects = [BaseSubject(code_of(n), name_of(n)) for n in range(1, RECORDS + 1)]
    libraries = [FixedLibrary(*subjects[1:]), FixedLibrary(*subjects)]
    random.shuffle(libraries)
    return Script(logs=logs, own=own, withheld=withheld, editions=editions, libraries=libraries)


def _content(random: Random, node: SimNode) -> Listing:
    """A listing of one of the records, now and then with another name or end."""
    number = random.randint(1, RECORDS)
    made = listing(number, audience=node.audience())
    if random.random() < 0.25:
        made = replace(made, publish_until=Date(20271231))
    if random.random() < 0.25:
        made = replace(made, subject=replace(made.subject, name="别名（演示）"))
    if random.random() < 0.2:
        made = replace(made, basis="")
    if random.random() < 0.2:
        made = replace(made, prior_notice_on=Date(0))
    if random.random() < 0.1:
        made = replace(made, publish_until=Date(0), term=TermQuality.UNKNOWN)
    return made


def _say(random: Random, log: HostileLog, node: SimNode) -> None:
    """One statement more: a listing, or something about an earlier one of the log."""
    said = [
        (log.statement_id(index), index)
        for index in range(log.size)
        if log.leaves[index][1] == Kind.LISTING
    ]
    act = random.random()
    content = _content(random, node)
    if act < 0.55 or not said:
        log.list_(content)
        return
    about, index = random.choice(said)
    payload = node.payloads.decode(Kind.LISTING, log.openings[index].payload)
    assert isinstance(payload, Listing)
    if act < 0.75:
        right = replace(content, subject=replace(content.subject, code=payload.subject.code))
        corrected = Correction(
            audience=node.audience(),
            replaces=LeafHash(leaf_hash(log.leaves[index])),
            payload=replace(right, document=payload.document),
        )
        log.say(Kind.CORRECTION, corrected, about=about)
    elif act < 0.85:
        log.say(
            Kind.ANNOTATION,
            Annotation(
                audience=node.audience(),
                record=payload.key,
                authority=build.COURT,
                document="（2026）川05破1号",
                decided_on=Date(20261001),
            ),
            action=AnnotationAction.MASKING_BEGUN,
            about=about,
        )
    else:
        relief = log.relieve(payload, about, random.choice((Kind.REPAIR, Kind.WITHDRAWAL)))
        if random.random() < 0.7:
            log.say(
                Kind.RELISTING,
                Relisting(
                    audience=node.audience(),
                    reliefs=(relief,),
                    document="川撤〔2026〕1号",
                    decided_on=TODAY,
                    ground=RelistingGround.FRAUD,
                    approvals=2,
                    payload=payload,
                ),
                about=relief,
            )


def _own(random: Random, node: SimNode) -> list[Own]:
    """The node's own log: a listing or two, and perhaps their relief."""
    made: list[Own] = []
    for number in range(random.randint(0, 2)):
        content = _content(random, node)
        named = StatementId(build.seed("own", number)[:16])
        made.append(Own(kind=Kind.LISTING, payload=content, statement_id=named))
        if random.random() < 0.3:
            relief = StatementId(build.seed("own relief", number)[:16])
            made.append(
                Own(
                    kind=Kind.REPAIR,
                    payload=relief_payload(content, content.audience),
                    statement_id=relief,
                    about=named,
                )
            )
    return made


def new_node(directory: Path, url: str) -> SimNode:
    """A node that holds nothing, and has no catalog and no base library."""
    members = [
        *(build.make_member(member) for member in (CITY, NODE)),
        build.make_member(HUB, roles=(Role.HUB, Role.WITNESS)),
    ]
    node = SimNode(NODE, [build.make_chain(members)], FakeClock(), directory, url)
    node.library = FixedLibrary()
    node.restart()
    return node


class Twin:
    """A node to which a script is brought."""

    def __init__(self, node: SimNode, script: Script) -> None:
        self.node = node
        self.script = script
        self._furnish()
        self.streams = {log.origin: Stream(self.node, log.member) for log in script.logs}
        self.received = dict.fromkeys(self.streams, 0)
        self.late: list[tuple[Origin, int]] = []
        self.said = self.adopted = self.libraries = self.decided = 0

    # ---- steps

    def in_order(self) -> None:
        """Everything at once, log after log; then what people do; judged after each."""
        for log in self.script.logs:
            self.receive(log, log.size)
        for _ in self.script.own:
            self.say()
        for _ in self.script.editions:
            self.adopt()
        for _ in self.script.libraries:
            self.take_library()
        self.node.reconcile()

    def at_random(self, random: Random) -> None:
        """Everything in any order that can be, with whatever comes between."""
        steps: Sequence[Callable[[], object]] = (
            lambda: self._receive_some(random),
            lambda: self._receive_some(random),
            lambda: self._open_late(random),
            self.say,
            self.adopt,
            self.take_library,
            self.decide,
            self.node.reconcile,
            self.restart,
            self.rebuild,
        )
        for _ in range(ROUNDS_MAX):
            if self.finished():
                break
            random.choice(steps)()
        self.node.reconcile()

    def finished(self) -> bool:
        """Whether the whole script was brought."""
        script = self.script
        return (
            all(self.received[log.origin] == log.size for log in script.logs)
            and not self.late
            and self.said == len(script.own)
            and self.adopted == len(script.editions)
            and self.libraries == len(script.libraries)
            and self.decided == len(script.decisions)
        )

    def receive(self, log: HostileLog, end: int, *, late: Sequence[int] = ()) -> None:
        """A batch up to `end`; openings of `late` come later, withheld ones never."""
        start = self.received[log.origin]
        batch = log.batch(start, end, end)
        never = {index for origin, index in self.script.withheld if origin == log.origin}
        openings = tuple(
            PENDING if index in never or index in late else opening
            for index, opening in enumerate(batch.openings, start)
        )
        assert self.streams[log.origin].send(replace(batch, openings=openings)) == ""
        self.late += [(log.origin, index) for index in late if index not in never]
        self.received[log.origin] = end

    def say(self) -> None:
        """The next statement of our own."""
        if self.said < len(self.script.own):
            own = self.script.own[self.said]
            self.said += 1
            self.node.say(
                self.node.draft(
                    own.kind,
                    own.payload,  # type: ignore[arg-type]
                    statement_id=own.statement_id,
                    about=own.about,
                )
            )

    def adopt(self) -> None:
        """The next edition of the catalog."""
        if self.adopted < len(self.script.editions):
            self._book().adopt(self.script.editions[self.adopted], PERSONS)
            self.adopted += 1
            self._furnish()

    def take_library(self) -> None:
        """The next base library."""
        if self.libraries < len(self.script.libraries):
            self.node.library = self.script.libraries[self.libraries]
            self.libraries += 1
            self.restart()
            self._book().judge_by(str(self.libraries))

    def decide(self) -> None:
        """What a person said next, once the listing is held here."""
        if self.decided == len(self.script.decisions):
            return
        origin, decision = self.script.decisions[self.decided]
        if decision.index >= self.received[origin]:
            return
        self.decided += 1
        with self.node.store.write() as session:
            head = session.head(origin)
            assert head is not None
            session.put_decision(replace(decision, log=head.log))
            session.put_due([(head.log, decision.index)])

    def restart(self) -> None:
        """The process ends and starts again; streams are dialled anew."""
        self.node.restart()
        self._furnish()
        self.streams = {log.origin: Stream(self.node, log.member) for log in self.script.logs}

    def rebuild(self) -> None:
        """All is derived again, and is what it was."""
        found = rebuild(
            self.node.store, self.node.ledger, self.node.reconciliation, check_only=False
        )
        assert found == (True, [])

    def close(self) -> None:
        """Close the store of the moment; a restart opens another one."""
        self.node.store.close()

    def state(self) -> str:
        """`local_state` as of a fixed day."""
        with self.node.store.read() as session:
            return local_state(session, TODAY)

    # ---- parts

    def _receive_some(self, random: Random) -> None:
        log = random.choice(self.script.logs)
        start = self.received[log.origin]
        if start and random.random() < 0.2:
            again = random.randrange(start)
            self.streams[log.origin].send(log.batch(again, start, start))
        if start < log.size:
            end = random.randint(start + 1, log.size)
            late = [index for index in range(start, end) if random.random() < 0.3]
            self.receive(log, end, late=late)

    def _open_late(self, random: Random) -> None:
        if self.late:
            origin, index = self.late.pop(random.randrange(len(self.late)))
            (log,) = [log for log in self.script.logs if log.origin == origin]
            assert self.streams[origin].send(log.late(index)) == ""

    def _book(self) -> CatalogBook:
        return CatalogBook(store=self.node.store, now=self.node.clock.now)

    def _furnish(self) -> None:
        self.node.catalog = self._book().catalog()


def decide_at_random(twin: Twin, random: Random, count: int) -> None:
    """Let persons decide about open cases of a node, and note what they said in the script."""
    desk = desk_of(twin.node)
    for _ in range(count):
        ids = [
            (log.origin, log.statement_id(index))
            for log in twin.script.logs
            for index in range(log.size)
            if log.leaves[index][1] == Kind.LISTING
        ]
        origin, statement_id = random.choice(ids)
        verdict = random.choice(("use", "use", "use", "reject", "reopen"))
        try:
            desk.decide(statement_id, verdict, random.choice(PERSONS), "已核对")
        except RefusedError:
            continue
        with twin.node.store.read() as session:
            row = next(r for r in session.rows_by_id(None, [statement_id]))
            (said,) = session.decisions([(row.log, row.idx)]).values()
        twin.script.decisions.append((origin, said[-1]))
        twin.decided += 1
        if random.random() < 0.5:
            twin.node.reconcile()
