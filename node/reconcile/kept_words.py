"""What was said of listings, as it is kept: it needs neither catalog nor base library.

Persons decide cases, a department says that its match was of another subject (OC1), an export of
信用中国 that a listing has ended (NE1). Judging puts that into what it finds
(`node.reconcile.judging`); while the base library is damaged, `by_words` alone holds (F57).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from federation.life.life import SIMILAR
from federation.ports.findings import Place
from federation.ports.store import ReadSession
from federation.reconcile.cases import contradicted, decided, of_another, question_kept
from federation.reconcile.copies import stands
from federation.reconcile.findings import DECIDABLE, RULES, Finding, Outcome
from federation.rows import JUDGED_KINDS, StatementRow

_USED: Final = frozenset({Outcome.APPLIED, Outcome.MERGED})


def by_words(session: ReadSession, rows: Iterable[StatementRow]) -> dict[Place, int]:
    """What words take out of use, by what is kept of listings: no library is asked (F57).

    Returns:
        The finding of each listing among `rows`, and of their copies, that is held or rejected
        now by what persons, a department or an export of 信用中国 said, and was found otherwise
        before. Nothing comes into use by it.
    """
    listings = {(r.log, r.idx): r for r in rows if r.kind in JUDGED_KINDS}
    groups = copies_of(session, listings)
    others = {p for group in groups for p in group} - listings.keys()
    listings |= {(r.log, r.idx): r for r in session.rows_at(sorted(others))}
    standing = {place: row for place, row in listings.items() if stands(row)}
    ours = {head.log for head in session.heads() if head.ours}
    before = session.findings(list(standing))
    words = session.decisions(list(standing))
    found: dict[Place, int] = {}
    for place, row in standing.items():
        kept = before.get(place, Finding.NONE)
        said = words.get(place, ())
        asked = Finding.SIMILAR if row.rule == SIMILAR else question_kept(said, kept)
        if asked:
            now = decided(said, asked) or asked
            kept = kept if now is Finding.DECIDED_USE else now
        found[place] = kept
    used = [p for p, f in found.items() if is_used(f) or (not f and p[0] in ours)]
    found |= contradicted_of(session, {p: found[p] for p in used})
    found |= of_another_of(session, used, groups)
    return {
        place: finding
        for place, finding in found.items()
        if finding != before.get(place, Finding.NONE) and not is_used(finding)
    }


def decide(session: ReadSession, found: dict[Place, int]) -> None:
    """Put in what persons decided about what is held."""
    held = [place for place, finding in found.items() if finding in DECIDABLE]
    if held:
        for place, said in session.decisions(held).items():
            found[place] = decided(said, found[place]) or found[place]


def contradicted_of(session: ReadSession, found: Mapping[Place, int]) -> dict[Place, int]:
    """Of what would be used here, what an export of 信用中国 says has ended (NE1)."""
    used = [p for p, f in found.items() if f in RULES and RULES[f].outcome is Outcome.APPLIED]
    said = session.decisions(used) if used else {}
    held = {place: contradicted(decisions) for place, decisions in said.items()}
    return {place: finding for place, finding in held.items() if finding is not None}


def of_another_of(
    session: ReadSession, used: Sequence[Place], groups: Sequence[Sequence[Place]]
) -> dict[Place, int]:
    """Of what would be used here, what a department found to be of another subject (OC1).

    The record is held, whatever log it came by: a word about one copy is about all.
    """
    copies = {place: group for group in groups for place in group}
    asked = {p for place in used for p in copies.get(place, (place,))}
    said = session.decisions(sorted(asked)) if asked else {}
    if not said:
        return {}
    found = {
        place: of_another(
            sorted(
                (one for p in copies.get(place, (place,)) for one in said.get(p, ())),
                key=lambda one: one.at,
            )
        )
        for place in used
    }
    return {place: finding for place, finding in found.items() if finding is not None}


def copies_of(
    session: ReadSession, listings: Mapping[Place, StatementRow]
) -> Sequence[Sequence[Place]]:
    """The places of each record that has several copies, of records that are among these."""
    tags = {row.record_tag for row in listings.values()}
    copies: dict[bytes, list[Place]] = defaultdict(list)
    for tag, place in session.listings_of([tag for tag in tags if tag is not None]):
        copies[tag].append(place)
    return [places for places in copies.values() if len(places) > 1]


def is_used(finding: int) -> bool:
    """Whether what is found so is used against its subject."""
    return finding in RULES and RULES[finding].outcome in _USED
