"""Receipts 回执: what a city tells an origin of its statements, and what it reads of others.

A RECEIPT names leaves of one other origin by index, each with an outcome and a stable code; it
carries nothing of a subject, and nothing anywhere acts on it. Rules:

    Q1  kinds 1-9, 16-18 are told of, no others: two idle nodes have nothing to tell each other
    Q2  a leaf whose opening is not meant for this node is not told of
    Q3  set aside → rejected, held back for a newer reader → held, by the code of the rule
    Q4  an opening that is erased → erased
    Q5  a relief, and the beginning of a masking or pause, acts on the leaf alone → applied; about
        what its speaker may not act on → opened, `about.not-yours`, unless it ends a copy (L2)
    Q6  a listing that a relief ended → lifted, once it is executed (EX1): the city's platform has
        acknowledged it, or has nothing; until then nothing is told of it
    Q7  an opening that has not come → held
    Q8  a listing in doubt → held by the code of the doubt, else by the finding of this city's own
        reconciliation; one that is not reconciled yet is not told of
    Q9  what is only read, and an act that reaches nothing held here → opened; other acts → applied
    Q10 relief is urgent: it and what it lifts are told at once, the rest together with more
    Q11 only a city or county tells: a hub that relays lists executes none
    Q12 of one speaker's outcomes for one leaf the newest counts; but when it was lifted is told by
        the earliest `lifted`, whatever the speaker said later
    Q13 a receipt of one's own leaves, of a third one's, or of leaves that do not exist or are of no
        kind told of, says nothing
    Q14 `lifted` follows `erased` where it was not said before: the platform may acknowledge after
        the opening is gone
    Q15 what this city's own catalog or a person does not recognise, or judges by no catalog at all,
        is valid all the same → not recognised, by the code of the reconciliation; only what is set
        aside is rejected
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Final

from federation.charters.values import Role
from federation.ids import Origin
from federation.payloads import Receipt, ReceiptBatch
from federation.ports.receipts import Told
from federation.reconcile.findings import RULES, Finding, Outcome
from federation.rows import (
    ACT_KINDS,
    ADVERSE_KINDS,
    LISTED_KINDS,
    NOT_YOURS,
    RELIEF_KINDS,
    OpeningStatus,
    State,
    StatementRow,
)
from federation.statements import MAX_PAYLOAD, AnnotationAction, Kind

TOLD_KINDS: Final = frozenset(
    kind for kind in Kind if kind <= Kind.COMMENDATION or kind >= Kind.REQUEST
)
"""Kinds of which receipts are given (Q1)."""
OPENING_MISSING: Final = "opening.missing"

INDICES_MAX: Final = 4096
"""In one batch, as payload.proto bounds it."""
BATCHES_MAX: Final = 64
"""In one receipt, likewise."""
_ROOM: Final = MAX_PAYLOAD - 512
"""Bytes for batches in a payload, beside `min_reader` and the origin."""
_BATCH_BYTES: Final = 16
"""Tags and lengths of a batch, beside its reason and indices."""

_READ_ONLY: Final = frozenset({Kind.COMMENDATION, Kind.REQUEST, Kind.COMMITMENT})
ENDED: Final = (State.REPAIRED, State.WITHDRAWN)
"""States of a listing that a relief ended."""
_LIFTING: Final = (*ENDED, State.MASKED)
_ON_HEADER: Final = (AnnotationAction.MASKING_BEGUN, AnnotationAction.PAUSED)
_SPEAKING_ROLES: Final = frozenset({Role.CITY, Role.COUNTY})


class ReceiptOutcome(IntEnum):
    """What became of a leaf, as on the wire."""

    OPENED = 1
    APPLIED = 2
    LIFTED = 3
    ERASED = 4
    HELD = 5
    REJECTED = 6
    NOT_RECOGNISED = 7


_FINDINGS: Final = {
    Outcome.APPLIED: ReceiptOutcome.APPLIED,
    Outcome.MERGED: ReceiptOutcome.APPLIED,
    Outcome.HELD: ReceiptOutcome.HELD,
    Outcome.REJECTED: ReceiptOutcome.NOT_RECOGNISED,
}


JUDGEMENTS: Final = frozenset(
    {
        ReceiptOutcome.OPENED,
        ReceiptOutcome.APPLIED,
        ReceiptOutcome.HELD,
        ReceiptOutcome.REJECTED,
        ReceiptOutcome.NOT_RECOGNISED,
    }
)
"""Outcomes that judge a leaf; lifting and erasing it say nothing of how good it was."""
REFUSALS: Final = frozenset({ReceiptOutcome.REJECTED, ReceiptOutcome.NOT_RECOGNISED})
"""Outcomes by which a leaf has no effect at the speaker, for good."""


def outcome(
    row: StatementRow,
    finding: int,
    *,
    reaches: bool,
    executed: bool = True,
    late: bool = False,
) -> Told | None:
    """What there is to tell of a leaf of another origin (Q1-Q9).

    Args:
        row: of the leaf, as it stands now.
        finding: of the reconciliation, for listings.
        reaches: whether what an act is about is held here, and the speaker may act on it; of a
            relief also whether a copy of its record has ended.
        executed: of a listing that ended, whether the city's platform has lifted it
            (`federation.relief.execution`).
        late: whether a platform acknowledged it, and `lifted` was not said since it ended.

    Returns:
        None where nothing is told, or nothing yet.
    """
    if row.kind not in TOLD_KINDS or row.opening == OpeningStatus.NOT_FOR_US:
        return None
    if row.state == State.SET_ASIDE:
        return Told(ReceiptOutcome.REJECTED, row.rule)
    if row.state == State.HELD:
        return Told(ReceiptOutcome.HELD, row.rule)
    if row.kind in LISTED_KINDS and row.state in ENDED:
        return _ended(row, executed=executed, late=late)
    if row.opening == OpeningStatus.ERASED:
        return _erased(row)
    if row.kind in RELIEF_KINDS or (row.kind == Kind.ANNOTATION and row.action in _ON_HEADER):
        return _by_its_leaf(row, reaches=reaches)
    if row.opening == OpeningStatus.PENDING:
        return Told(ReceiptOutcome.HELD, OPENING_MISSING)
    if row.kind in ADVERSE_KINDS:
        return _listing(row, finding)
    if row.kind in _READ_ONLY or (row.kind in ACT_KINDS and not reaches):
        return Told(ReceiptOutcome.OPENED, row.rule if row.rule == NOT_YOURS else "")
    return Told(ReceiptOutcome.APPLIED, "")


def _ended(row: StatementRow, *, executed: bool, late: bool) -> Told | None:
    if row.opening == OpeningStatus.ERASED and not (executed and late):
        return _erased(row)
    return Told(ReceiptOutcome.LIFTED, row.rule) if executed else None


def _erased(row: StatementRow) -> Told:
    missing = row.rule == OPENING_MISSING  # which is what the outcome says
    return Told(ReceiptOutcome.ERASED, "" if missing else row.rule)


def _by_its_leaf(row: StatementRow, *, reaches: bool) -> Told:
    if row.rule == NOT_YOURS and not reaches:
        return Told(ReceiptOutcome.OPENED, row.rule)
    return Told(ReceiptOutcome.APPLIED, row.rule)


def _listing(row: StatementRow, finding: int) -> Told | None:
    if row.rule:
        return Told(ReceiptOutcome.HELD, row.rule)
    if finding == Finding.NONE:
        return None
    rule = RULES[finding]
    return Told(_FINDINGS[rule.outcome], rule.code)


def is_urgent(row: StatementRow) -> bool:
    """Whether the outcome of a leaf is relief, of which the origin is told at once (Q10)."""
    if row.kind in LISTED_KINDS:
        return row.state in _LIFTING
    return row.kind in RELIEF_KINDS or (
        row.kind == Kind.ANNOTATION and row.action == AnnotationAction.MASKING_BEGUN
    )


def may_tell(roles: Iterable[Role]) -> bool:
    """Whether a member with these roles tells receipts (Q11)."""
    return not _SPEAKING_ROLES.isdisjoint(roles)


def coalesce(origin: Origin, told: Mapping[int, Told]) -> list[Receipt]:
    """Put outcomes of leaves of one origin into as few receipts as their bounds allow.

    The same outcomes give the same receipts: batches by outcome and reason, indices ascending.

    Args:
        origin: whose leaves they are.
        told: outcome by index.
    """
    by_outcome: dict[Told, list[int]] = defaultdict(list)
    for index in sorted(told):
        by_outcome[told[index]].append(index)
    receipts: list[Receipt] = []
    batches: list[ReceiptBatch] = []
    room = _ROOM
    for said in sorted(by_outcome):
        indices = by_outcome[said]
        start = 0
        while start < len(indices):
            taken, size = _fitting(said, indices, start, room)
            if not taken or len(batches) == BATCHES_MAX:
                receipts.append(Receipt(origin=origin, batches=tuple(batches)))
                batches, room = [], _ROOM
                continue
            part = tuple(indices[start : start + taken])
            batches.append(ReceiptBatch(outcome=said.outcome, reason=said.reason, indices=part))
            room -= size
            start += taken
    if batches:
        receipts.append(Receipt(origin=origin, batches=tuple(batches)))
    return receipts


def _fitting(said: Told, indices: Sequence[int], start: int, room: int) -> tuple[int, int]:
    """How many indices from `start` on fit into one batch of so many bytes, and its size."""
    size = _BATCH_BYTES + len(said.reason.encode())
    end = start
    while end < min(len(indices), start + INDICES_MAX):
        more = _varint(indices[end])
        if size + more > room:
            break
        size += more
        end += 1
    return end - start, size


def _varint(value: int) -> int:
    """Bytes of a number as protobuf writes it."""
    return max(1, -(-value.bit_length() // 7))


def about_ours(receipt: Receipt, speaker: Collection[Origin], own: Origin) -> bool:
    """Whether a receipt is of our leaves, and somebody else's word about them (Q13).

    Args:
        receipt: what was said.
        speaker: the logs of the one who said it.
        own: our log.
    """
    return receipt.origin == own and own not in speaker


def collect(
    said: Iterable[tuple[Origin, Receipt]],
    kinds: Mapping[int, int],
    outcomes: Collection[int] = frozenset(ReceiptOutcome),
) -> dict[tuple[Origin, int], Told]:
    """What each speaker said last of each of our leaves (Q12, Q13).

    Args:
        said: receipts of our leaves with their speakers; of one speaker in the order of its log.
        kinds: the kind of each of our leaves, by index.
        outcomes: those that are of interest.

    Returns:
        The outcome by speaker and index.
    """
    found: dict[tuple[Origin, int], Told] = {}
    for speaker, receipt in said:
        for index, told in _of_receipt(receipt, kinds):
            if told.outcome in outcomes:
                found[speaker, index] = told
    return found


def first_lifted(
    said: Iterable[tuple[Origin, int, Receipt]], kinds: Mapping[int, int]
) -> dict[tuple[Origin, int], int]:
    """Where each speaker first said that a listing of ours was lifted (Q12, Q14).

    Args:
        said: receipts of our leaves with their speakers and their own places in the speakers'
            logs; of one speaker in the order of its log.
        kinds: the kind of each of our leaves, by index.

    Returns:
        The place of the receipt by speaker and index; when that receipt was said is what witnesses
        of the speaker's log tell.
    """
    found: dict[tuple[Origin, int], int] = {}
    for speaker, place, receipt in said:
        for index, told in _of_receipt(receipt, kinds):
            if told.outcome == ReceiptOutcome.LIFTED:
                found.setdefault((speaker, index), place)
    return found


def _of_receipt(receipt: Receipt, kinds: Mapping[int, int]) -> Iterator[tuple[int, Told]]:
    """What a receipt says, of leaves of which anything can be said."""
    for batch in receipt.batches:
        told = Told(batch.outcome, batch.reason)
        for index in batch.indices:
            if kinds.get(index) in TOLD_KINDS:
                yield index, told
