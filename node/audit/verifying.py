"""`huxin audit verify`: what exports prove to somebody who brings nothing but the pins.

Each export is read once, its logs in processes (`node.audit.reading`); then all are compared with
each other, and the largest sound copy of each log is read together with the others. Rules AD1-AD17
stand in `federation.audit` and, about files, in this wing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from adapters.processes import spread
from crypto.errors import FormatError
from crypto.fork import ForkProof, bare_fork
from crypto.keys import VerifierKey
from crypto.merkle import EMPTY_ROOT, frontier_at
from crypto.tiles import TILE_WIDTH, tile_path
from federation.audit.alliance import AllianceAudit, ReliefSeen
from federation.audit.found import Found, Weight
from federation.audit.histories import Seen, compared, kept, tiles_of
from federation.audit.log_facts import LogFacts
from federation.audit.mirrors import behind
from federation.audit.pinned import Pinned, contradictions, longest
from federation.audit.verification import MAX_ENTRY_TILE, STRETCH, statement_ids
from federation.charters.chain import CharterChain
from federation.charters.trust import Trust
from federation.ids import CharterId, Origin, Timestamp
from federation.reconcile.deadlines import Due
from federation.rows import RELIEF_KINDS
from federation.statements import Kind
from node.audit.audit_files import AuditFiles
from node.audit.log_seen import LogSeen, Reading
from node.audit.reading import ExportReading

SILENT_SECONDS: Final = 86_400
"""A log for which nobody vouched for so long before the newest time seen is silent."""
Step = Callable[[str, int, int], None]
"""Told of progress: what is verified, how far, of how much."""


@dataclass(slots=True, kw_only=True)
class Audited:
    """Everything that exports prove.

    Attributes:
        as_of: the newest time at which anybody vouched for anything; 0 for none.
        logs: of each origin the largest sound copy.
        copies: all that were read, by export.
        forks: proofs of two histories, by origin.
        queries: checkpoints of query logs, each with the key that signed it.
        not_looked_at: sentences, each a pair of code and what it names.
    """

    chains: tuple[CharterChain, ...] = ()
    trust: Trust | None = None
    as_of: Timestamp = Timestamp(0)
    found: list[Found] = field(default_factory=list)
    logs: dict[Origin, LogSeen] = field(default_factory=dict)
    copies: list[LogSeen] = field(default_factory=list)
    reliefs: list[ReliefSeen] = field(default_factory=list)
    forks: list[tuple[Origin, ForkProof]] = field(default_factory=list)
    queries: list[tuple[VerifierKey, Seen]] = field(default_factory=list)
    not_looked_at: list[tuple[str, str]] = field(default_factory=list)


class Source(Protocol):
    """An export, or what a node holds; after `read` the attributes say what was seen."""

    found: list[Found]
    copies: list[LogSeen]
    queries: list[tuple[VerifierKey, Seen]]
    unread: list[Origin]
    """Logs of which it has only the last leaves, and nobody the first."""
    not_looked_at: list[tuple[str, str]]

    def begun(self, pins: Sequence[CharterId]) -> Pinned:
        """Read its charters, and what lies beside its logs."""
        ...

    def read(self, trust: Trust, step: Step, elsewhere: Collection[Origin]) -> None:
        """Read its logs; of some an alliance that nobody pinned may allow more."""
        ...


class Auditor:
    """Verifies exports together."""

    def __init__(
        self,
        pins: Sequence[CharterId],
        *,
        reading: Reading,
        due: Callable[[int, Timestamp], Due | None],
        now: Timestamp,
        step: Step = lambda _what, _done, _of: None,
    ) -> None:
        """Prepare.

        Args:
            pins: alliances that the auditor trusts; nothing else is believed.
            reading: how logs are read.
            due: until when a relief of a kind, published at a time, is to be executed.
            now: of the auditor's clock.
            step: told of progress.
        """
        self._pins = pins
        self._reading = reading
        self._due = due
        self._now = now
        self._step = step
        self._audited = Audited()

    def run(self, outs: Sequence[Path]) -> Audited:
        """Verify folders.

        Raises:
            OSError: a folder cannot be read.
        """
        exports = [AuditFiles(number, out) for number, out in enumerate(outs, 1)]
        return self.of(
            [
                ExportReading(
                    export,
                    reading=self._reading,
                    now=self._now,
                    beside=[other.root for other in exports if other is not export],
                )
                for export in exports
            ]
        )

    def of(self, sources: Sequence[Source]) -> Audited:
        """Verify exports, or what a node holds.

        Raises:
            OSError: a folder cannot be read.
        """
        audited = self._audited
        pinned = [source.begun(self._pins) for source in sources]
        audited.chains = longest(chain for one in pinned for chain in one.chains)
        told = [(n, chain) for n, one in enumerate(pinned, 1) for chain in one.chains]
        audited.found += contradictions(told)
        if audited.chains:
            audited.trust = trust = Trust(audited.chains, self._now)
            elsewhere = {
                origin
                for one in pinned
                for origin, key in one.elsewhere
                if key == trust.log_key(origin)
            }
            for source in sources:
                source.read(trust, self._step, elsewhere)
                audited.copies += source.copies
                audited.queries += source.queries
            self._histories(trust, {origin for source in sources for origin in source.unread})
            self._query_logs()
            self._together(trust)
        for source in sources:
            audited.found += source.found
            audited.not_looked_at += source.not_looked_at
        return audited

    # ------------------------------------------------------------------ all exports together

    def _histories(self, trust: Trust, unread: Collection[Origin]) -> None:
        """Of each log, whether all copies and kept checkpoints are of one history (AD11)."""
        audited = self._audited
        for origin in trust.origins():
            copies = [copy for copy in audited.copies if copy.origin == origin]
            sound = [copy for copy in copies if copy.sound]
            if not sound:
                if not copies and origin not in unread:
                    message = "the log is in no export"
                    self._find("log.missing", message, 0, origin, weight=Weight.INCOMPLETE)
                continue
            largest = max(sound, key=lambda copy: copy.size)
            audited.logs[origin] = largest
            others = [copy.checkpoint for copy in copies if copy is not largest]
            others += [note for copy in copies for note in copy.notes]
            fitting = [one for one in others if one.signed.checkpoint.size <= largest.size]
            read = tiles_of(largest.files, largest.size)
            forks = compared(largest.checkpoint, fitting, read, largest.key)
            false = {id(one) for one, _ in forks}
            true = [one for one in fitting if id(one) not in false]
            independent = trust.independent_keys(origin)
            largest.facts.notes = kept(
                (largest.checkpoint, *true), independent, trust.head_keys(origin)
            )
            self._behind(trust, origin, (largest.checkpoint, *true))
            for copy in sound:
                if copy is not largest and id(copy.checkpoint) not in false:
                    _take_handed(largest.facts, copy.facts)
            for one, proof in forks:
                point = one.signed.checkpoint
                message = (
                    f"its key signed another history at {point.size} leaves ({one.path}) than the "
                    f"one of {largest.size} leaves in export {largest.export}"
                )
                self._find("log.forked", message, one.export, origin, one.path)
                audited.forks.append((origin, proof))
            for one in others:
                if one.signed.checkpoint.size > largest.size:
                    message = (
                        f"a checkpoint of {one.signed.checkpoint.size} leaves is here, of the "
                        f"leaves only {largest.size}"
                    )
                    self._find(
                        "log.shorter", message, one.export, origin, one.path, Weight.INCOMPLETE
                    )

    def _behind(self, trust: Trust, origin: Origin, seen: Sequence[Seen]) -> None:
        """Members that held less of a log than others long before (AD17)."""
        independent = set(trust.independent_keys(origin))
        members = [m for a in trust.alliances for m in a.charter.terms.members]
        mirrors = {k: m.name for m in members for k in m.keys.mirror if k in independent}
        witnesses = {k: m.name for m in members for k in m.keys.witness if k in independent}
        for one in behind(seen, mirrors, witnesses):
            hours = (one.at - one.since) // 3600
            message = (
                f"{one.member} said that it held {one.size} leaves {hours} h after others had "
                f"vouched for {one.others}"
            )
            self._find(
                "mirror.behind",
                message,
                0,
                origin,
                weight=Weight.INCOMPLETE,
                member=one.member,
            )

    def _query_logs(self) -> None:
        """Whether a query log was shown in two histories of one size (AD11)."""
        first: dict[tuple[VerifierKey, int], Seen] = {}
        for key, seen in self._audited.queries:
            point = seen.signed.checkpoint
            other = first.setdefault((key, point.size), seen)
            if other.signed.checkpoint.root != point.root:
                message = f"its key signed two histories of {point.size} entries ({other.path})"
                origin = Origin(key.name)
                self._find("log.forked", message, seen.export, origin, seen.path)
                proof = ForkProof(smaller=other.data, larger=seen.data, prefix=None, path=())
                self._audited.forks.append((origin, bare_fork(proof, key)))

    def _together(self, trust: Trust) -> None:
        audited = self._audited
        facts = {origin: seen.facts for origin, seen in audited.logs.items()}
        shown = {id(seen.facts) for seen in audited.logs.values()}
        for copy in audited.copies:
            if id(copy.facts) in shown or not copy.sound:
                audited.found += copy.facts.found
        newest = [one.newest for one in facts.values() if one.newest is not None]
        audited.as_of = Timestamp(max((at for at in newest if at <= self._now), default=0))
        for origin, one in facts.items():
            self._silent(trust, origin, one)
        alliance = AllianceAudit(
            facts,
            self._places(facts),
            trust,
            root=self._root,
            due=self._due,
            as_of=audited.as_of,
        )
        audited.found += alliance.run()
        audited.reliefs = alliance.reliefs

    def _root(self, origin: Origin, size: int) -> bytes:
        """The root that a log had at a size that it reached."""
        seen = self._audited.logs[origin]
        return frontier_at(size, tiles_of(seen.files, seen.size)).root() if size else EMPTY_ROOT

    def _silent(self, trust: Trust, origin: Origin, facts: LogFacts) -> None:
        """That nobody vouched for a log for long, although others were vouched for."""
        members = map(trust.member, trust.members(origin))
        going_on = any(
            segment.origin == origin and segment.cut is None
            for member in members
            for segment in member.segments
        )
        closed = any(
            act.header.kind == Kind.CONTINUATION and act.place + 1 == facts.size
            for act in facts.acts[-1:]
        )
        since = facts.newest
        if not going_on or closed or not self._audited.as_of:
            return
        if since is None:
            message = "no other node vouched for it in any export: no time of it is proved"
            self._find("log.unwitnessed", message, facts.export, origin, weight=Weight.INCOMPLETE)
        elif since + SILENT_SECONDS < self._audited.as_of:
            hours = (self._audited.as_of - since) // 3600
            message = f"nobody vouched for it in the last {hours} h before the newest time seen"
            self._find("log.silent", message, facts.export, origin, weight=Weight.INCOMPLETE)

    def _places(self, facts: Mapping[Origin, LogFacts]) -> dict[tuple[Origin, bytes], int]:
        """Where the statements stand that reliefs and erasures are about."""
        wanted = frozenset(
            act.header.about
            for one in facts.values()
            for act in one.acts
            if act.header.kind in RELIEF_KINDS or act.header.kind == Kind.ERASURE
        )
        if not wanted:
            return {}
        return {
            (origin, statement): index
            for origin, seen in self._audited.logs.items()
            for statement, index in _found_ids(seen, wanted, self._reading.processes)
        }

    # ------------------------------------------------------------------ sentences

    def _find(
        self,
        code: str,
        message: str,
        export: int,
        origin: Origin = Origin(""),
        path: str = "",
        weight: Weight = Weight.FINDING,
        member: str = "",
    ) -> None:
        self._audited.found.append(
            Found(
                weight=weight,
                code=code,
                message=message,
                export=export,
                origin=origin,
                path=path,
                member=member,
            )
        )


def _take_handed(facts: LogFacts, other: LogFacts) -> None:
    """Openings may have been handed over beside a smaller copy of a log (AD15)."""
    new = set(other.handed) - set(facts.handed)
    facts.found += [
        one for one in other.found if one.index in new and one.code.startswith("entitlement.")
    ]
    facts.results |= {index: other.results[index] for index in new & other.results.keys()}
    facts.handed = sorted(new.union(facts.handed))


def _found_ids(
    seen: LogSeen, wanted: frozenset[bytes], processes: int
) -> Iterator[tuple[bytes, int]]:
    """Where statements of these ids stand in a log; the first of each counts."""
    stretches = range(-(-seen.size // (STRETCH * TILE_WIDTH)))
    look = partial(_found_in, seen, wanted)
    left = set(wanted)
    for found in spread(look, stretches, processes=processes):
        for statement, index in found:
            if statement in left:
                left.discard(statement)
                yield statement, index


def _found_in(seen: LogSeen, wanted: frozenset[bytes], stretch: int) -> list[tuple[bytes, int]]:
    """The same in one stretch of tiles, in order."""
    found: list[tuple[bytes, int]] = []
    first = stretch * STRETCH
    for number in range(first, min(first + STRETCH, -(-seen.size // TILE_WIDTH))):
        width = min(TILE_WIDTH, seen.size - number * TILE_WIDTH)
        data = seen.files.read(tile_path("entries", number, width), MAX_ENTRY_TILE) or b""
        try:
            ids = statement_ids(data, width)
        except FormatError:
            continue
        if not wanted.isdisjoint(ids):
            found += ((one, number * TILE_WIDTH + n) for n, one in enumerate(ids) if one in wanted)
    return found
