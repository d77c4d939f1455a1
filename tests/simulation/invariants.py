"""What must hold after every step, and what must hold when all is well again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from crypto.checkpoint import open_checkpoint
from federation.ids import Origin
from federation.life.suppression import SUPPRESSED
from federation.peers.frames import Frame, HeadFrame
from federation.peers.replication import DeliveredBatch
from federation.ports.store import LogHead
from federation.rows import OpeningStatus, State, StatementRow
from federation.statements import Kind
from tests.simulation.model import RELIEFS, View, expected, reliefs_of
from tests.simulation.parts import WorldNode
from tests.support import charters as build

if TYPE_CHECKING:
    from tests.simulation.world import World

ROWS = 100_000


@dataclass
class Invariants:
    """Remembers what was seen, so that nothing goes back and nothing contradicts itself."""

    world: World
    heads: dict[tuple[str, Origin], LogHead] = field(default_factory=dict)
    roots: dict[tuple[Origin, int], bytes] = field(default_factory=dict)
    notes: set[bytes] = field(default_factory=set)
    log_states: dict[tuple[Origin, int, int], bytes] = field(default_factory=dict)
    looked_at: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Of each node, rows ever written and the charter's version when all that it stores held."""
    checked: int = 0

    def sent(self, frame: Frame) -> None:
        """A frame leaves a node: what it shows was really signed, and is the one history."""
        if isinstance(frame, HeadFrame | DeliveredBatch):
            self.note(frame.origin, frame.checkpoint)

    def note(self, origin: Origin, note: bytes) -> None:
        """No two checkpoints of a log contradict each other, and each is of what was said."""
        if note in self.notes:
            return
        self.notes.add(note)
        key = build.log_signer(origin.partition(".")[0]).verifier
        shown = open_checkpoint(note, key).checkpoint
        root = self.roots.setdefault((origin, shown.size), shown.root)
        assert root == shown.root, f"{origin} signed two roots of size {shown.size}"
        assert shown.size <= self.world.model.size(origin), f"{origin} signed what nobody said"
        told = self.world.model.root(origin, shown.size)
        assert told == root, f"{origin} signed another history at size {shown.size}"

    def node(self, node: WorldNode) -> None:
        """Everything that must hold at a running node, by what it stores.

        What it stores is looked at where rows were written, or its charter is another; states only
        once its disk has let it read by that charter.
        """
        blamed = {k: v for k, v in node.exchange.blamed().items() if v}
        assert not blamed, f"{node.member} blames honest peers: {blamed}"
        assert not node.exchange.forked(), f"{node.member} sees forks: {node.exchange.forked()}"
        assert node.publisher.refusal is None, f"{node.member}: {node.publisher.refusal}"
        looked_at = (node.writes(), _version(node))
        if self.looked_at.get(node.member) == looked_at:
            return
        self.checked += 1
        with node.store.read() as session:
            heads = session.heads()
            rows = session.list_rows(log=None, kinds=None, states=None, after=None, limit=ROWS)
            for head in heads:
                before = self.heads.get((node.member, head.origin))
                grown = before.size if before else 0
                self._cursors(node, head, before)
                if head.size > grown:
                    leaves = list(session.leaves(head.log, grown, head.size))
                    told = self.world.model.leaves[head.origin][grown : head.size]
                    assert leaves == told, f"{node.member} holds other leaves of {head.origin}"
        for head in heads:
            if head.note:
                self.note(head.origin, head.note)
            self.heads[node.member, head.origin] = head
        if not node.exchange.reads_by_old_charters:
            self._states(node, heads, rows)
            self.looked_at[node.member] = looked_at

    def started(self, node: WorldNode) -> None:
        """A process has started: everything it stores is looked at again."""
        self.looked_at.pop(node.member, None)

    def _cursors(self, node: WorldNode, head: LogHead, before: LogHead | None) -> None:
        where = f"{node.member}: {head.origin}"
        assert head.applied_to == head.size, f"{where}: applied {head.applied_to} of {head.size}"
        assert head.delivered_to <= head.applied_to, where
        assert head.note_size <= head.size <= self.world.model.size(head.origin), where
        assert head.witnessed_size <= self.world.model.size(head.origin), where
        if head.ours:
            mark = node.open_mark().load()
            assert mark is not None
            assert head.note_size <= mark[0] <= head.size, f"{where}: mark {mark[0]}"
        if before is not None:
            for name in ("size", "applied_to", "delivered_to", "note_size", "witnessed_size"):
                old, new = getattr(before, name), getattr(head, name)
                assert old <= new, f"{where}: {name} went from {old} to {new}"

    def _states(
        self, node: WorldNode, heads: Sequence[LogHead], rows: Sequence[StatementRow]
    ) -> None:
        """Each listing is judged as the model judges it from the same leaves and openings."""
        origins = {head.log: head.origin for head in heads}
        view = self.view(node, heads, rows)
        held = self.world.model.held(view)
        listings = [row for row in rows if row.kind == Kind.LISTING]
        cut_off = self.cut_off(view)
        for row in listings:
            said = self.world.model.logs[origins[row.log]][row.idx]
            state, may_punish = expected(said, held, view)
            where = f"{node.member} on {said.origin} {said.index}"
            if not view.within(said):
                assert row.state != State.ACTIVE or row.rule, f"{where}: punishes beyond the cut"
                continue
            if row.rule == SUPPRESSED and said.meaning.record in cut_off:
                continue
            assert State(row.state) == state, f"{where}: {row.state} {row.rule}, expected {state!r}"
            if not may_punish and state == State.ACTIVE:
                assert row.rule, f"{where}: in doubt, and yet it punishes"
            if said.origin not in view.cuts and reliefs_of(said, held, view):
                assert state in {State.REPAIRED, State.WITHDRAWN}, f"{where}: relieved and active"
        version = _version(node)
        for head in heads:
            states = [(r.idx, r.header_state) for r in listings if r.log == head.log]
            digest = sha256(repr(states).encode()).digest()
            known = self.log_states.setdefault((head.origin, head.size, version), digest)
            assert known == digest, f"{node.member}: log_state of {head.origin} at {head.size}"

    def view(self, node: WorldNode, heads: Sequence[LogHead], rows: Sequence[StatementRow]) -> View:
        """What the model is told of a node."""
        origins = {head.log: head.origin for head in heads}
        cuts: dict[Origin, int] = {}
        version = _version(node)
        if self.world.cut is not None and version >= self.world.cut[2]:
            cuts[self.world.cut[0]] = self.world.cut[1]
        return View(
            sizes={head.origin: head.size for head in heads},
            opened=frozenset(
                (origins[r.log], r.idx) for r in rows if r.opening == OpeningStatus.PRESENT
            ),
            cuts=cuts,
        )

    def _all_cut_off(self) -> set[int]:
        world = self.world
        if world.cut is None:
            return set()
        sizes = {origin: len(log) for origin, log in world.model.logs.items()}
        cuts = {world.cut[0]: world.cut[1]}
        return self.cut_off(View(sizes=sizes, opened=frozenset(), cuts=cuts))

    def cut_off(self, view: View) -> set[int]:
        """Records with a relief beyond a cut.

        Where it came before the cut was known, its suppression tag stands on in that node's
        journal: new copies are held there for ended, in the subject's favour, and elsewhere not.
        """
        held = self.world.model.held(view)
        return {s.meaning.record for s in held if s.kind in RELIEFS and not view.within(s)}

    def healed(self) -> None:
        """After healing everybody holds everything, has opened it, and judges alike.

        A node that a peer told "not for you", while a charter had ended or the peer believed so,
        does not ask again (docs/adr/0009), nor can it hand on what it never got. In such a world
        openings may stay away; what is judged without them was compared with the model.
        """
        world = self.world
        members = [n for n in world.nodes.values() if n.member != world.expelled]
        for node in members:
            assert not node.exchange.reads_by_old_charters, f"{node.member}: old charters"
            self.node(node)
            sizes = node.sizes()
            for other in world.nodes.values():
                said = world.model.size(other.origin)
                if other.member == world.expelled and world.cut is not None:
                    said = world.cut[1]
                got = sizes.get(other.origin, 0)
                assert got >= said, f"{node.member} holds {got} of {said} of {other.origin}"
        rows = {node.member: _rows(node) for node in members}
        if any(
            r.opening == OpeningStatus.NOT_FOR_US for own in rows.values() for r in own.values()
        ):
            return
        cut_off = self._all_cut_off()
        judged: dict[tuple[Origin, int], tuple[int, str]] = {}
        for member, own in rows.items():
            for place, row in own.items():
                if world.cut is not None and place[0] == world.cut[0]:
                    continue
                assert row.opening == OpeningStatus.PRESENT, f"{member} misses {place}"
                leaf = world.model.logs[place[0]][place[1]]
                if row.kind == Kind.LISTING and leaf.meaning.record not in cut_off:
                    mine = (row.state, row.rule)
                    known = judged.setdefault(place, mine)
                    assert mine == known, f"{member} on {place}: {mine}, others {known}"


def _version(node: WorldNode) -> int:
    return node.trust().trust.alliances[0].charter.terms.version


def _rows(node: WorldNode) -> dict[tuple[Origin, int], StatementRow]:
    """Rows of known kinds; of others no carrier can tell for whom they are (SPEC, Annex)."""
    with node.store.read() as session:
        return {
            (head.origin, row.idx): row
            for head in session.heads()
            for row in session.rows_between(head.log, 0, head.size)
            if row.kind in set(Kind)
        }
