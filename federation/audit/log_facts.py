"""What the leaves of one exported log say, read as they are verified.

    AD3 each leaf is of a kind that the charter lets the log's node say at its index
    AD4 a leaf is not of a time after all cosignatures of others on the first checkpoint kept that
        covers it, nor long before its own node signed on without it; what a leaf claims is its
        speaker's clock
    AD5 a receipt is of another node's leaves of kinds that are receipted, and says one thing of one
        leaf

    AD15 a leaf whose closed opening was handed over is also of a list type, authority and audience
        that the charter allows there; which leaves were looked at so is told

Times are those of independent cosignatures (RP1). Leaves of unknown kinds are counted, no more.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from federation.audit.found import Found, Weight
from federation.audit.months import MonthsSaid
from federation.audit.verification import Noted
from federation.case_payloads import Outcome, OutcomeResult
from federation.charters.trust import Trust
from federation.errors import StatementError
from federation.facts import PayloadReader
from federation.ids import Origin, Timestamp
from federation.payloads import Continuation, Erasure, Receipt
from federation.statements import Header, Kind, parse_header

AHEAD_SECONDS: Final = 300
"""A claim may be so far after its first cosignature: clocks differ."""
BEHIND_SECONDS: Final = 3600
"""And so far before the last cosignature of a log without it."""
_KIND_MAY: Final = frozenset({"", "entitlement.list-type", "entitlement.authority"})
"""Answers to the question for a kind alone that do not speak against the kind."""
_NEVER_RECEIPTED: Final = frozenset(
    {
        Kind.RECEIPT,
        Kind.OUTCOME,
        Kind.AUDIENCE_KEY,
        Kind.CHARTER,
        Kind.ERASURE,
        Kind.CONTINUATION,
    }
)


class KeptNote(NamedTuple):
    """A checkpoint of the log, proved to be of this history, and when others vouched for it."""

    size: int
    earliest: Timestamp
    latest: Timestamp
    signed_on: Timestamp
    """When its own node last said that this was all, by its head key; 0: it is not here. A mirror
    that was away signs an old checkpoint late, and says nothing by that of what came since."""


class Act(NamedTuple):
    """A leaf that is no listing."""

    place: int
    """Index in its log."""
    header: Header


class Told(NamedTuple):
    """That a receipt names a leaf."""

    place: int
    """Index of the receipt in its speaker's log."""
    outcome: int
    reason: str


@dataclass(slots=True, kw_only=True)
class LogFacts:
    """What one log says; made by `LogReader`."""

    origin: Origin
    export: int
    size: int
    notes: Sequence[KeptNote]
    kinds: Counter[int] = field(default_factory=Counter)
    acts: list[Act] = field(default_factory=list)
    erasures: dict[int, Erasure] = field(default_factory=dict)
    continuations: dict[int, Continuation] = field(default_factory=dict)
    receipts: dict[tuple[Origin, int], list[Told]] = field(default_factory=dict)
    """By log and index of the leaf that is named."""
    handed: list[int] = field(default_factory=list)
    """Leaves whose closed opening was handed over."""
    results: dict[int, OutcomeResult] = field(default_factory=dict)
    """Of the OUTCOMEs among them."""
    months: MonthsSaid | None = None
    """Where a report is to be made of it."""
    found: list[Found] = field(default_factory=list)

    def said_at(self, index: int) -> Timestamp | None:
        """When a leaf was said at the latest, as others vouch; None where it is not proved."""
        place = bisect_right(self.notes, index, key=lambda note: note.size)
        return self.notes[place].earliest if place < len(self.notes) else None

    def said_by_all(self, index: int) -> Timestamp | None:
        """The same, by the last of those who vouched: no single one makes another's clock false."""
        place = bisect_right(self.notes, index, key=lambda note: note.size)
        return self.notes[place].latest if place < len(self.notes) else None

    def not_before(self, index: int) -> Timestamp | None:
        """A time at which its own node signed on without this leaf; None where none is here."""
        place = bisect_right(self.notes, index, key=lambda note: note.size)
        return max((note.signed_on for note in self.notes[:place]), default=Timestamp(0)) or None

    @property
    def signed_on(self) -> Timestamp:
        """When its own node last signed on, of all that is here; 0 where nothing is."""
        return max((note.signed_on for note in self.notes), default=Timestamp(0))

    @property
    def newest(self) -> Timestamp | None:
        """The newest time at which others vouched for the log."""
        return max((note.latest for note in self.notes), default=None)


class LogReader:
    """Takes what the tiles of a log say, in order."""

    def __init__(
        self,
        origin: Origin,
        export: int,
        size: int,
        *,
        notes: Sequence[KeptNote],
        trust: Trust,
        payloads: PayloadReader,
        by_month: bool = False,
        elsewhere: bool = False,
    ) -> None:
        """Begin.

        Args:
            origin: of the log.
            export: number of the export.
            size: of its checkpoint.
            notes: of this history, by size.
            trust: of the pinned charters.
            payloads: reads openings of open kinds.
            by_month: also note what is said in which month.
            elsewhere: whether an alliance that nobody pinned names the log, and may allow there
                what the pinned ones do not (AD2).
        """
        self.facts = LogFacts(
            origin=origin,
            export=export,
            size=size,
            notes=notes,
            months=MonthsSaid() if by_month else None,
        )
        self._trust = trust
        self._payloads = payloads
        self._not_allowed = Weight.INCOMPLETE if elsewhere else Weight.FINDING
        self._charters = {alliance.charter.id for alliance in trust.alliances}
        self._own = {origin, *trust.chain(origin)}
        self._borders = sorted(_borders(trust, origin))
        self._may: dict[tuple[int, int], str] = {}
        self._told: Counter[tuple[Weight, str]] = Counter()

    def add(self, noted: Noted) -> None:
        """Take the next tile."""
        facts = self.facts
        facts.kinds.update(noted.kinds)
        if facts.months is not None:
            facts.months.add(noted)
        self._entitled(noted)
        self._times(noted)
        facts.acts += (Act(index, parse_header(header)) for index, header in noted.others)
        kinds = {index: header[1] for index, header in noted.others}
        for index, payload in noted.payloads:
            self._read(index, kinds[index], payload)

    def handed(self, index: int, header: bytes, payload: bytes) -> None:
        """Take a closed opening that was handed over, and that opens its leaf (AD15)."""
        kind = header[1]
        if kind not in _KNOWN:
            return
        try:
            facts = self._payloads.facts(kind, payload)
            if kind == Kind.OUTCOME:
                outcome = self._payloads.decode(kind, payload)
                if isinstance(outcome, Outcome):
                    self.facts.results[index] = OutcomeResult(outcome.result)
        except StatementError as error:
            self._unread(error, index)
            return
        if facts.audience is not None and not self._charters.issuperset(facts.audience.charters):
            return  # it is said under an alliance that nobody pinned
        self.facts.handed.append(index)
        code = self._trust.fault(
            self.facts.origin, index, kind, facts.list_type, facts.authority, facts.audience
        )
        if code and code != self._may.get((bisect_right(self._borders, index), kind)):
            name = Kind(kind).name
            message = (
                f"leaf {index} is a {name} of list type {facts.list_type or '-'} by "
                f"{facts.authority or '-'}, which the charter does not let this log say there"
            )
            self._find(code, message, index, self._not_allowed)

    # ------------------------------------------------------------------ AD3

    def _entitled(self, noted: Noted) -> None:
        last = noted.first + len(noted.kinds) - 1
        segment = bisect_right(self._borders, noted.first)
        if bisect_right(self._borders, last) == segment:
            for kind in set(noted.kinds):
                if code := self._fault(segment, noted.first, kind):
                    index = noted.first + noted.kinds.index(kind)
                    self._not_entitled(index, kind, code, noted.kinds.count(kind))
            return
        for index, kind in enumerate(noted.kinds, noted.first):
            if code := self._fault(bisect_right(self._borders, index), index, kind):
                self._not_entitled(index, kind, code, 1)

    def _fault(self, segment: int, index: int, kind: int) -> str:
        key = (segment, kind)
        if key not in self._may:
            self._may[key] = kind_fault(self._trust, self.facts.origin, index, kind)
        return self._may[key]

    def _not_entitled(self, index: int, kind: int, code: str, number: int) -> None:
        name = Kind(kind).name if kind in _KNOWN else str(kind)
        message = f"leaf {index} is a {name}, which the charter does not let this log say there"
        if number > 1:
            message += f" (and {number - 1} more of its tile)"
        self._find(code, message, index, self._not_allowed)

    # ------------------------------------------------------------------ AD4

    def _times(self, noted: Noted) -> None:
        facts = self.facts
        if not noted.issued or not facts.notes:
            return
        first, last = noted.first, noted.first + len(noted.issued) - 1
        least, most = facts.not_before(last), facts.said_at(first)
        if (least is None or min(noted.issued) >= least - BEHIND_SECONDS) and (
            most is None or max(noted.issued) <= most + AHEAD_SECONDS
        ):
            return
        for index, (kind, issued) in enumerate(zip(noted.kinds, noted.issued, strict=True), first):
            if kind == 0:
                continue
            before, by = facts.not_before(index), facts.said_by_all(index)
            if by is not None and issued > by + AHEAD_SECONDS:
                message = (
                    f"leaf {index} claims a time {issued - by} s after others had cosigned it: "
                    "its node's clock was ahead"
                )
                self._find("time.ahead", message, index)
            elif before is not None and issued < before - BEHIND_SECONDS:
                message = (
                    f"leaf {index} claims a time {before - issued} s before its node signed the "
                    "log without it: it is dated back, or its node's clock was behind"
                )
                self._find("time.behind", message, index)

    # ------------------------------------------------------------------ AD5

    def _read(self, index: int, kind: int, payload: bytes) -> None:
        try:
            read = self._payloads.decode(kind, payload)
        except StatementError as error:
            self._unread(error, index)
            return
        match read:
            case Receipt():
                self._receipt(index, read)
            case Erasure():
                self.facts.erasures[index] = read
            case Continuation():
                self.facts.continuations[index] = read
            case _:
                pass

    def _receipt(self, place: int, receipt: Receipt) -> None:
        if receipt.origin in self._own:
            self._find("receipt.own", f"leaf {place} is a receipt of its own node's log", place)
            return
        said: dict[int, int] = {}
        for batch in receipt.batches:
            told = Told(place, batch.outcome, batch.reason)
            for index in batch.indices:
                if said.setdefault(index, batch.outcome) != batch.outcome:
                    message = f"leaf {place} says two things of leaf {index} of {receipt.origin}"
                    self._find("receipt.contradicts", message, place)
                self.facts.receipts.setdefault((receipt.origin, index), []).append(told)

    def _unread(self, error: StatementError, index: int) -> None:
        """A payload that cannot be read; of a newer version it accuses nobody."""
        newer = error.code == "payload.min-reader"
        weight = Weight.INCOMPLETE if newer else Weight.FINDING
        self._find(error.code, f"leaf {index}: {error}", index, weight)

    def _find(self, code: str, message: str, index: int, weight: Weight = Weight.FINDING) -> None:
        """One sentence for each of the first few of a sort; the rest is counted."""
        self._told[weight, code] += 1
        if self._told[weight, code] <= SHOWN:
            self.facts.found.append(
                Found(
                    weight=weight,
                    code=code,
                    message=message,
                    export=self.facts.export,
                    origin=self.facts.origin,
                    index=index,
                )
            )

    def finish(self) -> LogFacts:
        """Say how often what was not shown one by one was found."""
        for (weight, code), number in self._told.items():
            if number > SHOWN:
                message = f"{number} leaves in all; the first {SHOWN} are named"
                self.facts.found.append(
                    Found(
                        weight=weight,
                        code=code,
                        message=message,
                        export=self.facts.export,
                        origin=self.facts.origin,
                    )
                )
        return self.facts


_KNOWN: Final = frozenset(map(int, Kind))
SHOWN: Final = 20
"""Leaves of one log that are named for one reason."""


def kind_fault(trust: Trust, origin: Origin, index: int, kind: int) -> str:
    """Why a log may not say a kind at an index (AD3); empty where it may, or is not known to."""
    code = trust.fault(origin, index, kind, "", "", None)
    return "" if code in _KIND_MAY or kind == 0 else code


def receipted(kind: int) -> bool:
    """Whether leaves of a kind are told in receipts (SPEC §5.2)."""
    return kind not in _NEVER_RECEIPTED


def _borders(trust: Trust, origin: Origin) -> Iterator[int]:
    """Indices at which a segment of any charter begins or ends."""
    for ref in trust.members(origin):
        for segment in trust.member(ref).segments:
            if segment.origin == origin:
                yield segment.from_size
                if segment.to_size is not None:
                    yield segment.to_size
