"""Who is listed: scheme and code of the subjects of listings, by the content that counts.

Read straight from the message, some microseconds each, where nothing else of a listing is asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from adapters.state.reading_ring import ReadingRing
from federation.ports.findings import Place
from federation.ports.store import ReadSession
from federation.rows import StatementRow
from node.codec.candidates import subject_from
from node.records.subject_codes import Name


def listed_subjects(
    session: ReadSession, keyring: ReadingRing, rows: Iterable[StatementRow]
) -> dict[Place, Name]:
    """The subjects of listings, of those whose opening is held.

    Raises:
        StatementError: a payload is not what its row was made of.
    """
    by_log: defaultdict[int, list[StatementRow]] = defaultdict(list)
    for row in rows:
        by_log[row.log].append(row)
    origins = {head.log: head.origin for head in session.heads()} if by_log else {}
    found: dict[Place, Name] = {}
    for log, listed in by_log.items():
        replaced = [(log, row.current) for row in listed if row.current != row.idx]
        kinds = {row.idx: row.kind for row in (*listed, *session.rows_at(replaced))}
        stored = session.openings(log, sorted({row.current for row in listed}))
        opened = keyring.held_openings(origins[log], stored)
        payloads = {one.index: opening.payload for one, opening in opened}
        for row in listed:
            if row.current in payloads:
                said = subject_from(kinds[row.current], payloads[row.current])
                if said is not None:
                    found[log, row.idx] = said
    return found
