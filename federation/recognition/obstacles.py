"""Obstacles: listings for which a benefit could be denied here, and whether who asks is certain.

To deny a benefit for a listing is a use against its subject: nothing counts here that would not
count in a check 核查 for joint punishment (SPEC.md §5.8).

    BN11 a listing stands in the way only where it counts (CK5, CK6), may be used for joint
         punishment, and a measure follows from its list by this region's own catalog of this day,
         within the longest time for which the list is published
    BN12 it is in doubt, and decides nothing, while it waits for a person, an edition or a proof,
         while an objection to it is open, where it states another name, where it is a predecessor's
         or another subject's of the same name. What is rejected or merged is nothing
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from federation.dates import add_months
from federation.ids import Date
from federation.recognition.facts import Against, Evidence, Weight
from federation.reconcile.catalog import Catalog
from federation.reconcile.findings import PENDING, RULES, Finding, Outcome
from federation.reconcile.held_records import (
    PUNISHING,
    Identity,
    RecordRead,
    counts,
    counts_as,
    is_severe,
)
from federation.reconcile.matters import punishes_severely
from federation.reconcile.named_subject import (
    CEASED,
    PREDECESSOR,
    SAME_NAME,
    Named,
    other_name,
    uncertain,
)
from federation.rows import State

OBJECTION: Final = "benefit.objection-open"
_NOTHING: Final = frozenset({Outcome.REJECTED, Outcome.MERGED})


def uncertainties(asked: Named, identity: Identity) -> tuple[str, ...]:
    """Codes for which it is not certain who asks, whatever is listed (CK8)."""
    return tuple(reason.code for reason in uncertain(asked, identity.known))


def obstacles(
    asked: Named, records: Sequence[RecordRead], identity: Identity, catalog: Catalog, day: Date
) -> tuple[Against, ...]:
    """The listings by which a benefit could be denied to a subject (BN11, BN12).

    Args:
        asked: who asks.
        records: what is held of that subject, of whatever state.
        identity: what is known of it besides.
        catalog: this region's, of the moment.
        day: in China.
    """
    found = [*_own(asked, records, identity), *_of_others(records, identity)]
    made = (_against(one, weight, rule, catalog, day) for one, weight, rule in found)
    return tuple(one for one in made if one.measures)


def _own(
    asked: Named, records: Iterable[RecordRead], identity: Identity
) -> Iterator[tuple[RecordRead, Weight, str]]:
    """What is listed under the code that is asked about."""
    for one in records:
        if not _usable(one):
            continue
        if not counts(one, PUNISHING):
            known = RULES.get(one.finding)
            if known is None or known.outcome not in _NOTHING:
                yield one, Weight.DOUBT, one.rule or (known.code if known else PENDING)
        elif one.objection:
            yield one, Weight.DOUBT, OBJECTION
        elif reasons := other_name(asked, identity.known, [one]):
            yield one, Weight.DOUBT, reasons[0].code
        else:
            yield one, Weight.COUNTS, ""


def _of_others(
    records: Sequence[RecordRead], identity: Identity
) -> Iterator[tuple[RecordRead, Weight, str]]:
    """What is listed of those from whom the subject came, or who have its name (CK9, CK10)."""
    for predecessor in identity.predecessors:
        for one in predecessor.records:
            if is_severe(one) and (counts(one, PUNISHING) or counts_as(one, PUNISHING, CEASED)):
                yield one, Weight.DOUBT, PREDECESSOR
    if identity.known is None and not any(is_severe(o) and counts(o, PUNISHING) for o in records):
        for one in identity.namesakes:
            if is_severe(one) and counts(one, PUNISHING):
                yield one, Weight.DOUBT, SAME_NAME


def _usable(one: RecordRead) -> bool:
    """Whether it could be used against anybody, if nothing were doubtful about it."""
    active = one.state is State.ACTIVE and bool(one.until)
    return active and is_severe(one) and PUNISHING in one.purposes


def _against(one: RecordRead, weight: Weight, rule: str, catalog: Catalog, day: Date) -> Against:
    content = one.content
    entry = catalog.entry(content.list_type, content.decided_on)
    measures: frozenset[str] = frozenset()
    last = one.until
    if entry is not None and entry.confirmed:
        longest = entry.item.longest_months
        last = min(last, add_months(content.decided_on, longest)) if longest else last
        if punishes_severely(content.list_type, entry.item.tier) and day <= last:
            measures = frozenset(measure.code for measure in catalog.measures(entry, day))
    return Against(
        list_type=content.list_type,
        measures=measures,
        evidence=Evidence(
            origin=one.origin,
            index=one.index,
            statement_id=one.statement_id,
            leaf_hash=one.leaf_hash,
        ),
        until=last,
        weight=weight,
        rule=rule or (RULES[one.finding].code if one.finding != Finding.NONE else "record.own"),
    )
