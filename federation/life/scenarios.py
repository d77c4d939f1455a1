"""Which scenarios 场景 a later one has replaced or closed (SPEC §10, state `superseded`).

It is asked when a record is shown, of the leaves that are held, so the order of arrival makes no
difference and nothing is stored. Like an act on a listing, only who issued a scenario, another log
of its chain or a delegate amends it (SPEC §6.2, direct).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from federation.life.chains import Chains, Place
from federation.ports.store import ReadSession
from federation.rows import State, StatementRow
from federation.statements import Kind, ScenarioAction


def superseded(
    session: ReadSession, rows: Sequence[StatementRow], chains: Chains
) -> frozenset[Place]:
    """The places of those scenarios among rows that are in force no more.

    Args:
        session: what is held.
        rows: of any kinds.
        chains: which logs belong together.
    """
    named: dict[bytes, list[StatementRow]] = defaultdict(list)
    for row in rows:
        if _counts(row):
            named[row.statement_id].append(row)
    found: set[Place] = set()
    for later in session.rows_about(sorted(named)) if named else ():
        if not _counts(later) or later.action == ScenarioAction.OPENED:
            continue
        speaks = chains.speaks_for(later.log, later.idx)
        for earlier in named[later.about or b""]:
            if earlier.log in speaks and (later.log, later.idx) != (earlier.log, earlier.idx):
                found.add((earlier.log, earlier.idx))
    return frozenset(found)


def _counts(row: StatementRow) -> bool:
    return row.kind == Kind.SCENARIO and row.state == State.IN_FORCE
