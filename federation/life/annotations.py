"""What of the annotations of a listing is open (L5, SPEC §6.3): begun, and ended by nothing.

Who may annotate a listing, and end what others of them began: who issued it, also by another log of
its chain, and its delegates. Only an opened end that names the leaf counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from federation.life.chains import Chains, Place
from federation.ports.store import ReadSession
from federation.rows import LISTED_KINDS, State, StatementRow, was_read
from federation.statements import AnnotationAction, Kind

ENDS: Final[Mapping[int, AnnotationAction]] = {
    AnnotationAction.OBJECTION_CLOSED: AnnotationAction.OBJECTION_OPENED,
    AnnotationAction.MASKING_ENDED: AnnotationAction.MASKING_BEGUN,
    AnnotationAction.RESUMED: AnnotationAction.PAUSED,
}
"""Which action ends which."""


class Said(NamedTuple):
    """An annotation of a listing by who may annotate it."""

    row: StatementRow
    leaf_hash: bytes


def still_open(said: Iterable[Said]) -> list[Said]:
    """What is begun and not ended, of all that is said about one listing; in the order given."""
    annotations = [one for one in said if one.row.kind == Kind.ANNOTATION]
    ended = {
        (ENDS[row.action], row.names)
        for row, _ in annotations
        if row.action in ENDS and was_read(row) and row.state == State.IN_FORCE
    }
    return [
        one
        for one in annotations
        if one.row.action in ENDS.values() and (one.row.action, one.leaf_hash) not in ended
    ]


def open_annotations(
    session: ReadSession, listings: Sequence[StatementRow], chains: Chains
) -> dict[Place, list[Said]]:
    """What is open of each listing, by its place, in the order of logs and leaves.

    Args:
        session: what is held.
        listings: rows; of other kinds nothing is open. Those without annotations are left out.
        chains: which logs belong together.
    """
    named: dict[bytes, list[StatementRow]] = defaultdict(list)
    for row in listings:
        if row.kind in LISTED_KINDS:
            named[row.statement_id].append(row)
    about = session.rows_about(sorted(named)) if named else ()
    acts = sorted(
        (act for act in about if act.kind == Kind.ANNOTATION), key=lambda act: (act.log, act.idx)
    )
    if not acts:
        return {}
    hashes = session.leaf_hashes([(act.log, act.idx) for act in acts])
    said: dict[Place, list[Said]] = defaultdict(list)
    for act, leaf_hash in zip(acts, hashes, strict=True):
        speaks = chains.speaks_for(act.log, act.idx)
        for listing in named[act.about or b""]:
            if listing.log in speaks:
                said[listing.log, listing.idx].append(Said(act, leaf_hash))
    found = {place: still_open(told) for place, told in said.items()}
    return {place: begun for place, begun in found.items() if begun}
