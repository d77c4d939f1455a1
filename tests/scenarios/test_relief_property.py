"""A relieved record is never active again but by a RELISTING (SPEC §6.3).

Random histories of three logs over a few records: listings (also late copies of relieved
records), repairs and withdrawals by any competent origin, relistings, maskings, repeated ids,
frames delivered in any order, cut streams, restarts, re-imports. After every step each node's
states are compared with an independent model that looks only at which leaves the node holds.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from federation.errors import RefusedError
from federation.ids import Date, Origin
from federation.payloads import Annotation, Relisting, RelistingGround
from federation.rows import State
from federation.statements import AnnotationAction, Kind
from tests.support import charters as build
from tests.support.simulation import Federation, SimNode, listing, relief_payload

MEMBERS = ("510300", "510500", "510000")
RECORDS = st.integers(1, 3)
NODES = st.sampled_from(MEMBERS)
ENDED = (State.REPAIRED, State.WITHDRAWN)


@dataclass
class Said:
    """A statement of the model: where it stands and what it means."""

    origin: Origin
    index: int
    id: bytes
    kind: int
    record: int
    about: bytes = b""
    names: tuple[bytes, ...] = ()
    direct_only: bool = False
    leaf: bytes = b""


@dataclass
class Model:
    """Everything said so far, by log."""

    said: list[Said] = field(default_factory=list)

    def held(self, sizes: dict[Origin, int]) -> list[Said]:
        """What a node that holds these sizes has seen."""
        return [s for s in self.said if s.index < sizes.get(s.origin, 0)]

    @staticmethod
    def expected(entry: Said, held: list[Said]) -> set[State]:
        """States that a listing may have, by the words of SPEC §6.3."""
        reliefs = [
            s for s in held if s.kind in (Kind.REPAIR, Kind.WITHDRAWAL) and s.record == entry.record
        ]
        revoked = {(s.origin, name) for s in held if s.kind == Kind.RELISTING for name in s.names}
        standing = [s for s in reliefs if (s.origin, s.id) not in revoked]
        if any(s.kind == Kind.WITHDRAWAL for s in standing):
            return {State.WITHDRAWN}
        if standing:
            return {State.REPAIRED}
        marks = [s for s in held if s.about == entry.id and s.origin == entry.origin]
        begun = {s.leaf for s in marks if s.kind == Kind.ANNOTATION and not s.names}
        ended = {name for s in marks if s.kind == Kind.ANNOTATION for name in s.names}
        return {State.MASKED} if begun - ended else {State.ACTIVE}


@settings(
    max_examples=400 if os.environ.get("HUXIN_SOAK") else 25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
class ReliefMachine(RuleBasedStateMachine):
    """The random history."""

    @initialize()
    def begin(self) -> None:
        self.scratch = tempfile.TemporaryDirectory()
        members = [build.make_member(m) for m in MEMBERS]
        self.federation = Federation(Path(self.scratch.name), MEMBERS, [build.make_chain(members)])
        for one, other in (("510300", "510500"), ("510500", "510000"), ("510000", "510300")):
            self.federation.connect(one, other)
        self.model = Model()

    def teardown(self) -> None:
        if hasattr(self, "federation"):
            for node in self.federation.nodes.values():
                node.store.close()
            self.scratch.cleanup()

    def _note(self, node: SimNode, placed_index: int, **fields: object) -> Said:
        with node.store.read() as session:
            head = session.head(node.origin)
            assert head is not None
            (leaf_hash,) = session.leaf_hashes([(head.log, placed_index)])
        said = Said(origin=node.origin, index=placed_index, leaf=leaf_hash, **fields)  # type: ignore[arg-type]
        self.model.said.append(said)
        return said

    @rule(member=NODES, record=RECORDS)
    def list_record(self, member: str, record: int) -> None:
        """A listing, whatever happened to the record before: a raw late copy."""
        node = self.federation[member]
        (placed,) = node.say(node.draft(Kind.LISTING, listing(record, audience=node.audience())))
        self._note(node, placed.index, id=placed.statement_id, kind=Kind.LISTING, record=record)

    @rule(member=NODES, record=RECORDS)
    def import_again(self, member: str, record: int) -> None:
        """An import through the registry never lists a record that a relief ended."""
        node = self.federation[member]
        held = self.model.held(node.sizes())
        relieved = any(
            Model.expected(s, held) & set(ENDED)
            for s in held
            if s.record == record and s.kind == Kind.LISTING
        )
        if not relieved:
            return
        submission = node.registry.publish(
            node.tokens(16).hex(),
            [(Kind.LISTING, 0, b"", listing(record, audience=node.audience()))],
            "",
        )
        with pytest.raises(RefusedError) as caught:
            node.run(submission.unit)
        assert caught.value.code in ("relief.standing", "record.exists")

    @precondition(lambda self: any(s.kind == Kind.LISTING for s in self.model.said))
    @rule(data=st.data(), kind=st.sampled_from([Kind.REPAIR, Kind.WITHDRAWAL]))
    def relieve(self, data: st.DataObject, kind: Kind) -> None:
        """The origin of a listing ends it, perhaps a second time."""
        target = data.draw(st.sampled_from([s for s in self.model.said if s.kind == Kind.LISTING]))
        node = next(n for n in self.federation.nodes.values() if n.origin == target.origin)
        payload = relief_payload(listing(target.record, audience=node.audience()), node.audience())
        (placed,) = node.say(node.draft(kind, payload, about=target.id))
        self._note(
            node,
            placed.index,
            id=placed.statement_id,
            kind=kind,
            record=target.record,
            about=target.id,
        )

    @precondition(lambda self: any(s.kind in (4, 5) for s in self.model.said))
    @rule(data=st.data())
    def relist(self, data: st.DataObject) -> None:
        """The origin of a relief revokes it (and perhaps not its other reliefs)."""
        relief = data.draw(st.sampled_from([s for s in self.model.said if s.kind in (4, 5)]))
        node = next(n for n in self.federation.nodes.values() if n.origin == relief.origin)
        payload = Relisting(
            audience=node.audience(),
            reliefs=(relief.id,),  # type: ignore[arg-type]
            document="川撤〔2026〕1号",
            decided_on=Date(20261121),
            ground=RelistingGround.FRAUD,
            approvals=2,
            payload=listing(relief.record, audience=node.audience()),
        )
        (placed,) = node.say(node.draft(Kind.RELISTING, payload, about=relief.id))
        self._note(
            node,
            placed.index,
            id=placed.statement_id,
            kind=Kind.RELISTING,
            record=relief.record,
            about=relief.id,
            names=(relief.id,),
        )

    @precondition(lambda self: any(s.kind == Kind.LISTING for s in self.model.said))
    @rule(data=st.data(), end=st.booleans())
    def mask(self, data: st.DataObject, end: bool) -> None:
        """Reorganisation masks a listing; an end names the leaf that it ends."""
        target = data.draw(st.sampled_from([s for s in self.model.said if s.kind == Kind.LISTING]))
        node = next(n for n in self.federation.nodes.values() if n.origin == target.origin)
        begun = [
            s
            for s in self.model.said
            if s.kind == Kind.ANNOTATION and s.about == target.id and not s.names
        ]
        names = (begun[-1].leaf,) if end and begun else ()
        action = AnnotationAction.MASKING_ENDED if names else AnnotationAction.MASKING_BEGUN
        payload = Annotation(
            audience=node.audience(),
            record=listing(target.record, audience=node.audience()).key,
            authority=build.COURT,
            document="（2026）川05破1号",
            decided_on=Date(20261001),
            ends=names[0] if names else None,  # type: ignore[arg-type]
        )
        (placed,) = node.say(node.draft(Kind.ANNOTATION, payload, action=action, about=target.id))
        self._note(
            node,
            placed.index,
            id=placed.statement_id,
            kind=Kind.ANNOTATION,
            record=target.record,
            about=target.id,
            names=names,
        )

    @rule(data=st.data(), steps=st.integers(1, 12))
    def deliver(self, data: st.DataObject, steps: int) -> None:
        """Frames arrive in some order."""
        for _ in range(steps):
            if not self.federation.step(lambda n: data.draw(st.integers(0, n - 1))):
                return

    @rule(data=st.data())
    def cut_and_reconnect(self, data: st.DataObject) -> None:
        """A stream breaks; what was on the way comes again."""
        wire = data.draw(st.sampled_from(self.federation.wires))
        one, other = wire.ends[0].member, wire.ends[1].member
        self.federation.cut(wire)
        self.federation.connect(one, other)

    @rule(member=NODES)
    def restart(self, member: str) -> None:
        """A process ends and starts again."""
        self.federation[member].restart()
        self.federation.reconnect(member)

    @invariant()
    def states_follow_from_what_is_held(self) -> None:
        """Each node judges each listing by the leaves that it holds, in whatever order."""
        if not hasattr(self, "federation"):
            return
        for node in self.federation.nodes.values():
            held = self.model.held(node.sizes())
            states = node.states()
            for entry in held:
                if entry.kind == Kind.LISTING:
                    expected = Model.expected(entry, held)
                    got = states[entry.origin, entry.index]
                    assert got in expected, (node.member, entry, got, expected)

    @rule()
    def come_to_rest(self) -> None:
        """When all is delivered, all nodes agree."""
        self.federation.settle()
        self.federation.assert_equal()


TestRelief = ReliefMachine.TestCase
