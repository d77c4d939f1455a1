"""Records that may be one (L14, SPEC §6.3): a relief holds what is spelt like its record.

A relief that ends its record leaves a suppression tag, and with it a twin made of the comparison
key. A listing whose record has the twin but not the tag is *similar*: it stands and does not
punish, until a person says that these are two records. Nothing is merged or relieved, and it makes
no difference which of the two came first. The twin lives and dies with its tag, so a RELISTING of
the relief ends the hold. A COMMENDATION is no punishment and is not held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import TypeVar

from federation.comparison import Spelt
from federation.life.life import STANDING
from federation.ports.journal import pair
from federation.ports.store import Tagger
from federation.ports.tags import TagReads, Twin
from federation.rows import ADVERSE_KINDS, OpeningStatus, StatementRow

Key = TypeVar("Key", bound=Hashable)


def may_be_held(row: StatementRow) -> bool:
    """Whether a row stands against its subject as far as its state goes, and can be compared."""
    return (
        row.kind in ADVERSE_KINDS
        and row.state in STANDING
        and row.opening == OpeningStatus.PRESENT
        and row.record_tag is not None
        and row.subject_tag is not None
    )


def similar_to(
    session: TagReads,
    tagger: Tagger,
    listed: Mapping[Key, tuple[bytes, bytes]],
    spell: Callable[[Collection[Key]], Mapping[Key, Spelt]],
    reaches: Callable[[tuple[int, int], Key], bool],
) -> dict[Key, Collection[bytes]]:
    """Find the relieved records to which listings are similar and not told apart.

    Args:
        session: what is held.
        tagger: makes the twins.
        listed: lookup tags of record and subject of each listing.
        spell: gives the records of listings; asked for the few of whose subject a record was
            relieved.
        reaches: whether the relief at a log and index reaches a listing, as for its tag
            (`suppression.tag_reaches`).

    Returns:
        Lookup tags of the relieved records, for each listing that is held.
    """
    if not listed or not session.has_twins():
        return {}
    twins: dict[bytes, list[Twin]] = defaultdict(list)
    for twin in session.twins_of({subject for _, subject in listed.values()}):
        twins[twin.subject].append(twin)
    pairs: dict[bytes, list[tuple[Key, bytes]]] = defaultdict(list)
    asked = [key for key, (_, subject) in listed.items() if subject in twins]
    for key, spelt in spell(asked).items() if asked else ():
        record, subject = listed[key]
        tags = set(tagger.suppression(spelt.compared))
        for twin in twins[subject]:
            if twin.tag in tags and twin.record != record and reaches((twin.log, twin.idx), key):
                pairs[pair(twin.record, record)].append((key, twin.record))
    apart = session.told_apart(list(pairs)) if pairs else set()
    found: dict[Key, set[bytes]] = defaultdict(set)
    for name, held in pairs.items():
        for key, relieved in held:
            if name not in apart:
                found[key].add(relieved)
    return dict(found)
