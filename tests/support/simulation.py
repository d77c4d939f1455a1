"""Whole federations in one process: real nodes' parts, fake clock, fake network.

Each `SimNode` has its own store, key ring, high-water mark, ledger, publisher and exchange, wired
like the program; the network moves frames between sessions one at a time, in an order that the
test may choose, and can lose, repeat or cut.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from adapters.state.highwater import FileHighWater
from adapters.state.keyring import KeyRing
from adapters.state.trusted_time import TrustedTimeFile
from crypto.keys import VerifierKey
from crypto.merkle import frontier_at
from federation.charters.chain import CharterChain
from federation.charters.trust import Trust
from federation.errors import ReplicationError
from federation.ids import Date, LeafHash, MemberId, Origin, StatementId, Timestamp
from federation.own_log import Draft
from federation.payloads import (
    Audience,
    Listing,
    Payload,
    Relief,
    Source,
    Subject,
    SubjectKind,
    TermQuality,
    Tier,
)
from federation.peers.frames import Frame
from federation.ports.highwater import HighWater
from federation.ports.store import Store
from federation.rows import State
from federation.statements import Kind
from node.attestation.answers import AttestationAnswers
from node.attestation.attesting import Attesting
from node.charters.book import Offered
from node.charters.view import TrustView
from node.clocks.trusted_clock import TrustedClock
from node.codec import ProtobufPayloads
from node.log.cosigning import Cosigning
from node.log.ledger import Ledger
from node.log.meanwhile import Meanwhile
from node.log.publisher import Publisher
from node.log.recovery import Recovery
from node.log.refill import Refilling
from node.log.startup_check import StartupCheck
from node.log.tiles import tile_nodes
from node.log.units import Placed, Unit
from node.log.writer import WriteThread
from node.peers.exchange import Exchange
from node.peers.serving import Serving
from node.peers.session import Session
from node.persons.roster import Persons
from node.publishing.own_statements import OwnStatements
from node.publishing.plausibility import Plausibility
from node.publishing.registry import Registry
from node.publishing.scenarios import ScenarioChecks
from node.recognition.scenarios import ScenarioBook
from node.reconcile.job import ReconcileJob
from node.reconcile.judging import Reconciliation
from node.records.attestations import KeptAttestations
from node.records.doubts import Doubts
from node.records.judged_pages import JudgedPages
from node.records.local_subjects import LocalSubjects
from node.system.disk import Reserve
from node.system.failpoints import Failpoints
from tests.support import charters as build
from tests.support.catalogs import catalog_of
from tests.support.clock import FakeClock, Tokens
from tests.support.fresh import open_fresh
from tests.support.invented import InlineWriter, code_of, invented_library, name_of

STALE_AFTER = 86_400


class SimNode:
    """One node of a simulated federation."""

    tight = False
    """Whether its disk has no room for what can wait of the logs of others."""
    asks = False
    """Whether it waits for an answer of members after a start, as the program does; where it does
    not, tests speak before they connect anything."""

    def __init__(
        self,
        member: str,
        chains: Sequence[CharterChain],
        clock: FakeClock,
        directory: Path,
        url: str,
        failpoint: str = "",
    ) -> None:
        self.member = MemberId(member)
        self.origin = build.origin_of(member)
        self.chains = tuple(chains)
        self.clock = clock
        self.directory = directory
        self.url = url
        self.tokens = Tokens(f"{member}{directory}")
        self.payloads = ProtobufPayloads()
        self.failpoints = Failpoints(failpoint)
        self.catalog = catalog_of()
        self.library = invented_library()
        (directory / "state").mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self) -> None:
        """Wire everything, as at the start of the process."""
        state = self.directory / "state"
        ring = state / "keyring.json"
        self.keyring = (
            KeyRing.load(ring, token=self.tokens)
            if ring.exists()
            else KeyRing.create(ring, now=self.clock.now(), token=self.tokens)
        )
        self.trusted = TrustedClock(
            file=TrustedTimeFile(state / "trusted-time"),
            others=lambda: self.trust().voters,
            wall=self.clock,
            monotonic=self.running,
        )
        self.store = self.open_store()
        self.meanwhile = Meanwhile(self.store)
        self.persons = Persons(origin=self.origin, configured={}, now=self.clock.now)
        self.refresh_charters()
        self.ledger = Ledger(
            keyring=self.keyring,
            payloads=self.payloads,
            trust=self.trust,
            now=self.clock.now,
        )
        self.asking = StartupCheck(
            others=lambda: frozenset(self.trust().peers), now=self.clock.now, clock=lambda: 0.0
        )
        if not self.asks:
            self.asking.end()
        self.publisher = Publisher(
            origin=self.origin,
            store=self.store,
            ledger=self.ledger,
            high_water=self.open_mark(),
            log_signer=build.log_signer(self.member),
            head_signer=build.cosigner(self.member, "head"),
            reserve=Reserve(Path("/"), 0, free=lambda _: 0),
            asking=self.asking,
            persons=self.persons,
            now=self.clock.now,
            token=self.tokens,
            failpoints=self.failpoints,
        )
        self.publisher.start()
        self.recovery = Recovery(
            origin=self.origin,
            store=self.store,
            ledger=self.ledger,
            publisher=self.publisher,
            refilling=Refilling(payloads=self.payloads, tagger=self.keyring),
            trust=self.trust,
            now=self.clock.now,
            failpoints=self.failpoints,
        )
        self.exchange = Exchange(
            own_origin=self.origin,
            store=self.store,
            ledger=self.ledger,
            publisher=self.publisher,
            recovery=self.recovery,
            serving=Serving(store=self.store, keyring=self.keyring, trust=self.trust),
            cosigning=Cosigning(
                trust=self.trust,
                witness_signer=build.cosigner(self.member, "witness"),
                mirror_signer=build.cosigner(self.member, "mirror"),
                now=self.clock.now,
                heard=self.heard,
            ),
            trust=self.trust,
            envelopes=self.envelopes,
            judge=lambda _: Offered.NEW,
            adopt=self.adopt,
            tight=lambda: self.tight,
            now=self.clock.now,
            failpoints=self.failpoints,
            changed=lambda: None,
        )
        self.exchange.start()
        self.statements = OwnStatements(
            own=self.origin,
            keyring=self.keyring,
            payloads=self.payloads,
            trust=self.trust,
        )
        self.attestations = KeptAttestations(
            keyring=self.keyring, trust=self.trust, now=self.clock.now
        )
        self.reconciliation = Reconciliation(
            keyring=self.keyring,
            trust=self.trust,
            catalog=lambda: self.catalog,
            library=self.library,
            attestations=self.attestations,
            today=self.trusted.latest.today,
        )
        self.pages = JudgedPages(
            LocalSubjects(
                region=str(self.member),
                library=self.library,
                catalog=lambda: self.catalog,
                today=self.trusted.latest.today,
            )
        )
        self.answers = AttestationAnswers(
            own=self.origin,
            store=self.store,
            keyring=self.keyring,
            payloads=self.payloads,
            openings=self.exchange.openings_for,
            trust=self.trust,
            library=self.library,
            signer=build.document_signer(self.member),
            now=self.clock.now,
        )
        self.attesting = Attesting(
            own=self.origin,
            store=self.store,
            reconciliation=self.reconciliation,
            attestations=self.attestations,
            openings=self.exchange.openings_for,
            trust=self.trust,
            catalog=lambda: self.catalog,
            now=self.clock.now,
            token=self.tokens,
        )
        self.doubts = Doubts(
            trust=self.trust,
            now=self.clock.now,
            stale_after=STALE_AFTER,
            restored=Timestamp(0),
            behind=lambda: False,
        )
        self.scenarios = ScenarioBook(
            keyring=self.keyring, payloads=self.payloads, trust=self.trust
        )
        self.registry = Registry(
            statements=self.statements,
            payloads=self.payloads,
            tagger=self.keyring,
            trust=self.trust,
            sources=lambda _: None,
            now=self.clock.now,
            token=self.tokens,
            plausibility=Plausibility(
                catalog=lambda: self.catalog,
                today=self.trusted.latest.today,
                heard_today=self.trusted.heard_latest.today,
            ),
            catalog=lambda: self.catalog,
            persons=self.persons,
            scenarios=ScenarioChecks(
                own=self.origin,
                known=self.scenarios,
                catalog=lambda: self.catalog,
                today=self.trusted.latest.today,
            ),
        )

    def open_store(self) -> Store:
        return open_fresh(self.url)

    def open_mark(self) -> HighWater:
        """Open the high-water mark, made where there is none."""
        path = self.directory / "state" / "high-water"
        mark = FileHighWater(path, self.origin, self.sync_mark)
        if not path.exists():
            mark.create_empty()
        return mark

    def sync_mark(self, descriptor: int) -> None:
        """Make the mark durable, as the wiring does."""
        with self.failpoints.at("mark.sync"):
            os.fdatasync(descriptor)

    def running(self) -> float:
        """Seconds of the monotonic clock."""
        return float(self.clock.running)

    def heard(self, key: VerifierKey, signed: Timestamp) -> None:
        """Take the time of a verified line for trusted time, as the program does."""
        owner = self.trust().owner_of_key(key)
        if owner is not None:
            self.trusted.heard(owner, signed)

    def trust(self) -> TrustView:
        return self.view

    def envelopes(self, _peer: MemberId) -> Sequence[bytes]:
        """Charter versions to tell a peer: none, everybody has them."""
        return []

    def adopt(self, _envelope: bytes) -> bool:
        return False

    def reconcile(self) -> int:
        """Judge what is applied and due; leaves passed."""
        return self.judging_by(InlineWriter()).run()

    def judging_by(
        self, writer: WriteThread, changed: Callable[[], None] = lambda: None
    ) -> ReconcileJob:
        """The job that judges, with a writer of the caller's; `changed` hears of what it found."""
        return ReconcileJob(
            store=self.store,
            writer=writer,
            reconciliation=self.reconciliation,
            meanwhile=self.meanwhile,
            failpoints=self.failpoints,
            pages=self.pages,
            changed=changed,
        )

    def findings(self) -> dict[tuple[Origin, int], int]:
        """Finding of every listing that has one, by origin and index."""
        with self.store.read() as session:
            return {
                (head.origin, index): finding
                for head in session.heads()
                for index, finding in session.findings_between(head.log, 0, head.size).items()
            }

    def refresh_charters(self) -> None:
        """Ask the charters as of now."""
        self.view = TrustView(Trust(self.chains, self.clock.now()), self.origin)

    def restart(self) -> None:
        """Stop and start again on the same directory and database."""
        self.store.close()
        self.start()

    def run(self, unit: Unit) -> list[Placed]:
        """Publish a unit and show it."""
        (result,) = self.publisher.publish([unit])
        if not isinstance(result, list):
            raise result
        self.exchange.published()
        return result

    def say(self, *drafts: Draft) -> list[Placed]:
        """Publish drafts as they are, without the registry's checks."""
        return self.run(Unit(drafts=lambda _: list(drafts), record=lambda _s, _p: None))

    def draft(
        self,
        kind: int,
        payload: Payload,
        *,
        action: int = 0,
        about: bytes | None = None,
        statement_id: bytes | None = None,
    ) -> Draft:
        """Make a draft with a fresh id."""
        made = Draft(
            kind=kind,
            action=action,
            statement_id=StatementId(statement_id or self.tokens(16)),
            payload=self.payloads.encode(payload),
        )
        return made if about is None else _about(made, about)

    def audience(self) -> Audience:
        """The audience of all alliances."""
        return self.statements.audience()

    def list_(self, listing: Listing) -> StatementId:
        """Publish a listing and return its id."""
        return self.say(self.draft(Kind.LISTING, listing))[0].statement_id

    def relieve(self, kind: int, statement_id: bytes, *, decided_on: int = 20261120) -> StatementId:
        """Publish a relief of one of our listings through the registry."""
        submission = self.registry.relieve(
            self.tokens(16).hex(),
            kind=kind,
            statement_id=StatementId(statement_id),
            document="川修〔2026〕1号",
            decided_on=Date(decided_on),
        )
        self.run(submission.unit)
        return submission.published[0].statement_id

    def root_at(self, size: int) -> bytes:
        """Root of our own log at a size."""
        with self.store.read() as session:
            head = session.head(self.origin)
            assert head is not None
            return frontier_at(size, tile_nodes(session, head.log, head.size)).root()

    def state(self, statement_id: bytes) -> State:
        """State of the first statement with this id."""
        with self.store.read() as session:
            rows = session.rows_by_id(None, [statement_id])
        return State(min(rows, key=lambda row: (row.log, row.idx)).state)

    def states(self) -> dict[tuple[Origin, int], State]:
        """State of every listing held, by origin and index."""
        result: dict[tuple[Origin, int], State] = {}
        with self.store.read() as session:
            for head in session.heads():
                for row in session.rows_between(head.log, 0, head.size):
                    if row.kind == Kind.LISTING:
                        result[head.origin, row.idx] = State(row.state)
        return result

    def sizes(self) -> dict[Origin, int]:
        """Leaves held of each log."""
        with self.store.read() as session:
            return {head.origin: head.size for head in session.heads() if head.size}


def _about(draft: Draft, about: bytes) -> Draft:
    return Draft(
        kind=draft.kind,
        action=draft.action,
        flags=draft.flags,
        about=StatementId(about),
        statement_id=draft.statement_id,
        payload=draft.payload,
    )


class Choose(Protocol):
    """Chooses among what could happen next."""

    def __call__(self, count: int) -> int: ...


@dataclass
class Wire:
    """A stream between two nodes: a session at each end and frames on the way."""

    ends: tuple[SimNode, SimNode]
    sessions: tuple[Session, Session]
    queues: tuple[deque[Frame], deque[Frame]] = field(default_factory=lambda: (deque(), deque()))
    errors: list[ReplicationError] = field(default_factory=list)


class Federation:
    """Nodes and the wires between them."""

    def __init__(
        self,
        directory: Path,
        members: Iterable[str],
        chains: Sequence[CharterChain],
        url: Callable[[str], str] | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.nodes = {
            member: SimNode(
                member,
                chains,
                self.clock,
                directory / member,
                url(member) if url else f"sqlite:///{directory / member / 'huxin.db'}",
            )
            for member in members
        }
        self.wires: list[Wire] = []

    def __getitem__(self, member: str) -> SimNode:
        return self.nodes[member]

    def connect(self, one: str, other: str) -> Wire:
        """Open a stream in both directions, as two dialled streams would."""
        ends = (self.nodes[one], self.nodes[other])
        sessions = (
            ends[0].exchange.open_session(ends[1].member),
            ends[1].exchange.open_session(ends[0].member),
        )
        wire = Wire(ends=ends, sessions=sessions)
        self.wires.append(wire)
        self.subscribe(wire)
        return wire

    def subscribe(self, wire: Wire) -> None:
        """Let both ends ask for what they want."""
        for side in (0, 1):
            asked = wire.ends[side].exchange.subscription(wire.sessions[side])
            if asked is not None:
                wire.ends[1 - side].exchange.handle(wire.sessions[1 - side], asked)

    def cut(self, wire: Wire) -> None:
        """Break a stream: what is on the way is lost."""
        for side in (0, 1):
            wire.ends[side].exchange.close_session(wire.sessions[side])
        self.wires.remove(wire)

    def reconnect(self, member: str) -> None:
        """Open again all wires of a node that was restarted."""
        for wire in [w for w in self.wires if member in (w.ends[0].member, w.ends[1].member)]:
            one, other = wire.ends[0].member, wire.ends[1].member
            self.cut(wire)
            self.connect(one, other)

    def step(self, choose: Choose | None = None) -> bool:
        """Let one thing happen: an end sends, or a frame arrives."""
        for wire in self.wires:
            for side in (0, 1):
                frames = wire.ends[side].exchange.plan(wire.sessions[side])
                wire.queues[1 - side].extend(frames)
        ready = [(w, side) for w in self.wires for side in (0, 1) if w.queues[side]]
        if not ready:
            return False
        wire, side = ready[choose(len(ready)) if choose else 0]
        frame = wire.queues[side].popleft()
        try:
            wire.ends[side].exchange.handle(wire.sessions[side], frame)
        except ReplicationError as error:
            wire.errors.append(error)
        return True

    def settle(self, choose: Choose | None = None, limit: int = 100_000) -> None:
        """Let everything happen until nothing is on the way."""
        for _ in range(limit):
            if not self.step(choose):
                return
        message = f"the federation has not come to rest after {limit} steps"
        raise AssertionError(message)

    def assert_equal(self) -> None:
        """Every node holds every log in full, and judges every listing alike."""
        sizes = [node.sizes() for node in self.nodes.values()]
        assert all(size == sizes[0] for size in sizes), sizes
        states = [node.states() for node in self.nodes.values()]
        assert all(state == states[0] for state in states), states


def listing(
    number: int = 1,
    *,
    audience: Audience,
    list_type: str = build.COURT_LIST,
    authority: str = build.COURT,
    document: str | None = None,
    until: int = 20281231,
    name: str = "",
) -> Listing:
    """An invented listing; equal numbers give equal records."""
    return Listing(
        audience=audience,
        subject=Subject(
            scheme="uscc",
            code=code_of(number),
            name=name or name_of(number),
            kind=SubjectKind.ENTERPRISE,
        ),
        list_type=list_type,
        tier=Tier.SEVERE,
        authority=authority,
        authority_name="泸州市虚构法院（演示）",
        document=document or f"（2026）川05执{number}号",
        decided_on=Date(20260105),
        listed_on=Date(20260110),
        prior_notice_on=Date(20251220),
        basis="民事诉讼法",
        publish_until=Date(until),
        term=TermQuality.STATED if until else TermQuality.UNKNOWN,
        source=Source(department="court", batch="1", row=number, key=str(number)),
    )


def relief_payload(of: Listing, audience: Audience) -> Relief:
    """A relief of a listing's record, as another origin may word it."""
    return Relief(
        audience=audience,
        record=of.key,
        subject_name=of.subject.name,
        authority=of.authority,
        document="川修〔2026〕2号",
        decided_on=Date(20261119),
        publish_until=of.publish_until,
    )


def leaf_hash_of(node: SimNode, statement_id: bytes) -> LeafHash:
    """Leaf hash of a statement held by a node."""
    with node.store.read() as session:
        (row,) = session.rows_by_id(None, [statement_id])
        (found,) = session.leaf_hashes([(row.log, row.idx)])
    return LeafHash(found)
