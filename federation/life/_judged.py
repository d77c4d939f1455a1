"""Listings judged anew by all that stands about them; the judgement is `federation.life.life`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from federation.life import life
from federation.life._known import Known
from federation.life.chains import Chains, Place
from federation.life.reading import Rights
from federation.life.suppression import KEEPS_STATE, SUPPRESSED, UNRELIEVED, lifts
from federation.ports.store import ReadSession
from federation.rows import (
    RELIEF_KINDS,
    StatementRow,
    is_act,
    suspends_late,
)
from federation.statements import Kind

BY_RECORD: Final = (*RELIEF_KINDS, Kind.RELISTING)


def judge_all(
    affected: Sequence[Place],
    known: Known,
    session: ReadSession,
    chains: Chains,
    rights: Rights,
    leaf_hashes: Mapping[Place, bytes],
) -> list[StatementRow]:
    """Judge each affected listing by its acts; listings without any stay as they were read."""
    about: dict[bytes, list[StatementRow]] = defaultdict(list)
    by_record: dict[bytes, list[StatementRow]] = defaultdict(list)
    for row in known.rows.values():
        if row.about is not None and is_act(row):
            about[row.about].append(row)
        if row.kind in BY_RECORD and row.record_tag is not None:
            by_record[row.record_tag].append(row)
    candidates: dict[Place, dict[Place, StatementRow]] = {}
    for place in affected:
        copy = known.rows[place]
        if found := _candidates(copy, about, by_record):
            candidates[place] = found
    hashes = _leaf_hashes(candidates, session, leaf_hashes)
    result: list[StatementRow] = []
    for place, found in candidates.items():
        copy = known.rows[place]
        acts = _acts(copy, found, chains, rights, hashes)
        standing = life.judge(copy, hashes[place], acts)
        keeps = copy.state in KEEPS_STATE or (
            copy.rule == SUPPRESSED
            and standing.state in UNRELIEVED
            and not any(lifts(row, known, chains) for row in found.values())
        )
        # A row can only point into its own log: of a payload in another one nothing is punished.
        here = standing.current.log == copy.log
        rule = standing.rule or ("" if here else life.UNOPENED)
        result.append(
            copy._replace(
                state=copy.state if keeps else standing.state,
                rule=copy.rule if keeps else rule,
                header_state=standing.header_state,
                current=standing.current.idx if here else copy.idx,
            )
        )
    return result


def _candidates(
    copy: StatementRow,
    about: Mapping[bytes, Sequence[StatementRow]],
    by_record: Mapping[bytes, Sequence[StatementRow]],
) -> dict[Place, StatementRow]:
    """All statements that may act on a listing: about it, on its record, or about its reliefs."""
    found = [*about.get(copy.statement_id, ())]
    if copy.record_tag is not None:
        found += by_record.get(copy.record_tag, ())
    for relief in [row for row in found if row.kind in RELIEF_KINDS]:
        found += [r for r in about.get(relief.statement_id, ()) if r.kind == Kind.RELISTING]
    return {(row.log, row.idx): row for row in found}


def _leaf_hashes(
    candidates: Mapping[Place, Mapping[Place, StatementRow]],
    session: ReadSession,
    in_batch: Mapping[Place, bytes],
) -> dict[Place, bytes]:
    """Leaf hashes of the listings judged and of their acts."""
    places = set(candidates).union(*candidates.values()) if candidates else set()
    missing = sorted(places - in_batch.keys())
    fetched = zip(missing, session.leaf_hashes(missing), strict=True) if missing else ()
    return {place: in_batch[place] for place in places & in_batch.keys()} | dict(fetched)


def _acts(
    copy: StatementRow,
    candidates: Mapping[Place, StatementRow],
    chains: Chains,
    rights: Rights,
    hashes: Mapping[Place, bytes],
) -> list[life.Act]:
    """Say of each statement how it relates to this copy."""
    named_directly = {
        row.statement_id
        for row in candidates.values()
        if row.kind in RELIEF_KINDS and row.about == copy.statement_id
    }
    acts: list[life.Act] = []
    for place, row in candidates.items():
        may_act = copy.log in chains.speaks_for(row.log, row.idx)
        about_listing = row.about == copy.statement_id
        about_relief = row.kind == Kind.RELISTING and row.about in named_directly
        follows = (
            row.kind in RELIEF_KINDS
            and row.record_tag is not None
            and row.record_tag == copy.record_tag
            and rights.relief_reaches(
                chains.origin(row.log), row.idx, copy.authority, chains.origin(copy.log)
            )
        )
        # Said under a delegation that was closed below it: not lost, as beyond a cut (L13).
        late = (
            suspends_late(row)
            and about_listing
            and not (may_act or follows)
            and copy.log in chains.spoke_for(row.log, row.idx)
        )
        acts.append(
            life.Act(
                row=row,
                leaf_hash=hashes[place],
                direct=(late and row.kind in RELIEF_KINDS)
                or (may_act and (about_listing or about_relief)),
                follows=follows,
                within_cut=not late
                and (
                    row.kind not in RELIEF_KINDS
                    or rights.within_cut(chains.origin(row.log), row.idx)
                ),
                same_chain=chains.chain(row.log),
                epoch=chains.epoch(row.log),
                erases=row.kind == Kind.ERASURE and copy.log in chains.erases_for(row.log, row.idx),
            )
        )
    return acts
