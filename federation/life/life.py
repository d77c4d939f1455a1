"""The life of a listing: the one place that knows it (SPEC §6.3).

A listing's state is a function of the *set* of statements that stand about it, never of the order
in which they arrived, so that nothing late or replayed can revive it:

             ┌──────── objection open (annotated) ────────┐
             ▼                                            │
 LISTING ─► active ──(masking begun)──► masked ──(ended)─► active
             │  │  │
             │  │  └── longest publication period over ─► expired   (by clock)
             │  └───── REPAIR ─► repaired ── RELISTING of that repair ─► active (new payload)
             └──────── WITHDRAWAL ─► withdrawn

Rules (numbers are stable; each has a test that fails without it):

    L1  relief acts on the proved leaf alone, opened or not
    L2  relief ends every copy of its record, whatever log brought it, if its origin is competent
        for the determining authority
    L3  a relief stands unless an opened RELISTING of its own chain and record, said after it,
        names it
    L4  a standing WITHDRAWAL outweighs a REPAIR
    L5  masking and pausing act on the header; only an opened end that names that leaf ends them
    L6  relief outweighs expiry, expiry outweighs masking, masking outweighs pausing
    L7  while two CORRECTIONs replace one leaf, or one cannot be read, or RELISTINGs of two chains
        stand, the listing does not punish
    L8  an unknown statement with flag bit 0 suspends punitive use of what it is about
    L9  an open objection is shown, and changes nothing else
    L10 an unopened listing does not punish
    L11 a listing whose last day has passed is expired
    L12 a correction never widens: same record and kind, no longer period; else it has no effect;
        a RELISTING with a payload of another kind has none either
    L13 a relief beyond the cut of its segment, or beyond the end of the delegation under which it
        would act, suspends until a person or the successor decides; so does a masking or pause
        begun beyond the end of a delegation
    L14 a listing whose record is spelt like a relieved one is held until a person decides; this one
        needs tags beside the acts, and is found out in `federation.life.similar`
    L15 where no relief stands and no RELISTING is in force, an opened ERASURE of the listing's own
        chain (or of who acts for its member since that has ended) that names it gives the state by
        its ground: repaired, withdrawn, expired; by an order the listing does not punish
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from federation.ids import Date
from federation.life.annotations import Said, still_open
from federation.payloads import ErasureGround
from federation.rows import (
    RELIEF_KINDS,
    UNKNOWN_RULES,
    OpeningStatus,
    State,
    StatementRow,
    proves_erasure,
    suspends_late,
    was_read,
)
from federation.statements import FLAG_SUSPEND_IF_UNKNOWN, AnnotationAction, Kind

STANDING: Final = (State.ACTIVE, State.MASKED, State.PAUSED)
"""The states of a listing that nothing has ended: not relieved, withdrawn or expired."""


class Act(NamedTuple):
    """A statement about a listing, with what the judgement needs beside its row."""

    row: StatementRow
    leaf_hash: bytes
    direct: bool
    """Its `about` is the listing (or, for a RELISTING, a relief of the listing), and its speaker
    issued the listing or is the issuer's delegate."""
    follows: bool
    """A relief that reaches the listing through the record key (rule L2)."""
    within_cut: bool
    """Its leaf lies within a segment of its origin, and within the delegation if it acts by one
    (L13)."""
    same_chain: frozenset[int]
    """Logs of the speaker's chain of epochs: a RELISTING revokes only reliefs of these."""
    epoch: int
    """Place of its log in that chain: what is later there does not hang on the store's numbers."""
    erases: bool
    """An ERASURE that it says is believed of the listing's log (L15)."""

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in its chain."""
        return self.epoch, self.row.idx


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The judgement on one listing, without the clock."""

    state: State
    rule: str
    """Empty, or the code of what ended it or of the doubt for which it does not punish."""
    current: StatementRow
    """The statement whose payload is in force: the listing, a correction or a relisting."""
    objection_open: bool
    header_state: State


PRECEDENCE: Final[tuple[tuple[State, str], ...]] = (
    (State.WITHDRAWN, "withdrawal stands"),  # L4
    (State.REPAIRED, "repair stands"),  # L1, L2
    (State.EXPIRED, "last day of publication has passed"),  # L6, L11, L15
    (State.MASKED, "masking begun and not ended"),  # L5, L6
    (State.PAUSED, "paused and not resumed"),  # L5
    (State.ACTIVE, "none of these"),
)
"""The decision table: the first row whose condition holds is the state. Being an ordered list of
conditions on a set, it answers every event in every state (masked → expired, repaired →
withdrawn, withdrawn → repaired stays withdrawn)."""

UNOPENED: Final = "correction.unopened"
"""Rule of a listing while what corrects it cannot be read (L7)."""

OPENING_MISSING: Final = "opening.missing"
"""Rule of a listing whose opening is not held (L10)."""

ERASURE_RULES: Final = {
    ErasureGround.WITHDRAWN: "erasure.withdrawn",
    ErasureGround.REPAIRED: "erasure.repaired",
    ErasureGround.EXPIRED: "erasure.expired",
    ErasureGround.ORDERED: "erasure.ordered",
}
"""Rule of a listing whose state the ground of its ERASURE gives (L15); of several grounds the one
that stands first here counts."""
SIMILAR: Final = "relief.similar"
"""Rule of a listing that is held for a relieved record like its own (L14)."""

NOWHERE: Final = (-1, -1)
"""A place before every leaf of a chain."""


def judge(listing: StatementRow, leaf_hash: bytes, acts: Sequence[Act]) -> Standing:
    """Judge a listing by all statements that stand about it.

    Args:
        listing: row of a LISTING or COMMENDATION.
        leaf_hash: its leaf hash.
        acts: every statement about it, in any order, without repetition of a leaf.
    """
    standing = _standing_reliefs(listing.kind, acts)
    ground = None if standing else _erased_on(listing, acts)
    withdrawn = any(act.row.kind == Kind.WITHDRAWAL for act in standing)
    said = still_open(Said(act.row, act.leaf_hash) for act in acts if act.direct)
    begun = {one.row.action for one in said}  # L5
    holds = {
        State.WITHDRAWN: withdrawn or ground == ErasureGround.WITHDRAWN,
        State.REPAIRED: bool(standing) or ground == ErasureGround.REPAIRED,
        State.EXPIRED: ground == ErasureGround.EXPIRED,
        State.MASKED: AnnotationAction.MASKING_BEGUN in begun,
        State.PAUSED: AnnotationAction.PAUSED in begun,
        State.ACTIVE: True,
    }
    state = next(state for state, _ in PRECEDENCE if holds[state])
    current, doubt = _current_payload(listing, leaf_hash, acts)
    if standing:
        direct = any(act.direct for act in standing)
        rule = "relief.direct" if direct else "relief.follows-record"
    elif ground is not None:
        rule = ERASURE_RULES[ground]
    else:
        rule = doubt or _suspension(acts)
        if not rule and listing.opening != OpeningStatus.PRESENT:
            rule = OPENING_MISSING  # L10
    return Standing(
        state=state,
        rule=rule,
        current=current,
        objection_open=AnnotationAction.OBJECTION_OPENED in begun,
        header_state=_header_state(listing, acts),
    )


def at(state: State, until: Date, today: Date) -> State:
    """Apply the clock to a stored state (L6, L11); `today` is the date in Asia/Shanghai."""
    if state in STANDING and until and until < today:
        return State.EXPIRED
    return state


def _standing_reliefs(kind: int, acts: Sequence[Act]) -> list[Act]:
    """Reliefs that no later RELISTING of their own chain, opened and in force, names (L1-L3)."""
    revoked: dict[tuple[int, bytes, bytes | None], tuple[int, int]] = {}
    for act in acts:
        if _relists(act.row, kind):
            for name in named_reliefs(act.row):
                for record in (act.row.record_tag, None):
                    for log in act.same_chain:
                        key = log, name, record
                        revoked[key] = max(act.place, revoked.get(key, NOWHERE))
    return [
        act
        for act in acts
        if act.row.kind in RELIEF_KINDS
        and (act.direct or act.follows)
        and act.within_cut
        and act.place
        >= revoked.get((act.row.log, act.row.statement_id, act.row.record_tag), NOWHERE)
    ]


def _erased_on(listing: StatementRow, acts: Sequence[Act]) -> ErasureGround | None:
    """On which ground it is said, by who may, that the listing's opening was erased (L15).

    After a RELISTING another payload is in force, of which such an ERASURE says nothing.
    """
    if any(act.direct and _relists(act.row, listing.kind) for act in acts):
        return None
    grounds = {
        act.row.names
        for act in acts
        if act.erases and act.row.about == listing.statement_id and proves_erasure(act.row)
    }
    return next((ground for ground in ERASURE_RULES if bytes([ground]) in grounds), None)


def named_reliefs(relisting: StatementRow) -> tuple[bytes, ...]:
    """Statement ids of the reliefs that an opened RELISTING names."""
    names = relisting.names or b""
    return tuple(names[i : i + 16] for i in range(0, len(names) - 15, 16))


def _relists(row: StatementRow, kind: int) -> bool:
    """Whether a statement is an opened RELISTING that its speaker may say, of this kind (L3)."""
    return (
        row.kind == Kind.RELISTING
        and was_read(row)
        and row.state == State.IN_FORCE
        and _is_of(row, kind)
    )


def _is_of(row: StatementRow, kind: int) -> bool:
    """Whether the payload within a CORRECTION or RELISTING is of the kind of what it changes.

    The last byte of `names` tells it; a row that was read before it was kept has none.
    """
    names = row.names or b""
    return len(names) % 16 != 1 or names[-1] == kind


def _suspension(acts: Iterable[Act]) -> str:
    """Code of the statement for which punitive use is suspended (L13, then L8), or empty."""
    unknown = ""
    for act in acts:
        row = act.row
        late = act.direct or act.follows or row.kind == Kind.ANNOTATION
        if suspends_late(row) and not act.within_cut and late:
            return "suspended.relief-beyond-cut"
        if act.direct and row.rule in UNKNOWN_RULES and row.flags & FLAG_SUSPEND_IF_UNKNOWN:
            unknown = "suspended.unknown-statement"
    return unknown


def _current_payload(
    listing: StatementRow, leaf_hash: bytes, acts: Sequence[Act]
) -> tuple[StatementRow, str]:
    """Follow RELISTING and CORRECTIONs from the listing to the payload in force (L7, L12)."""
    relistings = [
        act
        for act in acts
        if act.direct
        and _relists(act.row, listing.kind)
        and act.row.record_tag == listing.record_tag
    ]
    if len({act.same_chain for act in relistings}) > 1:
        return listing, "correction.conflict"  # nobody can say which of two chains spoke later
    newest = max(relistings, key=lambda act: act.place, default=None)
    base, base_hash = (listing, leaf_hash) if newest is None else (newest.row, newest.leaf_hash)
    # What stood before a RELISTING corrected the old payload, and may have been erased with it.
    corrections = [
        act
        for act in acts
        if act.direct
        and act.row.kind == Kind.CORRECTION
        and (newest is None or act.row.log not in newest.same_chain or act.place > newest.place)
    ]
    if any(not was_read(act.row) or act.row.state == State.HELD for act in corrections):
        return base, UNOPENED
    replaces: dict[bytes, list[Act]] = {}
    for act in corrections:
        if act.row.state == State.IN_FORCE and act.row.names:
            replaces.setdefault(act.row.names[:32], []).append(act)
    seen = {base_hash}
    while followers := [
        a
        for a in replaces.get(base_hash, ())
        if _narrows(base, a.row) and _is_of(a.row, listing.kind)
    ]:
        if len(followers) > 1:
            return base, "correction.conflict"
        base, base_hash = followers[0].row, followers[0].leaf_hash
        if base_hash in seen:
            break
        seen.add(base_hash)
    # What this node has erased counts as read, but of a payload that is not held nothing punishes.
    gone = base.opening != OpeningStatus.PRESENT and listing.opening == OpeningStatus.PRESENT
    return base, UNOPENED if gone else ""


def _narrows(replaced: StatementRow, correction: StatementRow) -> bool:
    """Whether a correction keeps the record and does not lengthen the period (L12)."""
    return correction.record_tag == replaced.record_tag and (
        not replaced.until or 0 < correction.until <= replaced.until
    )


def _header_state(listing: StatementRow, acts: Sequence[Act]) -> State:
    """State by the headers of the listing's own log alone, for `log_state`.

    Ends of annotations and RELISTINGs need their opening and therefore do not count here: the
    result must be equal at every node that holds the same leaves, whatever it may read.
    """
    own = [a.row for a in acts if a.row.log == listing.log and a.row.about == listing.statement_id]
    if any(row.kind == Kind.WITHDRAWAL for row in own):
        return State.WITHDRAWN
    if any(row.kind == Kind.REPAIR for row in own):
        return State.REPAIRED
    annotations = {row.action for row in own if row.kind == Kind.ANNOTATION}
    if AnnotationAction.MASKING_BEGUN in annotations:
        return State.MASKED
    if AnnotationAction.PAUSED in annotations:
        return State.PAUSED
    return State.ACTIVE
