"""What the logs of an alliance show together: reliefs and who lifted, erasures, receipts, epochs.

    AD6 a relief is of the listing's own node, or of who acts for it, within a segment
    AD7 of a relief every member that had taken the listing up is asked when it lifted it, by
        independent times; the last day is the day on which the relief was published, since the
        day of the decision stands in an opening that no auditor has. Late is who lifted, by an
        independent time, after that day, in a log that its own node signed on to without that after
        that day; who has not lifted although its node signed on after that day has not (RP13,
        RP14). A checkpoint that is not here proves nothing, and nobody is late with a relief that
        nobody vouched for (RP12). Who says that it lifted, and not that it had taken the listing
        up, is shown with its time and never late: both may have come to it together
    AD8 an erasure names a leaf of its own chain, and by a relief only where one stands for that
        leaf; where only other logs hold reliefs, the ground may be a relief of the same record
        there, which no auditor can see
    AD9 a receipt names leaves that its log had, of kinds that are receipted
    AD10 the first leaf of an epoch names a size that the log before it has, and the root that it
        had there, and nothing follows a closing leaf

What rests on openings that are not handed over (list types, documents, dates) is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from federation.audit.found import Found, Weight
from federation.audit.log_facts import Act, LogFacts, Told, receipted
from federation.charters.trust import Trust
from federation.charters.values import Role
from federation.ids import Origin, StatementId, Timestamp
from federation.payloads import ErasureGround
from federation.reconcile.deadlines import Due
from federation.reconcile.receipts import ReceiptOutcome
from federation.relief.progress import (
    MemberProgress,
    Progress,
    Said,
    Verdict,
    Words,
    progress,
)
from federation.rows import RELIEF_KINDS
from federation.statements import ContinuationAction, Kind

TELLING = frozenset({Role.CITY, Role.COUNTY})
_TAKEN_UP = frozenset({ReceiptOutcome.OPENED, ReceiptOutcome.APPLIED})
_RELIEVED = frozenset({ReceiptOutcome.OPENED, ReceiptOutcome.APPLIED, ReceiptOutcome.LIFTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefSeen:
    """A relief, and how far it came at each member that had taken the listing up."""

    origin: Origin
    index: int
    statement_id: StatementId
    kind: int
    listing: int
    """Index of the listing in the same chain's log `listing_origin`."""
    listing_origin: Origin
    progress: Progress


class AllianceAudit:
    """Reads the facts of all logs together; nothing here reads files."""

    def __init__(
        self,
        logs: Mapping[Origin, LogFacts],
        places: Mapping[tuple[Origin, bytes], int],
        trust: Trust,
        *,
        root: Callable[[Origin, int], bytes],
        due: Callable[[int, Timestamp], Due | None],
        as_of: Timestamp,
    ) -> None:
        """Wire it.

        Args:
            logs: by origin.
            places: index of each statement that acts and erasures name, by log and id.
            trust: of the pinned charters.
            root: that a log had at a size which it reached.
            due: until when a relief of a kind that was published at a time is to be executed.
            as_of: the newest time at which anybody vouched for anything.
        """
        self._logs = logs
        self._places = places
        self._trust = trust
        self._root = root
        self._due = due
        self._as_of = as_of
        self._ended = self._reliefs_by_listing()
        self.reliefs: list[ReliefSeen] = []

    def run(self) -> Iterator[Found]:
        """Say what is wrong, and what is not known."""
        revoked = {
            act.header.about
            for facts in self._logs.values()
            for act in facts.acts
            if act.header.kind == Kind.RELISTING
        }
        for facts in self._logs.values():
            for act in facts.acts:
                if act.header.kind in RELIEF_KINDS:
                    yield from self._relief(facts, act, over=act.header.statement_id in revoked)
                elif act.header.kind == Kind.ERASURE:
                    yield from self._erasure(facts, act)
            yield from self._receipts(facts)
            yield from self._epochs(facts)

    # ------------------------------------------------------------------ AD6, AD7

    def _relief(self, facts: LogFacts, act: Act, *, over: bool) -> Iterator[Found]:
        listing = self._listing_of(facts, act)
        if listing is None:
            message = (
                f"leaf {act.place} relieves {act.header.about.hex()}, which stands in no log that "
                "it may act on"
            )
            yield _found(Weight.INCOMPLETE, "relief.listing-unknown", message, facts, act.place)
            return
        origin, index = listing
        if over:
            return
        published = Said(facts.said_at(act.place))
        due = None if published.by is None else self._due(act.header.kind, published.by)
        seen = progress(
            act.header.kind,
            self._region(facts.origin),
            published,
            self._words(facts.origin, act.place, origin, index),
            due=due,
            push_due=None,
            said_due=None,
            spoken_due=None,
            now=self._as_of,
        )
        seen = replace(seen, members=[self._unaccused(one, origin, index) for one in seen.members])
        self.reliefs.append(
            ReliefSeen(
                origin=facts.origin,
                index=act.place,
                statement_id=act.header.statement_id,
                kind=act.header.kind,
                listing=index,
                listing_origin=origin,
                progress=seen,
            )
        )
        taken_up = self._taken_up(origin, index)
        for member in seen.members:
            if member.member in taken_up:
                yield from self._late(facts, act, seen, member)

    def _late(
        self,
        facts: LogFacts,
        act: Act,
        seen: Progress,
        member: MemberProgress,
    ) -> Iterator[Found]:
        done, late = member.executed, member.verdict is Verdict.LATE
        if seen.due is None or not (late or member.verdict is Verdict.UNKNOWN):
            return
        if done is not None and done.by is None:
            return
        whose = f"{member.city or member.member} for the relief at leaf {act.place}"
        if done is not None and late:
            message = (
                f"{whose}: lifted after {seen.due.last}; its node signed its log without it later"
            )
            yield _found(Weight.FINDING, "relief.late", message, facts, act.place, member.city)
        elif done is not None:
            message = (
                f"{whose}: lifted; the first checkpoint here that covers it is of after "
                f"{seen.due.last}, and none that its node signed after that day without it is here"
            )
            yield _found(
                Weight.INCOMPLETE, "relief.not-proved", message, facts, act.place, member.city
            )
        elif late:
            message = f"{whose}: not lifted by {seen.due.last}, nor since"
            yield _found(
                Weight.FINDING, "relief.not-lifted", message, facts, act.place, member.city
            )
        else:
            message = f"{whose}: its log is not here as its node signed it after {seen.due.last}"
            yield _found(
                Weight.INCOMPLETE, "relief.not-known", message, facts, act.place, member.city
            )

    def _words(self, relief_log: Origin, relief: int, log: Origin, listing: int) -> list[Words]:
        """What each other member that had taken the listing up, or lifted it, says of it."""
        found = []
        own = {*self._trust.chain(relief_log), relief_log, log}
        for speaker, facts in self._logs.items():
            if speaker in own or not self._tells(speaker):
                continue
            of_listing = facts.receipts.get((log, listing), [])
            of_relief = facts.receipts.get((relief_log, relief), [])
            if not any(told.outcome in _RELIEVED for told in of_listing):
                continue
            found.append(
                Words(
                    member=speaker,
                    city=self._city(speaker),
                    region=self._region(speaker),
                    mirrored=None,
                    applied=_first(facts, of_relief, _RELIEVED),
                    lifted=_first(facts, of_listing, {ReceiptOutcome.LIFTED}),
                    lifts=True,
                    heard_until=facts.signed_on,
                )
            )
        return found

    def _unaccused(self, member: MemberProgress, log: Origin, listing: int) -> MemberProgress:
        """A member as it is shown: late is only who had taken the listing up."""
        if member.verdict is Verdict.LATE and member.member not in self._taken_up(log, listing):
            return replace(member, verdict=Verdict.UNKNOWN)
        return member

    def _taken_up(self, log: Origin, listing: int) -> frozenset[Origin]:
        """Whose log says that it took a listing up."""
        return frozenset(
            speaker
            for speaker, facts in self._logs.items()
            if any(told.outcome in _TAKEN_UP for told in facts.receipts.get((log, listing), ()))
        )

    def _reliefs_by_listing(self) -> dict[tuple[Origin, int], set[int]]:
        """Kinds of the reliefs that stand for each listing."""
        ended: dict[tuple[Origin, int], set[int]] = {}
        for facts in self._logs.values():
            for act in facts.acts:
                if act.header.kind in RELIEF_KINDS:
                    place = self._listing_of(facts, act)
                    if place is not None:
                        ended.setdefault(place, set()).add(act.header.kind)
        return ended

    def _listing_of(self, facts: LogFacts, act: Act) -> tuple[Origin, int] | None:
        """The leaf that an act is about, in a log that its speaker may act on."""
        about = act.header.about
        logs = (
            *self._trust.chain(facts.origin),
            facts.origin,
            *self._trust.acts_for(facts.origin, act.place),
            *self._trust.acted_for(facts.origin, act.place),
        )
        for log in dict.fromkeys(logs):
            if (index := self._places.get((log, about))) is not None:
                return log, index
        return None

    # ------------------------------------------------------------------ AD8

    def _erasure(self, facts: LogFacts, act: Act) -> Iterator[Found]:
        place = self._listing_of(facts, act)
        if place is None:
            message = f"leaf {act.place} erases {act.header.about.hex()}, which is not in its log"
            weight = Weight.INCOMPLETE if self._missing_epoch(facts.origin) else Weight.FINDING
            yield _found(weight, "erasure.of-nothing", message, facts, act.place)
            return
        said = facts.erasures.get(act.place)
        needed = {
            ErasureGround.REPAIRED: Kind.REPAIR,
            ErasureGround.WITHDRAWN: Kind.WITHDRAWAL,
        }.get(ErasureGround.UNSPECIFIED if said is None else said.ground)
        if said is None or needed is None or self._ended.get(place):
            return
        elsewhere = any(
            other.header.kind in RELIEF_KINDS
            for log, read in self._logs.items()
            if log not in self._trust.chain(facts.origin)
            for other in read.acts
        )
        ground = said.ground.name.lower()
        if elsewhere:
            message = (
                f"leaf {act.place} erases leaf {place[1]} as {ground}; no relief of its own stands "
                "for it, and whether one of another log was of the same record cannot be seen"
            )
            yield _found(Weight.INCOMPLETE, "erasure.ground-elsewhere", message, facts, act.place)
        else:
            message = (
                f"leaf {act.place} erases leaf {place[1]} as {ground}, and no relief stands for it"
            )
            yield _found(Weight.FINDING, "erasure.without-ground", message, facts, act.place)

    def _missing_epoch(self, origin: Origin) -> bool:
        return any(epoch not in self._logs for epoch in self._trust.chain(origin))

    # ------------------------------------------------------------------ AD9, AD10

    def _receipts(self, facts: LogFacts) -> Iterator[Found]:
        beyond: dict[Origin, int] = {}
        for (origin, index), told in facts.receipts.items():
            log = self._logs.get(origin)
            if log is None or not self._trust.members(origin):
                continue
            if index >= log.size:
                beyond.setdefault(origin, told[0].place)
        for origin, place in beyond.items():
            message = (
                f"leaf {place} is a receipt of leaves of {origin} beyond those in the exports: "
                "they are older than it, or the leaves are withheld"
            )
            yield _found(Weight.INCOMPLETE, "receipt.beyond", message, facts, place)
        for origin, log in self._logs.items():
            for act in log.acts:
                if receipted(act.header.kind):
                    continue
                for one in facts.receipts.get((origin, act.place), [])[:1]:
                    message = f"leaf {one.place} is a receipt of a leaf that has none"
                    yield _found(Weight.FINDING, "receipt.kind", message, facts, one.place)

    def _epochs(self, facts: LogFacts) -> Iterator[Found]:
        for act in facts.acts:
            if act.header.kind != Kind.CONTINUATION or act.place not in facts.continuations:
                continue
            said = facts.continuations[act.place]
            if act.header.action == ContinuationAction.CLOSING_LEAF:
                if act.place + 1 < facts.size:
                    message = f"{facts.size - act.place - 1} leaves follow the closing leaf"
                    yield _found(Weight.FINDING, "epoch.after-close", message, facts, act.place)
                continue
            before = self._logs.get(said.origin)
            if before is None:
                message = f"the log before it, {said.origin}, is not in the exports"
                yield _found(Weight.INCOMPLETE, "epoch.missing", message, facts, act.place)
            elif before.size < said.size:
                message = (
                    f"it continues {said.origin} at {said.size} leaves, the exports have "
                    f"{before.size}"
                )
                yield _found(Weight.INCOMPLETE, "epoch.older", message, facts, act.place)
            elif self._root(said.origin, said.size) != said.root:
                message = (
                    f"it continues another history of {said.origin} at {said.size} leaves than "
                    "the one in the exports"
                )
                yield _found(Weight.FINDING, "epoch.other-history", message, facts, act.place)

    # ------------------------------------------------------------------ members

    def _tells(self, origin: Origin) -> bool:
        members = map(self._trust.member, self._trust.members(origin))
        return any(not TELLING.isdisjoint(member.roles) for member in members)

    def _region(self, origin: Origin) -> str:
        refs = self._trust.members(origin)
        return self._trust.member(refs[0]).region if refs else ""

    def _city(self, origin: Origin) -> str:
        refs = self._trust.members(origin)
        return self._trust.member(refs[0]).name if refs else origin


def _first(
    facts: LogFacts, told: Sequence[Told], outcomes: frozenset[int] | set[int]
) -> Said | None:
    """The earliest of what a log says with one of these outcomes."""
    places = [one.place for one in told if one.outcome in outcomes]
    if not places:
        return None
    first = min(places)
    return Said(facts.said_at(first), facts.not_before(first) or Timestamp(0))


def _found(
    weight: Weight, code: str, message: str, facts: LogFacts, index: int, member: str = ""
) -> Found:
    return Found(
        weight=weight,
        code=code,
        message=message,
        export=facts.export,
        origin=facts.origin,
        index=index,
        member=member,
    )
