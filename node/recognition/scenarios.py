"""Scenarios and what regions say of them, read out of the store and put together.

What a statement says never changes, so each is decoded once; which statements there are is asked
anew whenever somebody has written (`ReadSession.seen`).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Final
from weakref import WeakKeyDictionary

from adapters.state.keyring import KeyRing
from crypto.merkle import leaf_hash
from federation.charters.entitlement import AllianceState
from federation.errors import StatementError
from federation.facts import PayloadReader
from federation.ids import CharterId, Date, LeafHash, Origin, Timestamp
from federation.payloads import Payload, Recognition, Scenario
from federation.ports.store import ReadSession
from federation.recognition.known import KnownScenario, Scenarios, known_scenarios
from federation.recognition.recognitions import RecognitionWord, Standing, Stands
from federation.recognition.scenarios import ScenarioWord
from federation.reconcile.receipts import may_tell
from federation.regions import lies_within
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind, RecognitionAction, ScenarioAction, parse_header
from node.charters.view import TrustView
from node.log.chains import TrustChains
from node.system.clock import date_of

_PAGE: Final = 4096
_KEPT: Final = 16384
"""Payloads that are kept decoded; beyond them all are read again."""
_NOTHING: Final = Standing(action=Stands.NONE, code="benefit.not-recognised")


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region with a node in one of our alliances."""

    code: str
    name: str
    node: Origin
    """The first log of its chain."""
    ours: bool


class _Charters:
    """What the charters of one moment say of nodes, found out once."""

    def __init__(self, trust: TrustView, number: int) -> None:
        self.number = number
        """Of no other moment."""
        self._trust = trust.trust
        self._in_force = {a.id for a in trust.trust.alliances if a.state is AllianceState.IN_FORCE}
        self._alliances: dict[Origin, frozenset[CharterId]] = {}
        self.regions = self._found(trust)

    def alliances(self, origin: Origin) -> frozenset[CharterId]:
        """Those in force of which a node is a member."""
        if origin not in self._alliances:
            self._alliances[origin] = frozenset(
                ref.charter
                for ref in self._trust.members(origin)
                if ref.charter in self._in_force and not self._trust.member(ref).ended
            )
        return self._alliances[origin]

    def node(self, origin: Origin) -> Origin:
        """The first log of the chain of a log's node."""
        return next(iter(self._trust.chain(origin)), origin)

    def _found(self, trust: TrustView) -> tuple[Region, ...]:
        found: dict[Origin, Region] = {}
        for origin in self._trust.origins():
            node, code = self.node(origin), trust.region(origin)
            if code and node not in found and self._speaks(origin):
                ours = trust.is_ours(origin)
                found[node] = Region(code=code, name=trust.city(origin), node=node, ours=ours)
        return tuple(sorted(found.values(), key=lambda one: (one.code, one.node)))

    def _speaks(self, origin: Origin) -> bool:
        """Whether it is a city's or county's, in an alliance: a hub recognises nothing."""
        members = map(self._trust.member, self._trust.members(origin))
        roles = [role for member in members for role in member.roles]
        return may_tell(roles) and bool(self.alliances(origin))


class ScenarioBook:
    """Reads scenarios; any thread."""

    def __init__(
        self, *, keyring: KeyRing, payloads: PayloadReader, trust: Callable[[], TrustView]
    ) -> None:
        """Wire it."""
        self._keyring = keyring
        self._payloads = payloads
        self._trust = trust
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._moments: WeakKeyDictionary[TrustView, _Charters] = WeakKeyDictionary()
        self._decoded: dict[bytes, Payload] = {}
        """By the exact bytes of the leaf, which commit to what it says."""

    def read(self, session: ReadSession) -> Scenarios:
        """All scenarios that are held, in this snapshot."""
        trust = self._trust()
        charters = self._said_by(trust)
        key = f"scenarios {charters.number}"
        return session.seen(key, lambda: self._read(session, trust, charters))

    def regions(self) -> tuple[Region, ...]:
        """The regions whose nodes could say something of a scenario, ours among them."""
        return self._charters().regions

    def standing(self, known: KnownScenario, place: str, day: Date) -> Standing:
        """How a scenario stands at a place: the code of a region, or of a district of one.

        Of several nodes that speak for it the best; nothing where the issuer itself offers it
        elsewhere in its region only.
        """
        found = [
            self.standing_at(known, region.node, day)
            for region in self.regions()
            if lies_within(place, region.code)
        ]
        places = known.newest.scenario.places
        if places and not any(_overlap(place, one.ljust(6, "0")) for one in places):
            found = [one for one in found if one.action is not Stands.OWN]
        return max(found, key=lambda one: one.holds, default=_NOTHING)

    def standing_at(self, known: KnownScenario, node: Origin, day: Date) -> Standing:
        """How a scenario stands in the region of a node (RG10 to RG15)."""
        return known.standing(node, day, self.shared(known.node, node))

    def shared(self, one: Origin, other: Origin) -> frozenset[CharterId]:
        """The alliances in force of which two nodes are members."""
        charters = self._charters()
        return charters.alliances(one) & charters.alliances(other)

    def node(self, origin: Origin) -> Origin:
        """The first log of the chain of a log's node."""
        return self._charters().node(origin)

    def _charters(self) -> _Charters:
        return self._said_by(self._trust())

    def _said_by(self, trust: TrustView) -> _Charters:
        with self._lock:
            if trust not in self._moments:
                self._moments[trust] = _Charters(trust, next(self._numbers))
            return self._moments[trust]

    def _read(self, session: ReadSession, trust: TrustView, charters: _Charters) -> Scenarios:
        heads = {head.log: head.origin for head in session.heads()}
        logs = {origin: log for log, origin in heads.items()}
        chains = TrustChains(trust, session.heads())
        rows = self._rows(session)
        leaves = session.leaves_at([(row.log, row.idx) for row in rows]) if rows else ()
        said = self._payloads_of(session, rows, leaves)
        texts = {
            row.statement_id: text
            for row, leaf in zip(rows, leaves, strict=True)
            if isinstance(text := said.get(leaf), Scenario)
        }
        abouts = {row.statement_id: row.about or b"" for row in rows}
        words: list[ScenarioWord] = []
        recognitions: list[RecognitionWord] = []
        for row, leaf in zip(rows, leaves, strict=True):
            payload = said.get(leaf)
            origin, epoch = heads[row.log], chains.epoch(row.log)
            said_at = parse_header(leaf).issued_at
            said_on = _day(said_at)
            if row.kind == Kind.SCENARIO:
                text = _text(row.statement_id, texts, abouts)
                if text is not None:
                    words.append(
                        ScenarioWord(
                            origin=origin,
                            index=row.idx,
                            epoch=epoch,
                            leaf_hash=LeafHash(leaf_hash(leaf)),
                            statement_id=row.statement_id,
                            about=row.about or b"",
                            action=ScenarioAction(row.action),
                            said_on=said_on,
                            said_at=said_at,
                            scenario=text,
                            unread=payload is None,
                        )
                    )
            elif isinstance(payload, Recognition):
                recognitions.append(
                    RecognitionWord(
                        origin=origin,
                        index=row.idx,
                        epoch=epoch,
                        statement_id=row.statement_id,
                        action=RecognitionAction(row.action),
                        said_on=said_on,
                        said_at=said_at,
                        of=payload.scenario.leaf_hash,
                        recognition=payload,
                    )
                )
        return known_scenarios(
            words,
            recognitions,
            direct=lambda later, earlier: (
                logs[earlier.origin] in chains.speaks_for(logs[later.origin], later.index)
            ),
            node_of=charters.node,
        )

    @staticmethod
    def _rows(session: ReadSession) -> Sequence[StatementRow]:
        found: list[StatementRow] = []
        after: tuple[int, int] | None = None
        while True:
            page = session.list_rows(
                log=None,
                kinds=(Kind.SCENARIO, Kind.RECOGNITION),
                states=(State.IN_FORCE, State.HELD),
                after=after,
                limit=_PAGE,
            )
            found += page
            if len(page) < _PAGE:
                return found
            after = (page[-1].log, page[-1].idx)

    def _payloads_of(
        self, session: ReadSession, rows: Sequence[StatementRow], leaves: Sequence[bytes]
    ) -> dict[bytes, Payload]:
        """What the statements say, by leaf; nothing of those that are held or not opened."""
        decoded = self._decoded
        wanted: dict[int, dict[int, tuple[int, bytes]]] = defaultdict(dict)
        for row, leaf in zip(rows, leaves, strict=True):
            readable = row.opening == OpeningStatus.PRESENT and row.state == State.IN_FORCE
            if readable and leaf not in decoded:
                wanted[row.log][row.idx] = (row.kind, leaf)
        found: dict[bytes, Payload] = {}
        heads = {head.log: head.origin for head in session.heads()}
        for log, asked in wanted.items():
            stored = session.openings(log, sorted(asked))
            for one, opening in self._keyring.held_openings(heads[log], stored):
                kind, leaf = asked[one.index]
                with suppress(StatementError):
                    found[leaf] = self._payloads.decode(kind, opening.payload)
        known = {leaf: decoded[leaf] for leaf in leaves if leaf in decoded} | found
        if found:
            self._decoded = known if len(known) <= _KEPT else {}
        return known


def _overlap(one: str, other: str) -> bool:
    return lies_within(one, other) or lies_within(other, one)


def _text(
    statement_id: bytes, texts: Mapping[bytes, Scenario], abouts: Mapping[bytes, bytes]
) -> Scenario | None:
    """The text of a statement; of one that cannot be read the text before it."""
    passed: set[bytes] = set()
    while statement_id not in texts:
        passed.add(statement_id)
        statement_id = abouts.get(statement_id, b"")
        if not statement_id or statement_id in passed:
            return None
    return texts[statement_id]


def _day(moment: Timestamp) -> Date:
    """The day of a moment that a header states; what no calendar has is its last day."""
    try:
        return date_of(moment)
    except (OverflowError, ValueError):
        return Date(99991231)
