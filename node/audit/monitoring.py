"""`huxin monitor watch`: the rounds of a monitor, which keeps no copy and belongs to nobody.

    MO8 an outage, a delay or a lie of a source is incomplete, by the name of the source, and no
        word about a log; the other sources are asked
    MO11 of one round a source has so many seconds and no more: what comes drop by drop keeps no
        other source waiting longer
    MO9 a newer charter is taken where it follows from the pin, and what it says otherwise than the
        one before is judged anew: who may say now what was found is found no more

What is wrong with a leaf, and a fork, stay in the state. What is so at the moment (a source, a log
for which nobody vouches, a clock) is said as long as it is so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from adapters.errors import AdapterError
from adapters.export.tile_source import OtherwiseError
from crypto.errors import CryptoError
from crypto.fork import ForkProof
from crypto.notes import MAX_NOTE_SIZE
from federation.audit.export_names import CHARTERS, CHECKPOINT, LOGS, directory_name
from federation.audit.following import Source, What
from federation.audit.found import Found, Weight
from federation.audit.log_facts import kind_fault
from federation.audit.pinned import MAX_ENVELOPE
from federation.audit.watching import Visit, Watched, begin, clocks_ahead, compare, visit
from federation.charters.chain import CharterChain, advance, begin_chain
from federation.charters.trust import Trust
from federation.errors import CharterError, RefusedError
from federation.facts import PayloadReader
from federation.ids import CharterId, Origin, Timestamp
from node.audit.monitor_state import ALERTS_MAX, Alert, Fork, MonitorState, parse_seen
from node.audit.timed_source import SlowError, TimedSource
from node.system.clock import monotonic

SILENT_SECONDS: Final = 86_400
"""A log for which nobody vouched for so long is silent; heads are renewed each minute."""
SOURCE_SECONDS: Final = 600.0
"""Of one round for one source; a million leaves come in a few minutes."""
VERSIONS_A_ROUND: Final = 64
"""Versions of a charter that are taken from one source at a time."""
_ENTITLED: Final = "entitlement."


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSource:
    """A source, and how it is called in what is told.

    `log` is the log whose prefix it is; empty where it has charters and logs as an export does.
    """

    name: str
    files: Source
    log: Origin = Origin("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """What another monitor saw, read anew each round."""

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round brought: the state to be kept, and what is so at the moment."""

    state: MonitorState
    now: Timestamp
    conditions: tuple[Found, ...]


class Monitor:
    """Looks at sources, round by round; nothing here writes."""

    def __init__(
        self,
        state: MonitorState,
        sources: Sequence[NamedSource],
        *,
        others: Sequence[Other] = (),
        payloads: PayloadReader,
        now: Callable[[], Timestamp],
        silent_seconds: int = SILENT_SECONDS,
        source_seconds: float = SOURCE_SECONDS,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        """Take what was remembered; `payloads` reads openings of open kinds."""
        self.state = state
        self._spent: defaultdict[str, float] = defaultdict(float)
        self._sources = [
            replace(
                one, files=TimedSource(one.name, one.files, self._spent, source_seconds, monotonic)
            )
            for one in sources
        ]
        self._others = others
        self._payloads = payloads
        self._now = now
        self._silent = silent_seconds
        self._trust: Trust | None = None
        self._shown: dict[tuple[str, Origin], bytes] = {}
        """Checkpoints that were looked at, as they came: most come again."""
        self._down: set[str] = set()

    def round(self) -> Round:
        """Look at everything once."""
        now = self._now()
        self._down = set()
        self._spent.clear()
        conditions = [*self._charters()]
        trust = self._trusted(now)
        for origin in trust.origins():
            conditions += self._log(origin, trust, now)
            conditions += self._standing(origin, trust, now)
        conditions += self._compared(trust, now)
        return Round(state=self.state, now=now, conditions=tuple(dict.fromkeys(conditions)))

    # ------------------------------------------------------------------ charters

    def _charters(self) -> Iterator[Found]:
        for pin in self.state.pins:
            chain = self.state.chains.get(pin)
            for source in self._bases():
                try:
                    chain = self._longer(pin, chain, source.files)
                except CharterError as error:
                    yield _incomplete(error.code, f"{source.name}: {error}", path=source.name)
                except (CryptoError, AdapterError, OSError) as error:
                    yield self._failed(source, error)
            if chain is None:
                message = f"no source shows a charter of the alliance {pin.hex()}"
                yield _incomplete("source.charter-missing", message)
                continue
            if chain != self.state.chains.get(pin):
                self.state = replace(self.state, chains={**self.state.chains, pin: chain})
                self._trust = None
            for fork in chain.forks:
                message = (
                    f"alliance {pin.hex()}: two valid charters of version {fork.held.terms.version}"
                )
                yield Found(weight=Weight.FINDING, code="charter.forked", message=message)

    def _longer(
        self, pin: CharterId, chain: CharterChain | None, files: Source
    ) -> CharterChain | None:
        """The chain with what a source adds to it.

        Raises:
            CharterError: what it shows is not valid after what is known.
        """
        for _ in range(VERSIONS_A_ROUND):
            # The newest one too: a source may show another one of that number.
            number = 1 if chain is None else chain.latest.terms.version
            if chain is None:
                data = files.read(f"{CHARTERS}/{pin.hex()}/1.json", MAX_ENVELOPE)
                if data is None:
                    return None
                chain = begin_chain(data, pin)
                continue
            newest = files.read(f"{CHARTERS}/{pin.hex()}/{number}.json", MAX_ENVELOPE)
            if newest is not None and newest not in chain.envelopes:
                chain = advance(chain, newest)
            data = files.read(f"{CHARTERS}/{pin.hex()}/{number + 1}.json", MAX_ENVELOPE)
            if data is None:
                return chain
            longer = advance(chain, data)
            if longer == chain:
                return chain
            chain = longer
        return chain

    def _trusted(self, now: Timestamp) -> Trust:
        trust = self._trust
        if trust is None or (trust.valid_until is not None and now > trust.valid_until):
            trust = Trust(self.state.chains.values(), now)
            if self._trust is None:
                kept = tuple(one for one in self.state.alerts if _stands(one, trust))
                self.state = replace(self.state, alerts=kept)
            self._trust = trust
            self._shown.clear()
        return trust

    # ------------------------------------------------------------------ logs

    def _log(self, origin: Origin, trust: Trust, now: Timestamp) -> Iterator[Found]:
        files = [
            (source, files)
            for source in self._sources
            if (files := _of_log(source, origin)) is not None and source.name not in self._down
        ]
        shown = 0
        for source, of_log in files:
            if source.name in self._down:
                continue
            try:
                data = of_log.read(CHECKPOINT, MAX_NOTE_SIZE)
                if data is None:
                    continue
                shown += 1
                if self._shown.get((source.name, origin)) == data:
                    continue
                found = visit(
                    self.state.logs.get(origin) or begin(origin),
                    data,
                    of_log,
                    others=[other for one, other in files if one.name not in self._down],
                    trust=trust,
                    payloads=self._payloads,
                    now=now,
                )
            except CryptoError as error:
                message = f"{source.name} shows of {origin} what its key did not sign: {error}"
                yield _incomplete("source.lies", message, origin=origin, path=source.name)
            except (AdapterError, OSError) as error:
                yield self._failed(source, error)
            else:
                self._take(found, now)
                if found.what is not What.FORKED:
                    self._shown[source.name, origin] = data
        if not shown:
            message = f"no source shows the log {origin}"
            yield _incomplete("source.log-missing", message, origin=origin)

    def _take(self, found: Visit, now: Timestamp) -> None:
        origin = found.watched.origin
        self.state = replace(self.state, logs={**self.state.logs, origin: found.watched})
        kinds = dict(found.kinds)
        self._alert(
            Alert(
                code=one.code,
                message=one.message,
                origin=origin,
                index=one.index,
                kind=0 if one.index is None else kinds.get(one.index, 0),
                at=now,
            )
            for one in found.found
        )
        if found.fork is not None:
            self._forked(origin, found.fork, now)

    def _alert(self, alerts: Iterable[Alert]) -> None:
        held = list(self.state.alerts)
        known = {(one.code, one.origin, one.index) for one in held}
        more = self.state.more
        for one in alerts:
            if (one.code, one.origin, one.index) in known:
                continue
            if len(held) < ALERTS_MAX:
                held.append(one)
            else:
                more += 1
        self.state = replace(self.state, alerts=tuple(held), more=more)

    def _forked(self, origin: Origin, proof: ForkProof, now: Timestamp) -> None:
        """Keep the first proof of a log: one is enough for everyone."""
        if all(one.origin != origin for one in self.state.forks):
            fork = Fork(origin=origin, file=proof.to_bytes(), at=now)
            self.state = replace(self.state, forks=(*self.state.forks, fork))

    def _standing(self, origin: Origin, trust: Trust, now: Timestamp) -> Iterator[Found]:
        """What is so of a log at the moment, as far as it was seen."""
        watched = self.state.logs.get(origin)
        if watched is None:
            return
        if _goes_on(trust, origin):
            if not watched.vouched:
                message = f"nobody vouches for {origin}: no time of it is proved"
                yield _incomplete("log.unwitnessed", message, origin=origin)
            elif watched.vouched + self._silent < now:
                hours = (now - watched.vouched) // 3600
                message = f"nobody vouched for {origin} in the last {hours} h"
                yield _incomplete("log.silent", message, origin=origin)
        yield from _ahead(watched, trust, now)
        if watched.missing:
            message = f"{watched.missing} openings of open kinds of {origin} were shown by nobody"
            yield _incomplete("source.openings-missing", message, origin=origin)
        yield from self._beyond(watched, trust)

    def _beyond(self, watched: Watched, trust: Trust) -> Iterator[Found]:
        """That a log goes on behind the cut of a charter that came after its leaves were read."""
        origin = watched.origin
        if not watched.size or trust.segment_at(origin, watched.size - 1):
            return
        cuts = [
            segment.to_size
            for ref in trust.members(origin)
            for segment in trust.member(ref).segments
            if segment.origin == origin and segment.to_size is not None
        ]
        known = {(one.code, one.origin) for one in self.state.alerts}
        if cuts and max(cuts) < watched.size and ("entitlement.segment", origin) not in known:
            message = f"leaves from {max(cuts)} on stand beyond what the charter counts"
            yield Found(
                weight=Weight.FINDING,
                code="entitlement.segment",
                message=message,
                origin=origin,
                index=max(cuts),
            )

    # ------------------------------------------------------------------ other monitors

    def _compared(self, trust: Trust, now: Timestamp) -> Iterator[Found]:
        for other in self._others:
            try:
                logs = parse_seen(other.read())
            except (RefusedError, AdapterError, OSError) as error:
                yield _incomplete("monitor.seen", f"{other.name}: {error}", path=other.name)
                continue
            yield from self.compare(other.name, logs, trust, now)

    def compare(
        self, name: str, logs: Mapping[Origin, Sequence[bytes]], trust: Trust, now: Timestamp
    ) -> Iterator[Found]:
        """Compare with what another monitor saw; proofs of two histories go into the state."""
        for origin, notes in logs.items():
            watched, key = self.state.logs.get(origin), trust.log_key(origin)
            if watched is None or key is None:
                continue
            files = [
                one for source in self._sources if (one := _of_log(source, origin)) is not None
            ]
            try:
                forks, unknown = compare(watched, notes, files, key)
            except (AdapterError, OSError) as error:
                yield _incomplete("source.failed", str(error), origin=origin, path=name)
                continue
            for proof in forks:
                self._forked(origin, proof, now)
            if unknown:
                message = (
                    f"{unknown} checkpoints of {origin} that {name} saw cannot be compared: no "
                    "source shows their leaves, or the log has not signed them"
                )
                yield _incomplete("compare.not-shown", message, origin=origin, path=name)

    def compare_now(self, name: str, logs: Mapping[Origin, Sequence[bytes]]) -> Round:
        """Compare once, without looking at the sources for anything new."""
        self._spent.clear()
        now = self._now()
        conditions = tuple(self.compare(name, logs, self._trusted(now), now))
        return Round(state=self.state, now=now, conditions=conditions)

    # ------------------------------------------------------------------ sources

    def _bases(self) -> Iterator[NamedSource]:
        """Sources that have charters too."""
        for source in self._sources:
            if not source.log and source.name not in self._down:
                yield source

    def _failed(self, source: NamedSource, error: Exception) -> Found:
        """Leave a source for this round: another log of it would keep us waiting as long.

        Not one that has answered: it may show one log to members alone, and the next to everyone.
        """
        name = error.source if isinstance(error, SlowError) else source.name
        if not isinstance(error, OtherwiseError):
            self._down.add(name)
        code = str(getattr(error, "code", "source.failed"))
        return _incomplete(code, f"{name}: {error}", path=name)


@dataclass(frozen=True, slots=True)
class _Below:
    """The files of a source below a prefix."""

    source: Source
    prefix: str

    def read(self, path: str, limit: int) -> bytes | None:
        """Read a file."""
        return self.source.read(f"{self.prefix}/{path}", limit)


def _of_log(source: NamedSource, origin: Origin) -> Source | None:
    if source.log:
        return source.files if source.log == origin else None
    return _Below(source.files, f"{LOGS}/{directory_name(origin)}")


def _ahead(watched: Watched, trust: Trust, now: Timestamp) -> Iterator[Found]:
    """Whose clock is ahead; of several at once ours may be behind (MO10)."""
    clocks = clocks_ahead(watched, trust, now)
    if not clocks:
        return
    said = ", ".join(f"{node} by {seconds} s" for node, seconds in sorted(clocks.items()))
    if len(clocks) == 1:
        message = f"the clock of {said} is ahead of this machine's, and no other says so"
        (node,) = clocks
        yield _incomplete("checkpoint.time-ahead", message, path=node)
        return
    yield Found(
        weight=Weight.FINDING,
        code="checkpoint.time-ahead",
        message=f"{watched.origin} is cosigned ahead of this machine's clock: {said}; several at "
        "once: this machine's may be behind",
        origin=watched.origin,
    )


def _goes_on(trust: Trust, origin: Origin) -> bool:
    members = map(trust.member, trust.members(origin))
    return any(
        segment.origin == origin and segment.cut is None
        for member in members
        for segment in member.segments
    )


def _stands(alert: Alert, trust: Trust) -> bool:
    """Whether a finding still holds under the charters as they are now (MO9)."""
    if not alert.code.startswith(_ENTITLED) or alert.index is None:
        return True
    return bool(kind_fault(trust, alert.origin, alert.index, alert.kind))


def _incomplete(code: str, message: str, *, origin: Origin = Origin(""), path: str = "") -> Found:
    return Found(weight=Weight.INCOMPLETE, code=code, message=message, origin=origin, path=path)
