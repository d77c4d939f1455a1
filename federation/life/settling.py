"""New statements meet what is already held: which listings change, and how.

`settle` is the only writer of listing states; the judgement itself is `federation.life.life`. It
asks the store a fixed number of set-based questions for a whole batch, whatever the batch contains.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from federation.ids import Origin
from federation.life import life
from federation.life.reading import ReadStatement, Rights
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
    was_read,
)
from federation.statements import Kind

REPEATED: Final = "statement.repeated"
SUPPRESSED: Final = "relief.suppressed"
RECORD_DIFFERS: Final = "relief.record-differs"
"""Rule of a relief whose payload names another record than its listing; the listing's counts."""
_BY_RECORD: Final = (*RELIEF_KINDS, Kind.RELISTING)
_KEEPS_STATE: Final = (State.SET_ASIDE, State.HELD)
_UNRELIEVED: Final = (*life.STANDING, State.EXPIRED)
"""States of a listing that no relief has ended; EXPIRED where its ERASURE says so (L15)."""

Place = tuple[int, int]


class Chains(Protocol):
    """Which logs belong together, by number in this store."""

    def chain(self, log: int) -> frozenset[int]:
        """The logs of the node's chain of epochs, this one among them."""
        ...

    def speaks_for(self, log: int, index: int) -> frozenset[int]:
        """The chain, and the logs of those for whom this leaf acts as delegate or successor."""
        ...

    def erases_for(self, log: int, index: int) -> frozenset[int]:
        """The chain, and the logs of members that have ended for whom this leaf acts (E2, L15)."""
        ...

    def spoke_for(self, log: int, index: int) -> frozenset[int]:
        """The logs of those for whom it no more acts, their delegation having ended before it."""
        ...

    def epoch(self, log: int) -> int:
        """Place of the log in its chain of epochs, oldest first."""
        ...

    def origin(self, log: int) -> Origin:
        """The log's name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the store must be told, in the transaction in which the questions were asked."""

    inserts: list[StatementRow]
    replaces: list[StatementRow]
    relieved: list[StatementRow]
    """Reliefs among the new statements that end a known record: a suppression tag is due."""
    relisted: list[StatementRow]
    """Opened, entitled RELISTINGs among the new statements: their tags are lifted."""


class _Known:
    """Rows that the settlement has in hand: of the batch, and fetched; the batch's win."""

    def __init__(self, batch: Iterable[StatementRow]) -> None:
        self.rows: dict[Place, StatementRow] = {(r.log, r.idx): r for r in batch}
        self.fetched: dict[Place, StatementRow] = {}

    def add(self, rows: Iterable[StatementRow]) -> None:
        """Take rows as the store has them, unless they are in hand."""
        for row in rows:
            place = (row.log, row.idx)
            if place not in self.rows:
                self.rows[place] = self.fetched[place] = row

    def put(self, row: StatementRow) -> None:
        """Replace a row in hand."""
        self.rows[row.log, row.idx] = row

    def of_kinds(self, kinds: Sequence[int]) -> list[StatementRow]:
        """The rows in hand of these kinds."""
        return [row for row in self.rows.values() if row.kind in kinds]


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
    known = _Known(batch)
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
        for row in _judge_all(affected, known, session, chains, rights, leaf_hashes):
            known.put(row)
    relisted = [
        row for row in batch if row.opening == OpeningStatus.PRESENT and _lifts(row, known, chains)
    ]
    if suppressed:
        # A tag that a RELISTING beside it lifts does not stand: batches may be cut anywhere.
        lifting = {(row.log, row.idx) for row in relisted}
        lifted = {one.key for one in statements if (one.row.log, one.row.idx) in lifting}
        set_by = sorted({place for reliefs in suppressed.values() for place in reliefs})
        known.add(session.rows_at(set_by))
        revoked = _revoked_among(set_by, known, session, chains)
        for one in statements:
            current = known.rows[one.row.log, one.row.idx]
            if (
                current.state in _UNRELIEVED
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
        relieved=_ending_their_record(own, known, session, chains, rights),
        relisted=relisted,
    )


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
    return _revoked_among(places, _Known(session.rows_at(places)), session, chains)


def _revoked_among(
    places: Iterable[Place], known: _Known, session: ReadSession, chains: Chains
) -> frozenset[Place]:
    rows = [known.rows[place] for place in places if place in known.rows]
    reliefs = [r for r in rows if r.kind in RELIEF_KINDS and r.record_tag is not None]
    tags = sorted({row.record_tag for row in reliefs if row.record_tag is not None})
    known.add(session.rows_by_record(tags, (Kind.RELISTING,)))
    named = _revoked(known.of_kinds((Kind.RELISTING,)), chains)
    return frozenset((r.log, r.idx) for r in reliefs if _is_revoked(r, named, chains))


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
    acts: Sequence[StatementRow], known: _Known, session: ReadSession, chains: Chains
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
                    record_tag=listing.record_tag,
                    rule=RECORD_DIFFERS if differs else act.rule,
                )
            )


def _say_whose(acts: Sequence[StatementRow], known: _Known, chains: Chains) -> None:
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


def _believe_erasures(known: _Known, chains: Chains) -> None:
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
    known: _Known,
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


def _fetch_acts(affected: Sequence[Place], known: _Known, session: ReadSession) -> None:
    """Fetch every statement that stands about the affected listings."""
    copies = [known.rows[place] for place in affected]
    in_store = [r.statement_id for r in copies if (r.log, r.idx) in known.fetched]
    known.add(session.rows_about(in_store))
    copies += known.of_kinds((Kind.RELISTING,))
    tags = sorted({row.record_tag for row in copies if row.record_tag})
    known.add(session.rows_by_record(tags, _BY_RECORD))
    known.add(session.rows_about([row.statement_id for row in known.of_kinds(RELIEF_KINDS)]))


def _judge_all(
    affected: Sequence[Place],
    known: _Known,
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
        if row.kind in _BY_RECORD and row.record_tag is not None:
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
        keeps = copy.state in _KEEPS_STATE or (
            copy.rule == SUPPRESSED
            and standing.state in _UNRELIEVED
            and not any(_lifts(row, known, chains) for row in found.values())
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


def _ending_their_record(
    batch: Sequence[StatementRow],
    known: _Known,
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
        if row.kind in LISTED_KINDS and row.state not in _KEEPS_STATE:
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


_Revoked = Mapping[tuple[int, bytes, bytes | None], Place]


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


def _lifts(relisting: StatementRow, known: _Known, chains: Chains) -> bool:
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
