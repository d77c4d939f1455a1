"""Which reliefs end a record: the tags that they set, and what revokes them (SPEC §6.5).

A tag keeps later listings of the record away, whoever brings them; a RELISTING of the chain that
said the relief lifts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from federation.life import life
from federation.life._known import Known
from federation.life.chains import Chains, Place
from federation.life.reading import Rights
from federation.ports.store import ReadSession
from federation.rows import (
    LISTED_KINDS,
    RELIEF_KINDS,
    State,
    StatementRow,
    was_read,
)
from federation.statements import Kind

SUPPRESSED: Final = "relief.suppressed"
RECORD_DIFFERS: Final = "relief.record-differs"
"""Rule of a relief whose payload names another record than its listing; the listing's counts."""
KEEPS_STATE: Final = (State.SET_ASIDE, State.HELD)
UNRELIEVED: Final = (*life.STANDING, State.EXPIRED)
"""States of a listing that no relief has ended; EXPIRED where its ERASURE says so (L15)."""

_Revoked = Mapping[tuple[int, bytes, bytes | None], Place]


def tag_reaches(relief: Place, log: int, authority: str, chains: Chains, rights: Rights) -> bool:
    """Whether a suppression tag, for the relief that set it, keeps a listing of its record away.

    Whoever may end the listing itself may: by its competence for the record's authority, or
    because it may act on the listings of this log (SPEC §6.5); within the cut of today alone.

    Args:
        relief: log and index of the relief.
        log: of the listing; our own for what is imported.
        authority: the record's.
        chains: which logs belong together.
        rights: what the charters allow.
    """
    speaker, index = relief
    origin = chains.origin(speaker)
    if not rights.within_cut(origin, index):
        return False  # it suspends what it names (L13), as where it came after the cut was known
    return log in chains.speaks_for(speaker, index) or rights.relief_reaches(
        origin, index, authority, chains.origin(log)
    )


def revoked_reliefs(
    places: Sequence[Place], session: ReadSession, chains: Chains
) -> frozenset[Place]:
    """Those of these reliefs that a RELISTING names: the tags that they set reach nothing (L3).

    What stands in another history of a forked log (`node.peers.fork_relief`) has no row here, and
    RELISTINGs of that history revoke nothing.
    """
    return revoked_among(places, Known(session.rows_at(places)), session, chains)


def revoked_among(
    places: Iterable[Place], known: Known, session: ReadSession, chains: Chains
) -> frozenset[Place]:
    """See `revoked_reliefs`; the rows are in hand."""
    rows = [known.rows[place] for place in places if place in known.rows]
    reliefs = [r for r in rows if r.kind in RELIEF_KINDS and r.record_tag is not None]
    tags = sorted({row.record_tag for row in reliefs if row.record_tag is not None})
    known.add(session.rows_by_record(tags, (Kind.RELISTING,)))
    named = _revoked(known.of_kinds((Kind.RELISTING,)), chains)
    return frozenset((r.log, r.idx) for r in reliefs if _is_revoked(r, named, chains))


def ending_their_record(
    batch: Sequence[StatementRow],
    known: Known,
    session: ReadSession,
    chains: Chains,
    rights: Rights,
) -> list[StatementRow]:
    """Reliefs of a known record that may end it: within the cut, and by whom it concerns.

    One that a RELISTING has revoked ends nothing, although its opening came only now.

    Their origin is competent for the record's authority, or they name a listing of the record in
    a log for which they speak, and that listing counts. Anybody else's relief would otherwise
    keep every later listing of the record away.
    """
    reliefs = [r for r in batch if r.kind in RELIEF_KINDS and r.record_tag is not None]
    if not reliefs:
        return []
    tags = sorted({r.record_tag for r in reliefs if r.record_tag is not None})
    known.add(session.rows_by_record(tags, (Kind.RELISTING,)))
    revoked = _revoked(known.of_kinds((Kind.RELISTING,)), chains)
    counted: dict[bytes, list[StatementRow]] = defaultdict(list)
    for row in known.rows.values():
        if row.kind in LISTED_KINDS and row.state not in KEEPS_STATE:
            counted[row.statement_id].append(row)
    result: list[StatementRow] = []
    for relief in reliefs:
        if _is_revoked(relief, revoked, chains):
            continue
        origin = chains.origin(relief.log)
        competent = relief.rule != RECORD_DIFFERS and rights.competent(
            origin, relief.idx, relief.authority
        )
        ours = chains.speaks_for(relief.log, relief.idx)
        names_its_own = relief.about is not None and any(
            listing.record_tag == relief.record_tag and listing.log in ours
            for listing in counted[relief.about]
        )
        if (competent or names_its_own) and rights.within_cut(origin, relief.idx):
            result.append(relief)
    return result


def _revoked(relistings: Iterable[StatementRow], chains: Chains) -> _Revoked:
    """(log, statement id, record) of what opened RELISTINGs of its chain name → newest place."""
    found: dict[tuple[int, bytes, bytes | None], Place] = {}
    for row in relistings:
        if row.state == State.IN_FORCE and was_read(row):
            place = chains.epoch(row.log), row.idx
            for name in life.named_reliefs(row):
                for log in chains.chain(row.log):
                    key = log, name, row.record_tag
                    found[key] = max(place, found.get(key, life.NOWHERE))
    return found


def _is_revoked(relief: StatementRow, revoked: _Revoked, chains: Chains) -> bool:
    """Whether a RELISTING that stands after it in its chain names a relief (L3)."""
    by = revoked.get((relief.log, relief.statement_id, relief.record_tag))
    return by is not None and (chains.epoch(relief.log), relief.idx) < by


def lifts(relisting: StatementRow, known: Known, chains: Chains) -> bool:
    """Whether a RELISTING lifts its record's suppression tag (SPEC §6.5).

    It must name a relief of its own chain for that record, and no relief of the record may be
    left that its own chain's RELISTINGs do not name.
    """
    if (
        relisting.kind != Kind.RELISTING
        or relisting.state != State.IN_FORCE
        or not was_read(relisting)
        or relisting.record_tag is None
    ):
        return False
    record = [row for row in known.rows.values() if row.record_tag == relisting.record_tag]
    named = _revoked((row for row in record if row.kind == Kind.RELISTING), chains)
    reliefs = [row for row in record if row.kind in RELIEF_KINDS]
    return bool(reliefs) and all(_is_revoked(row, named, chains) for row in reliefs)
