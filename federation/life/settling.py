"""Settling: which listings new statements change, also copies in other logs, and how.

`settle` is the only writer of listing states; the judgement itself is `federation.life.life`. It
asks the store a fixed number of set-based questions for a whole batch, whatever the batch contains.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from federation.life import life
from federation.life._judged import BY_RECORD, judge_all
from federation.life._known import Known
from federation.life.chains import Chains, Place
from federation.life.reading import ReadStatement, Rights
from federation.life.suppression import (
    RECORD_DIFFERS,
    SUPPRESSED,
    UNRELIEVED,
    ending_their_record,
    lifts,
    revoked_among,
    tag_reaches,
)
from federation.ports.store import ReadSession
from federation.rows import (
    LISTED_KINDS,
    NOT_YOURS,
    RELIEF_KINDS,
    UNKNOWN_RULES,
    OpeningStatus,
    State,
    StatementRow,
    is_act,
    may_be_erased,
    proves_erasure,
    suspends_late,
)
from federation.statements import Kind

REPEATED: Final = "statement.repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the store must be told, in the transaction in which the questions were asked."""

    inserts: list[StatementRow]
    replaces: list[StatementRow]
    relieved: list[StatementRow]
    """Reliefs among the new statements that end a known record: a suppression tag is due."""
    relisted: list[StatementRow]
    """Opened, entitled RELISTINGs among the new statements: their tags are lifted."""


def settle(
    statements: Sequence[ReadStatement],
    session: ReadSession,
    *,
    chains: Chains,
    rights: Rights,
    leaf_hashes: Mapping[Place, bytes],
    suppressed: Mapping[bytes, Sequence[Place]] | None = None,
    stored: bool = False,
) -> Changes:
    """Settle new (or newly opened) statements of one log.

    Args:
        statements: rows read from leaves, in the order of the log.
        session: the transaction in which the changes will be written.
        chains: which logs belong together.
        rights: what the charters allow.
        leaf_hashes: hashes of the batch's leaves, by (log, index).
        suppressed: record keys (packed) that a standing suppression tag matches, each with the
            reliefs that set it.
        stored: the statements already have rows, which are replaced (late openings, charters).

    Returns:
        Rows to insert and to replace.
    """
    batch = [statement.row for statement in statements]
    if not stored:
        batch = _set_repeated_aside(batch, session, chains)
    known = Known(batch)
    listed = [row for row in batch if row.kind in LISTED_KINDS]
    absent = [row for row in batch if row.kind not in LISTED_KINDS and may_be_erased(row)]
    known.add(session.rows_about([row.statement_id for row in (*listed, *absent)]))
    acts = [row for row in known.rows.values() if is_act(row)]
    if acts:
        _link_reliefs(acts, known, session, chains)
        _say_whose(acts, known, chains)
        _believe_erasures(known, chains)
    affected = _affected(listed, acts, known, session)
    _fetch_acts(affected, known, session)
    if acts or known.fetched:  # else nothing acts on anything here, as in most batches
        for row in judge_all(affected, known, session, chains, rights, leaf_hashes):
            known.put(row)
    relisted = [
        row for row in batch if row.opening == OpeningStatus.PRESENT and lifts(row, known, chains)
    ]
    if suppressed:
        # A tag that a RELISTING beside it lifts does not stand: batches may be cut anywhere.
        lifting = {(row.log, row.idx) for row in relisted}
        lifted = {one.key for one in statements if (one.row.log, one.row.idx) in lifting}
        set_by = sorted({place for reliefs in suppressed.values() for place in reliefs})
        known.add(session.rows_at(set_by))
        revoked = revoked_among(set_by, known, session, chains)
        for one in statements:
            current = known.rows[one.row.log, one.row.idx]
            if (
                current.state in UNRELIEVED
                and one.key not in lifted
                and any(
                    tag_reaches(relief, current.log, current.authority, chains, rights)
                    for relief in suppressed.get(one.key, ())
                    if relief not in revoked
                )
            ):
                known.put(current._replace(state=State.REPAIRED, rule=SUPPRESSED))
    own = [known.rows[row.log, row.idx] for row in batch]
    return Changes(
        inserts=[] if stored else own,
        replaces=(own if stored else [])
        + [known.rows[place] for place, row in known.fetched.items() if known.rows[place] != row],
        relieved=ending_their_record(own, known, session, chains, rights),
        relisted=relisted,
    )


def _set_repeated_aside(
    batch: list[StatementRow], session: ReadSession, chains: Chains
) -> list[StatementRow]:
    """Of two statements with one id the first counts, but relief acts all the same (SPEC §5.3)."""
    if not batch:
        return batch
    logs = sorted(chains.chain(batch[0].log))
    ids = [row.statement_id for row in batch]
    taken = {row.statement_id for row in session.rows_by_id(logs, ids)}
    result: list[StatementRow] = []
    for row in batch:
        if (
            row.statement_id in taken
            and row.kind not in RELIEF_KINDS
            and row.kind != 0
            and row.rule not in UNKNOWN_RULES  # S2-S4 come first: L8 reads its flag
        ):
            result.append(row._replace(state=State.SET_ASIDE, rule=REPEATED))
        else:
            result.append(row)
        taken.add(row.statement_id)
    return result


def _link_reliefs(
    acts: Sequence[StatementRow], known: Known, session: ReadSession, chains: Chains
) -> None:
    """Give each relief the record of the listing that it names, if that is known.

    "A reader takes it from the listing's opening, else from the relief's; if they differ the
    listing's counts."
    """
    known.add(session.rows_by_id(None, sorted({row.about for row in acts if row.about})))
    by_id: dict[bytes, list[StatementRow]] = defaultdict(list)
    for row in known.rows.values():
        if row.kind in LISTED_KINDS and row.rule != REPEATED and row.record_tag is not None:
            by_id[row.statement_id].append(row)
    for act in acts:
        if act.kind not in RELIEF_KINDS or act.about is None:
            continue
        ours, speaks = chains.chain(act.log), chains.speaks_for(act.log, act.idx)
        listing = min(
            (one for one in by_id[act.about] if one.log in speaks),
            key=lambda one: (one.log not in ours, chains.origin(one.log), one.idx),
            default=None,
        )
        if listing is not None and listing.record_tag != act.record_tag:
            differs = act.record_tag is not None
            known.put(
                act._replace(
                    tag=listing.record_tag,
                    rule=RECORD_DIFFERS if differs else act.rule,
                )
            )


def _say_whose(acts: Sequence[StatementRow], known: Known, chains: Chains) -> None:
    """Tell acts about what others have said from those whose speaker may act (SPEC §6.2, direct).

    All that the acts name is in hand. What names nothing that is held waits, and has no code.
    """
    named: dict[bytes, set[int]] = defaultdict(set)
    for row in known.rows.values():
        if row.kind in (*LISTED_KINDS, *RELIEF_KINDS) and row.rule != REPEATED:
            named[row.statement_id].add(row.log)
    for place in {(act.log, act.idx) for act in acts}:
        act = known.rows[place]
        if act.state != State.IN_FORCE or act.about is None or act.rule not in ("", NOT_YOURS):
            continue
        if act.kind == Kind.ERASURE:
            continue  # says something of an opening, and acts on its own chain's alone (L15)
        own = (
            chains.chain(act.log)
            if act.kind == Kind.RELISTING
            else chains.speaks_for(act.log, act.idx)
        )
        if suspends_late(act):
            own |= chains.spoke_for(act.log, act.idx)  # it suspends (L13)
        logs = named[act.about]
        rule = NOT_YOURS if logs and logs.isdisjoint(own) else ""
        if act.rule != rule:
            known.put(act._replace(rule=rule))


def _believe_erasures(known: Known, chains: Chains) -> None:
    """Where it is said by who may that an opening was erased, it is no longer asked for (E2).

    By the leaves that are held alone, in whatever order they came; no deliverer's word counts.
    """
    erased: dict[bytes, set[int]] = defaultdict(set)
    for row in known.rows.values():
        if row.about is not None and proves_erasure(row):
            erased[row.about] |= chains.erases_for(row.log, row.idx)
    for row in list(known.rows.values()) if erased else ():
        if row.log in erased.get(row.statement_id, ()) and may_be_erased(row):
            known.put(row._replace(opening=OpeningStatus.ERASED))


def _affected(
    listed: Sequence[StatementRow],
    acts: Sequence[StatementRow],
    known: Known,
    session: ReadSession,
) -> list[Place]:
    """Places of all listings whose judgement may change: new ones, and those acted upon."""
    affected = {(row.log, row.idx) for row in listed}
    if acts:
        abouts = {row.about for row in acts if row.about}
        named = {
            name for row in acts if row.kind == Kind.RELISTING for name in life.named_reliefs(row)
        }
        known.add(session.rows_by_id(None, sorted(named | abouts)))
        reliefs = [
            row
            for row in known.of_kinds(RELIEF_KINDS)
            if row.statement_id in named or row.statement_id in abouts
        ]
        abouts |= {row.about for row in reliefs if row.about}
        known.add(session.rows_by_id(None, sorted(abouts)))
        linked = (known.rows[row.log, row.idx] for row in (*acts, *reliefs))
        tags = {row.record_tag for row in linked if row.record_tag is not None}
        known.add(session.rows_by_record(sorted(tags), LISTED_KINDS))
        affected |= {
            (row.log, row.idx)
            for row in known.of_kinds(LISTED_KINDS)
            if row.statement_id in abouts or row.record_tag in tags
        }
    return sorted(affected)


def _fetch_acts(affected: Sequence[Place], known: Known, session: ReadSession) -> None:
    """Fetch every statement that stands about the affected listings."""
    copies = [known.rows[place] for place in affected]
    in_store = [r.statement_id for r in copies if (r.log, r.idx) in known.fetched]
    known.add(session.rows_about(in_store))
    copies += known.of_kinds((Kind.RELISTING,))
    tags = sorted({row.record_tag for row in copies if row.record_tag})
    known.add(session.rows_by_record(tags, BY_RECORD))
    known.add(session.rows_about([row.statement_id for row in known.of_kinds(RELIEF_KINDS)]))
