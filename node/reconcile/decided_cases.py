"""Cases that persons decided, found by the journal of what they said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from federation.ports.findings import Place
from federation.ports.journal import Decision
from federation.ports.store import ReadSession
from federation.reconcile.cases import handled


def decided_places(
    session: ReadSession, finding: int, after: Place | None, limit: int
) -> Sequence[tuple[Place, int]]:
    """Listings of which persons decided this, those first of which somebody spoke last.

    Args:
        session: of the store; the whole journal of decisions is read, which persons wrote by hand.
        finding: number of what was decided.
        after: the last place of the page before; None: from the beginning.
        limit: at most so many.
    """
    said = session.all_decisions()
    places = list(dict.fromkeys((one.log, one.index) for one in reversed(said)))
    if after in places:
        places = places[places.index(after) + 1 :]
    found = session.findings(places)
    return [(place, finding) for place in places if found.get(place) == finding][:limit]


def decided_by(words: Sequence[Decision]) -> dict[str, Any]:
    """By whom and when a case was decided.

    Args:
        words: all that was said of it, the oldest first; not empty.
    """
    hands = [one for _, one in handled(words, words[-1].finding)]
    return {"decided_by": [one.person for one in hands], "decided_at": words[-1].at}
