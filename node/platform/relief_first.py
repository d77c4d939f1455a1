"""What is to be told again, and what of it goes first: by the rows as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from federation.ports.findings import Place
from federation.ports.store import ReadSession
from federation.ports.touched import Touched
from federation.rows import LISTED_KINDS, RELIEF_KINDS, State, StatementRow


def lifts(row: StatementRow) -> bool:
    """Whether a leaf lifts something, so that it goes before what does not."""
    return row.kind in RELIEF_KINDS or (row.kind in LISTED_KINDS and row.state != State.ACTIVE)


def waiting_of(rows: Iterable[StatementRow]) -> Mapping[Place, bool]:
    """Rows as they are put among what waits for an outlet."""
    return {(row.log, row.idx): lifts(row) for row in rows}


def told_again(
    session: ReadSession, leaves: Sequence[StatementRow], touched: Touched
) -> Mapping[Place, bool]:
    """Of leaves that were just told of, those that changed since they were read.

    Nobody else asks for them: when they changed, they were told of in their turn, or were not told
    of yet.

    Args:
        session: of the writer.
        leaves: as they were read.
        touched: since before they were.
    """
    places = [(row.log, row.idx) for row in leaves]
    late = [place for place in places if touched.everything or place in touched.places]
    return waiting_of(session.rows_at(late)) if late else {}
