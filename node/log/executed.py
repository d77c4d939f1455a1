"""Which listings that ended are lifted by the city's platforms, too (EX1, EX2).

Asked in the transaction that tells of them. An outlet that is no longer configured owes nothing:
who takes it out of the configuration says that it is no platform of the city any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from federation.ports.store import LogHead, ReadSession
from federation.reconcile.receipts import ENDED
from federation.relief.execution import Telling, ends_as, is_late, is_lifted
from federation.rows import LISTED_KINDS, State, StatementRow
from node.texts.states import TOLD_NUMBERS, UNDO

FILES: Final = ""
"""Name of the outlet that the files are."""
_UNDO: Final = TOLD_NUMBERS[UNDO]


class Execution(NamedTuple):
    """How far the end of a listing has come in the city."""

    executed: bool
    """Whether all who were told of the listing have acknowledged its end."""
    late: bool
    """Whether that was acknowledged by somebody, and `lifted` was not said since it ended."""


class Executed:
    """Reads what outlets were told and have acknowledged."""

    def __init__(self, names: Collection[str]) -> None:
        """Take the names of the outlets of the configuration; none: nobody else has anything."""
        self._names = names

    def of(
        self, session: ReadSession, head: LogHead, rows: Sequence[StatementRow]
    ) -> Mapping[int, Execution]:
        """How far the ends of listings have come, by index; rows that have not ended left out.

        Args:
            session: what is held.
            head: their log.
            rows: of leaves of this log.
        """
        ended = [row for row in rows if row.kind in LISTED_KINDS and row.state in ENDED]
        if not ended:
            return {}
        indices = [row.idx for row in ended]
        tellings: dict[int, list[Telling]] = {index: [] for index in indices}
        known = {one.name: one.outlet for one in session.outlets()}
        for name in self._names:
            if name not in known:
                for index in indices:
                    tellings[index].append(Telling(passed=False, told=False, demand=None))
                continue
            outlet = known[name]
            cursor = session.handed_to(outlet).get(head.log, 0)
            passed_to = head.delivered_to if name == FILES else cursor
            handed = session.handed(outlet, head.log, indices)
            demands = session.demands(outlet, head.log, indices)
            for index in indices:
                tellings[index].append(
                    Telling(index < passed_to, index in handed, demands.get(index))
                )
        said = session.told_lifted(head.log, indices)
        return {
            row.idx: Execution(
                is_lifted(ends_as(State(row.state), _UNDO), tellings[row.idx]),
                row.idx not in said and is_late(tellings[row.idx]),
            )
            for row in ended
        }
