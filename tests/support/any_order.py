"""What several logs say while their charter changes, brought to nodes in any order.

`Script` is made of moves, each of which one member or the alliance makes: listings, copies, reliefs
and what revokes them; members are cut off, come back, lend their authority, are succeeded. `Reader`
takes logs, openings and versions in an order of its own; it restarts, erases, is rebuilt between.
What all readers come to must be one state; `relieved` says, by the words of SPEC §6.2 and §6.3 and
without their code, which listings must not punish.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

from crypto.merkle import leaf_hash
from federation.charters.chain import advance
from federation.charters.values import Cut, Entitlements, Member, Segment
from federation.charters.verification import Role
from federation.errors import FederationError
from federation.ids import Date, LeafHash, MemberId, Origin, StatementId, Timestamp
from federation.life.life import ERASURE_RULES
from federation.payloads import (
    Annotation,
    Audience,
    Correction,
    Erasure,
    Listing,
    Relisting,
    RelistingGround,
)
from federation.peers.openings import PENDING
from federation.rows import LISTED_KINDS, RELIEF_KINDS, OpeningStatus, State, StatementRow
from federation.statements import AnnotationAction, Kind
from node.relief.erasure import Erasures
from node.system.failpoints import Failpoints
from node.upkeep.rebuild import rebuild
from tests.simulation.parts import WorldNode
from tests.support import charters as build
from tests.support.clock import FakeClock
from tests.support.liar import HostileLog, Stream
from tests.support.simulation import listing

SPEAKERS: Final = ("510300", "510500", "511500")
HUB, READER = "510000", "511000"
TODAY: Final = Date(20261121)

Place = tuple[Origin, int]
Move = tuple[Any, ...]
"""A name of `Script.MOVES` with small numbers, of which each move takes what it needs."""


class EpochLog(HostileLog):
    """A log of any epoch of a member."""

    def __init__(self, member: str, epoch: int) -> None:
        super().__init__(member)
        self.epoch = epoch
        self.origin = build.origin_of(member, epoch)
        self.signer = build.log_signer(member, epoch)

    def fresh_id(self) -> StatementId:
        self.statements += 1
        return StatementId(build.seed(self.origin, "statement", self.statements)[:16])

    def cut(self, size: int) -> Cut:
        return Cut(size=size, root=self.root(size), note=self.note(size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A listing or a relief that was said, and of what record."""

    log: EpochLog
    index: int
    id: StatementId
    kind: int
    content: Listing
    about: StatementId | None = None
    names: tuple[StatementId, ...] = ()

    @property
    def place(self) -> Place:
        return self.log.origin, self.index


class Script:
    """What is said, and the versions of the charter."""

    def __init__(self, moves: Sequence[Move]) -> None:
        plain = Entitlements(kinds=build.ALL_KINDS)
        self.chain = build.make_chain(
            [
                *(build.make_member(member) for member in SPEAKERS),
                build.make_member(HUB, roles=(Role.HUB, Role.WITNESS), entitlements=plain),
                build.make_member(READER),
            ]
        )
        self.first = self.chain
        self.logs: dict[Origin, EpochLog] = {}
        for member in (*SPEAKERS, HUB):
            self._log(member, 1)
        self.said: list[Said] = []
        for name, *numbers in moves:
            getattr(self, name)(*numbers)

    # ---- what is said

    def list_(self, who: int, record: int) -> None:
        """A member of the alliance lists a record, or a copy of it."""
        log = self._speaker(who % len(SPEAKERS))
        content = listing(record % 3 + 1, audience=self._audience())
        self._note(log, log.list_(content), Kind.LISTING, content)

    def relieve(self, who: int, which: int, kind: int) -> None:
        """Somebody relieves a listing: its own, or another's as delegate, successor or nobody."""
        if target := self._pick((Kind.LISTING,), which):
            log = target.log if who % 3 == 0 else self._speaker(who)
            kind = RELIEF_KINDS[kind % 2]
            named = log.relieve(target.content, target.id, kind)
            self._note(log, named, kind, target.content, about=target.id)

    def relist(self, which: int) -> None:
        """A relief is revoked in its own log."""
        if target := self._pick(RELIEF_KINDS, which):
            payload = Relisting(
                audience=self._audience(),
                reliefs=(target.id,),
                document="川撤〔2026〕1号",
                decided_on=TODAY,
                ground=RelistingGround.FRAUD,
                approvals=2,
                payload=target.content,
            )
            log = self._speaker_of(target.log.member)
            named = log.say(Kind.RELISTING, payload, about=target.id)
            self._note(
                log, named, Kind.RELISTING, target.content, about=target.id, names=(target.id,)
            )

    def mask(self, who: int, which: int) -> None:
        """A listing is masked, by whom it concerns or by somebody else."""
        if target := self._pick((Kind.LISTING,), which):
            payload = Annotation(
                audience=self._audience(),
                record=target.content.key,
                authority=build.COURT,
                document="（2026）川05破1号",
                decided_on=Date(20261001),
            )
            log = target.log if who % 3 == 0 else self._speaker(who)
            log.say(
                Kind.ANNOTATION, payload, action=AnnotationAction.MASKING_BEGUN, about=target.id
            )

    def correct(self, who: int, which: int) -> None:
        """A listing is corrected, by its own chain or whoever acts for it."""
        if target := self._pick((Kind.LISTING,), which):
            payload = Correction(
                audience=self._audience(),
                replaces=LeafHash(leaf_hash(target.log.leaves[target.index])),
                payload=replace(target.content, publish_until=Date(20280101 + who % 9)),
            )
            log = target.log if who % 3 == 0 else self._speaker(who)
            log.say(Kind.CORRECTION, payload, about=target.id)

    def erase(self, who: int, which: int, ground: int) -> None:
        """Somebody says that the opening of a listing was erased."""
        if target := self._pick((Kind.LISTING,), which):
            log = target.log if who % 3 == 0 else self._speaker(who)
            payload = Erasure(
                ground=tuple(ERASURE_RULES)[ground % len(ERASURE_RULES)],
                erased_at=Timestamp(build.NOW),
            )
            log.say(Kind.ERASURE, payload, about=target.id)

    # ---- what the alliance decides

    def cut(self, who: int, back: int) -> None:
        """A member's open segment is closed, at its end or before it."""
        member = self._member(who)
        last = member.segments[-1]
        if last.cut is None:
            log = self.logs[last.origin]
            size = max(last.from_size, log.size - back % 4)
            if size <= log.size:
                closed = replace(last, cut=log.cut(size))
                self._change(replace(member, segments=(*member.segments[:-1], closed)))

    def revive(self, who: int, skip: int) -> None:
        """A member whose segment was closed gets another one, of the same log or a new epoch."""
        member = self._member(who)
        last = member.segments[-1]
        if last.cut is None:
            return
        if skip % 3:
            segment = replace(last, from_size=last.cut.size + skip % 3 - 1, cut=None)
        else:
            log = self._log(member.id, self.logs[last.origin].epoch + 1)
            segment = Segment(
                origin=log.origin,
                log_key=log.signer.verifier,
                from_size=0,
                cut=None,
                suite=1,
                entitlements=last.entitlements,
            )
        self._change(replace(member, segments=(*member.segments, segment)))

    def delegate(self, who: int, whom: int, back: int) -> None:
        """A member lends its authority to another's log, from a leaf on."""
        member, other = self._member(who), self._member(whom)
        log = self.logs[other.segments[-1].origin]
        if member.id != other.id:
            given = build.make_delegation(other.id, max(0, log.size - back % 6), epoch=log.epoch)
            self._change(replace(member, delegations=(*member.delegations, given)))

    def undelegate(self, who: int, which: int, back: int) -> None:
        """A delegation is closed, at the end of the delegate's log or before it."""
        member = self._member(who)
        open_ones = [i for i, given in enumerate(member.delegations) if given.to_index is None]
        if open_ones:
            place = open_ones[which % len(open_ones)]
            given = member.delegations[place]
            end = max(given.from_index, self.logs[given.origin].size - back % 4)
            closed = list(member.delegations)
            closed[place] = replace(given, to_index=end)
            self._change(replace(member, delegations=tuple(closed)))

    def succeed(self, who: int, whom: int) -> None:
        """A member names who comes after it."""
        member, other = self._member(who), self._member(whom)
        if member.id != other.id:
            self._change(replace(member, successor=MemberId(other.id)))

    # ---- what must follow

    def relieved(self) -> set[Place]:
        """Listings that a relief of their own log, or of a competent one, ends for good.

        Less than SPEC says, and sure: reliefs within a segment of a city's log, which are of the
        record or name a listing of their own chain, and which no RELISTING names.
        """
        members = self.chain.latest.terms.members
        revoked = {name for one in self.said for name in one.names}
        found: set[Place] = set()
        for relief in self.said:
            if relief.kind not in RELIEF_KINDS or relief.id in revoked:
                continue
            within = any(
                s.origin == relief.log.origin and s.contains(relief.index)
                for m in members
                for s in m.segments
            )
            if not within:
                continue
            city = relief.log.member != HUB
            found |= {
                one.place
                for one in self.said
                if one.kind == Kind.LISTING
                and (
                    (city and one.content.key == relief.content.key)
                    or (one.id == relief.about and one.log.member == relief.log.member)
                )
            }
        return found

    # ---- parts

    def _log(self, member: str, epoch: int) -> EpochLog:
        log = EpochLog(member, epoch)
        self.logs[log.origin] = log
        return log

    def _audience(self) -> Audience:
        return Audience(charters=(self.chain.latest.id,), purposes=("joint-punishment",))

    def _speaker(self, who: int) -> EpochLog:
        return self._speaker_of((*SPEAKERS, HUB)[who % 4])

    def _speaker_of(self, member: str) -> EpochLog:
        return max((o for o in self.logs.values() if o.member == member), key=lambda o: o.epoch)

    def _note(
        self, log: EpochLog, named: StatementId, kind: int, content: Listing, **more: Any
    ) -> None:
        self.said.append(
            Said(log=log, index=log.size - 1, id=named, kind=kind, content=content, **more)
        )

    def _pick(self, kinds: Sequence[int], which: int) -> Said | None:
        found = [one for one in self.said if one.kind in kinds]
        return found[which % len(found)] if found else None

    def _member(self, who: int) -> Member:
        wanted = (*SPEAKERS, HUB)[who % 4]
        return next(m for m in self.chain.latest.terms.members if m.id == wanted)

    def _change(self, member: Member) -> None:
        """The next version, if its signers may sign it."""
        latest = self.chain.latest
        members = tuple(member if m.id == member.id else m for m in latest.terms.members)
        try:
            terms = build.next_version(latest, members=members)
            self.chain = advance(self.chain, build.sign_all(terms))
        except FederationError:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a node holds a leaf for; without numbers that are a store's own."""

    kind: int
    opening: int
    state: int
    rule: str
    header_state: int
    record: bytes | None
    authority: str
    until: int
    current: Place


class Reader:
    """A node to which a script is brought."""

    def __init__(self, script: Script, directory: Path) -> None:
        self.script = script
        self.node = WorldNode(READER, script.first, FakeClock(), directory)
        self.version = 1
        self.received: dict[Origin, int] = {}
        self.late: list[Place] = []
        self.erased = False
        self.streams: dict[str, Stream] = {}

    def in_order(self) -> None:
        """All versions, then all logs that the last one names."""
        self.adopt(len(self.script.chain.envelopes))
        for log in self._known():
            self.take(log, log.size)

    def at_random(self, chance: Random, *, erasing: bool = False) -> None:
        """Everything in any order that can be."""
        steps: list[Callable[[Random], None]] = [self._take_some] * 5
        steps += [self._open_late] * 2 + [self._adopt_some] * 2
        steps += [self._restart, self._rebuild]
        if erasing:
            steps += [self._erase]
        for _ in range(chance.randrange(60)):
            chance.choice(steps)(chance)
        while self.version < len(self.script.chain.envelopes) or not self._all_taken():
            chance.choice((self._take_some, self._take_some, self._adopt_some))(chance)
        while self.late:
            self._open_late(chance)
        if erasing:
            self._erase(chance)

    def close(self) -> None:
        self.node.release()

    def adopt(self, versions: int) -> None:
        """Take versions up to a number, and read by the newest."""
        for envelope in self.script.chain.envelopes[self.version : versions]:
            self.node.charters.adopt(envelope)
        self.version = max(self.version, versions)
        self.node.exchange.charters_changed()

    def take(self, log: EpochLog, end: int, late: Sequence[int] = ()) -> None:
        """Take leaves of a log up to `end`; openings of `late` come later."""
        start = self.received.get(log.origin, 0)
        if start >= end:
            return
        batch = log.batch(start, end, end)
        openings = tuple(
            PENDING if index in late else one for index, one in enumerate(batch.openings, start)
        )
        code = self._stream(log).send(replace(batch, openings=openings))
        assert code == "", code
        self.received[log.origin] = end
        self.late += [(log.origin, index) for index in late]

    def rows(self) -> Mapping[Place, Found]:
        with self.node.store.read() as session:
            heads = {head.log: head for head in session.heads()}
            return {
                (head.origin, row.idx): _found(row, head.origin)
                for head in heads.values()
                for row in session.rows_between(head.log, 0, head.size)
            }

    def check_rebuilt(self) -> None:
        """Deriving everything anew comes to the same."""
        before = self.rows()
        found = rebuild(
            self.node.store, self.node.ledger, self.node.reconciliation, check_only=False
        )
        after = self.rows()
        assert after == before, difference(before, after)
        assert found == (True, [])

    # ---- parts

    def _stream(self, log: EpochLog) -> Stream:
        if log.member not in self.streams:
            self.streams[log.member] = Stream(self.node, log.member)
        stream = self.streams[log.member]
        self.node.exchange.subscription(stream.session)
        return stream

    def _known(self) -> list[EpochLog]:
        return [log for o, log in self.script.logs.items() if o in self.node.trust().followed()]

    def _all_taken(self) -> bool:
        return all(self.received.get(o.origin, 0) == o.size for o in self._known())

    def _take_some(self, chance: Random) -> None:
        log = chance.choice(self._known())
        start = self.received.get(log.origin, 0)
        if start < log.size:
            end = chance.randint(start + 1, log.size)
            self.take(log, end, [i for i in range(start, end) if chance.random() < 0.3])

    def _open_late(self, chance: Random) -> None:
        if self.late:
            origin, index = self.late.pop(chance.randrange(len(self.late)))
            log = self.script.logs[origin]
            assert self._stream(log).send(log.late(index)) == ""

    def _adopt_some(self, chance: Random) -> None:
        self.adopt(min(len(self.script.chain.envelopes), self.version + chance.randint(1, 3)))

    def _restart(self, chance: Random) -> None:
        del chance
        self.node.restart()
        self.streams.clear()

    def _rebuild(self, chance: Random) -> None:
        del chance
        self.check_rebuilt()

    def _erase(self, chance: Random) -> None:
        del chance
        self.erase()

    def erase(self) -> None:
        """The platform has been told; what has ended is erased."""
        self.erased = True
        with self.node.store.write() as session:
            for head in session.heads():
                session.set_head(replace(head, delivered_to=head.size))
        erasures = Erasures(
            own=self.node.origin,
            registry=self.node.registry,
            now=self.node.clock.now,
            today=lambda: TODAY,
            failpoints=Failpoints(),
        )
        for _ in range(10):
            with self.node.store.read() as session:
                if not erasures.due(session):
                    return
            self.node.run(erasures.unit())
        raise AssertionError("there is no end to what is due")


def punishing(rows: Mapping[Place, Found]) -> set[Place]:
    """Listings that would punish by their rows."""
    return {
        place
        for place, row in rows.items()
        if row.kind in LISTED_KINDS and row.state == State.ACTIVE and not row.rule
    }


def alike(one: Mapping[Place, Found], other: Mapping[Place, Found]) -> bool:
    """Whether two states are one; where an ERASURE came before an opening, that never comes."""
    return one.keys() == other.keys() and all(
        row == other[place]
        or {row.opening, other[place].opening} == {OpeningStatus.PRESENT, OpeningStatus.ERASED}
        for place, row in one.items()
    )


def difference(one: Mapping[Place, Found], other: Mapping[Place, Found]) -> str:
    """Where two states differ, for people."""
    return "\n".join(
        f"{place}\n   {one.get(place)}\n   {other.get(place)}"
        for place in sorted({*one, *other})
        if one.get(place) != other.get(place)
    )


def _found(row: StatementRow, origin: Origin) -> Found:
    return Found(
        kind=row.kind,
        opening=row.opening,
        state=row.state,
        rule=row.rule,
        header_state=row.header_state,
        record=row.record_tag,
        authority=row.authority,
        until=row.until,
        current=(origin, row.current),
    )
