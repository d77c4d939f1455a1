"""The alliance's report 联席会议报告: what was exchanged, recognised, repaired, checked, by whom.

Figures of public facts alone, so that whoever has an export has the same ones; each names the
leaves that it rests on.

    AR1 a leaf counts in the month, in China, of the time that it claims (AD4), and only in a log of
        which every byte was verified; which logs do not count is told
    AR2 of what a member says of one listing the newest judgement until the end of the period
        counts, once, in the month in which it was said; what is said of leaves that are not here
        counts nowhere
    AR3 a relief counts at each member that is asked for it, in the month in which it was said; late
        is only who is proved to be (AD7), and of whom it is not proved is not known
    AR4 checks are the entries of a query log between the last checkpoint that its witnesses vouched
        for before a month and the last one of it; what was before the first one is not known
    AR5 the number of a figure is that of the leaves that it names: of reliefs one for each member

The result of an OUTCOME, and so whether a measure was taken or a benefit was used, stands in a
closed opening: it counts only where the opening was handed over to whoever makes the report (AD15).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from federation.audit.alliance import ReliefSeen
from federation.audit.log_facts import KeptNote, LogFacts
from federation.audit.months import Month, Ranges, joined, month_of, ranges_of
from federation.case_payloads import OutcomeResult
from federation.charters.trust import Trust
from federation.ids import Origin, Timestamp
from federation.reconcile.receipts import JUDGEMENTS, ReceiptOutcome
from federation.relief.progress import Verdict
from federation.rows import LISTED_KINDS
from federation.statements import Kind


class Name(StrEnum):
    """What a figure is of."""

    LISTED = "listed"
    COMMENDED = "commended"
    AMENDED = "amended"
    RELIEVED = "relieved"
    REQUESTED = "requested"
    AGREED = "agreed"
    OUTCOMES = "outcomes"
    PUNISHED = "punished"
    BENEFITS = "benefits"
    RECOGNISED = "recognised"
    HELD = "held"
    REFUSED = "refused"
    IN_TIME = "in-time"
    LATE = "late"
    WAITING = "waiting"
    NOT_KNOWN = "not-known"
    CHECKED = "checked"


SAID: Final[Mapping[Name, tuple[Kind, ...]]] = {
    Name.LISTED: (Kind.LISTING, Kind.PENALTY),
    Name.COMMENDED: (Kind.COMMENDATION, Kind.COMMITMENT),
    Name.AMENDED: (Kind.CORRECTION, Kind.ANNOTATION, Kind.RELISTING),
    Name.RELIEVED: (Kind.REPAIR, Kind.WITHDRAWAL),
    Name.REQUESTED: (Kind.REQUEST,),
    Name.AGREED: (Kind.SCENARIO, Kind.RECOGNITION),
    Name.OUTCOMES: (Kind.OUTCOME,),
}
"""Of which kinds what is exchanged is."""
_RESULTS: Final = {
    OutcomeResult.APPLIED: Name.PUNISHED,
    OutcomeResult.BENEFIT_USED: Name.BENEFITS,
}
_JUDGED: Final = {
    ReceiptOutcome.APPLIED: Name.RECOGNISED,
    ReceiptOutcome.HELD: Name.HELD,
    ReceiptOutcome.REJECTED: Name.REFUSED,
    ReceiptOutcome.NOT_RECOGNISED: Name.REFUSED,
}
_VERDICTS: Final = {
    Verdict.IN_TIME: Name.IN_TIME,
    Verdict.LATE: Name.LATE,
    Verdict.WAITING: Name.WAITING,
    Verdict.UNKNOWN: Name.NOT_KNOWN,
}


class Leaves(NamedTuple):
    """Leaves of one log."""

    origin: Origin
    ranges: Ranges


class City(NamedTuple):
    """Of whom a figure tells: a member of the alliance."""

    region: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How many, of whom, in which month.

    Attributes:
        leaves: what is counted (AR5).
        by: leaves, mostly receipts, in which the member says it of them.
    """

    name: Name
    city: City
    month: Month
    leaves: tuple[Leaves, ...]
    by: tuple[Leaves, ...] = ()

    @property
    def number(self) -> int:
        """How many leaves are counted."""
        return sum(last - first + 1 for one in self.leaves for first, last in one.ranges)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLogSeen:
    """The checkpoints of a query log for which its witnesses vouched, by size."""

    origin: Origin
    city: City
    notes: tuple[KeptNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllianceReport:
    """All figures that are not nought.

    Attributes:
        months: of the period.
        cities: members of the alliance, those of no figure too.
        as_of: the newest time that the logs prove; 0 for none.
        not_counted: logs that a charter names and of which nothing is counted.
        unchecked: members of whose query log nothing is known.
    """

    months: tuple[Month, ...]
    cities: tuple[City, ...]
    figures: tuple[Figure, ...]
    as_of: Timestamp
    not_counted: tuple[Origin, ...]
    unchecked: tuple[City, ...]

    def number(self, name: Name, city: City | None = None, month: Month | None = None) -> int:
        """A sum of figures; None: of all."""
        return sum(
            figure.number
            for figure in self.figures
            if figure.name is name and city in (None, figure.city) and month in (None, figure.month)
        )


class _Counted:
    """Leaves that are counted one by one, and those that say so."""

    def __init__(self) -> None:
        self._leaves: dict[tuple[Name, City, Month], dict[Origin, set[int]]] = {}
        self._by: dict[tuple[Name, City, Month], dict[Origin, set[int]]] = {}

    def add(
        self,
        key: tuple[Name, City, Month],
        leaf: tuple[Origin, int],
        by: tuple[Origin, int] | None = None,
    ) -> None:
        self._leaves.setdefault(key, {}).setdefault(leaf[0], set()).add(leaf[1])
        if by is not None:
            self._by.setdefault(key, {}).setdefault(by[0], set()).add(by[1])

    def figures(self) -> Iterator[Figure]:
        for key, leaves in self._leaves.items():
            name, city, month = key
            by = _in_order(self._by.get(key, {}))
            yield Figure(name=name, city=city, month=month, leaves=_in_order(leaves), by=by)


def alliance_report(
    facts: Mapping[Origin, LogFacts],
    reliefs: Sequence[ReliefSeen],
    queries: Sequence[QueryLogSeen],
    trust: Trust,
    *,
    first: Month,
    last: Month,
    as_of: Timestamp,
) -> AllianceReport:
    """Make the report.

    Args:
        facts: of the logs whose every byte was verified, with their months.
        reliefs: that they hold.
        queries: their members' query logs.
        trust: of the one alliance.
        first: month of the period.
        last: month of the period.
        as_of: the newest time that the logs prove.
    """
    months = [first]
    while months[-1] < last:
        months.append(months[-1].after)
    cities = {origin: city_of(trust, origin) for origin in trust.origins()}
    said_in = {origin: _months_of_acts(one) for origin, one in facts.items()}
    counted = _Counted()
    figures: list[Figure] = []
    for origin, one in facts.items():
        figures += _said(one, cities[origin], said_in[origin], months, counted)
        _judged(one, cities[origin], facts, said_in[origin], months, counted)
    for relief in reliefs:
        month = said_in[relief.origin][relief.index]
        if months[0] <= month <= months[-1]:
            _executed(relief, facts, cities, month, counted)
    figures += counted.figures()
    figures += (figure for one in queries for figure in _checked(one, months))
    known = {one.city for one in queries if len(one.notes) > 1}
    everybody = tuple(dict.fromkeys(cities.values()))
    return AllianceReport(
        months=tuple(months),
        cities=everybody,
        figures=_merged(figures),
        as_of=as_of,
        not_counted=tuple(origin for origin in trust.origins() if origin not in facts),
        unchecked=tuple(city for city in everybody if city not in known),
    )


def city_of(trust: Trust, origin: Origin) -> City:
    """The member whose log it is."""
    member = trust.member(trust.members(origin)[0])
    return City(member.region, member.name)


# ---------------------------------------------------------------------- AR1


def _said(
    facts: LogFacts,
    city: City,
    said_in: Mapping[int, Month],
    months: Sequence[Month],
    counted: _Counted,
) -> Iterator[Figure]:
    said = {} if facts.months is None else facts.months.said
    for name, kinds in SAID.items():
        for month in months:
            ranges = joined(one for kind in kinds for one in said.get((kind, month), ()))
            if ranges:
                leaves = (Leaves(facts.origin, ranges),)
                yield Figure(name=name, city=city, month=month, leaves=leaves)
    for index, result in facts.results.items():
        month = said_in[index]
        result_name = _RESULTS.get(result)
        if result_name is not None and months[0] <= month <= months[-1]:
            counted.add((result_name, city, month), (facts.origin, index))


# ---------------------------------------------------------------------- AR2


def _judged(
    facts: LogFacts,
    city: City,
    logs: Mapping[Origin, LogFacts],
    told_in: Mapping[int, Month],
    months: Sequence[Month],
    counted: _Counted,
) -> None:
    for (origin, index), told in facts.receipts.items():
        log = logs.get(origin)
        if log is None or log.months is None or index >= log.size:
            continue
        if log.months.kinds[index] not in LISTED_KINDS:
            continue
        judged = [
            one for one in told if one.outcome in JUDGEMENTS and told_in[one.place] <= months[-1]
        ]
        newest = max(judged, key=lambda one: one.place, default=None)
        if newest is None or told_in[newest.place] < months[0]:
            continue
        name = _JUDGED.get(ReceiptOutcome(newest.outcome))
        if name is not None:
            key = (name, city, told_in[newest.place])
            counted.add(key, (origin, index), (facts.origin, newest.place))


# ---------------------------------------------------------------------- AR3


def _executed(
    relief: ReliefSeen,
    logs: Mapping[Origin, LogFacts],
    cities: Mapping[Origin, City],
    month: Month,
    counted: _Counted,
) -> None:
    for member in relief.progress.members:
        listing = (relief.listing_origin, relief.listing)
        lifted = [
            told.place
            for told in logs[member.member].receipts.get(listing, ())
            if told.outcome == ReceiptOutcome.LIFTED
        ]
        counted.add(
            (_VERDICTS[member.verdict], cities[member.member], month),
            (relief.origin, relief.index),
            (member.member, min(lifted)) if lifted else None,
        )


# ---------------------------------------------------------------------- AR4


def _checked(log: QueryLogSeen, months: Sequence[Month]) -> Iterator[Figure]:
    for month in months:
        before = [note.size for note in log.notes if note.earliest < month.begins]
        until = [note.size for note in log.notes if note.earliest < month.after.begins]
        begin = max(before, default=min((note.size for note in log.notes), default=0))
        end = max(until, default=0)
        if end > begin:
            leaves = (Leaves(log.origin, ((begin, end - 1),)),)
            yield Figure(name=Name.CHECKED, city=log.city, month=month, leaves=leaves)


# ----------------------------------------------------------------------


def _months_of_acts(facts: LogFacts) -> Mapping[int, Month]:
    return {act.place: month_of(act.header.issued_at) for act in facts.acts}


def _in_order(leaves: Mapping[Origin, set[int]]) -> tuple[Leaves, ...]:
    return tuple(Leaves(one, ranges_of(leaves[one])) for one in sorted(leaves))


def _merged(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """One figure for a name, city and month: a city may have several logs."""
    by_key: dict[tuple[int, City, Month], Figure] = {}
    for one in figures:
        key = (_ORDER[one.name], one.city, one.month)
        held = by_key.get(key)
        by_key[key] = (
            one
            if held is None
            else replace(held, leaves=held.leaves + one.leaves, by=held.by + one.by)
        )
    return tuple(by_key[key] for key in sorted(by_key))


_ORDER: Final = {name: number for number, name in enumerate(Name)}
