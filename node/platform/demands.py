"""What an outlet owes for what it was told, and what it has acknowledged (`relief.execution`).

Only what lifts something of a listing is owed: repair, withdrawal, expiry, masking, pause. What an
outlet is told, and owes for it, is kept *before* it is told (EX9, EX10). Else a crash in between,
or an answer that is lost, would leave an acknowledgement of what the outlet has no more, or a
listing at an outlet that counts as never told of it: which nobody would tell of its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import structlog

from adapters.files.outbox import OutboxRow
from adapters.platform.acknowledging import Answer, Said
from federation.ids import Origin, Timestamp
from federation.ports.demands import Demand
from federation.ports.store import ReadSession, Store, WriteSession
from federation.relief.execution import NEVER_SENT, Acknowledgement, acknowledge, demanded
from federation.rows import LISTED_KINDS, State, StatementRow
from node.log.receipt_queue import tell_of_again
from node.log.writer import WriteThread
from node.platform.outbox_rows import words_of
from node.system.failpoints import Failpoints
from node.system.tracing import point
from node.texts.states import TOLD_NUMBERS, UNDO

_log = structlog.get_logger()

_LIFTING: Final = frozenset(
    {
        *map(int, (State.REPAIRED, State.WITHDRAWN, State.EXPIRED, State.MASKED, State.PAUSED)),
        TOLD_NUMBERS[UNDO],
    }
)
"""States told that lift something."""


class Demands:
    """Keeps what one outlet owes."""

    def __init__(
        self,
        *,
        store: Store,
        writer: WriteThread,
        now: Callable[[], Timestamp],
        failpoints: Failpoints,
    ) -> None:
        """Wire it; `now` is when things are told and acknowledged."""
        self._store = store
        self._writer = writer
        self._now = now
        self._failpoints = failpoints

    def telling(
        self, outlet: int, log: int, rows: Sequence[OutboxRow], numbers: Mapping[int, int]
    ) -> None:
        """Keep what an outlet is about to be told, and what it owes for it (EX10).

        Where that stands there already, nothing is written: an outlet that is down costs reads.

        Args:
            outlet: that is to be told.
            log: of the leaves.
            rows: as they are going to be told.
            numbers: of the telling, by index.
        """
        told, words = words_of(rows), _words(rows)
        now = self._now()

        def changes(session: ReadSession) -> tuple[dict[int, int], list[Demand], list[int]]:
            handed = session.handed(outlet, log, list(told))
            before = session.demands(outlet, log, list(words))
            owed = {
                index: demanded(before.get(index), Demand(log, index, word, numbers[index], now))
                for index, word in words.items()
                if word in _LIFTING
            }
            return (
                {index: word for index, word in told.items() if handed.get(index) != word},
                [one for index, one in owed.items() if before.get(index) != one],
                [index for index in before if index not in owed],
            )

        with self._store.read() as session:
            if not any(changes(session)):
                return

        def job() -> set[int]:
            with self._failpoints.at("demand.commit"), self._store.write() as session:
                handed, owed, gone = changes(session)
                session.put_handed(outlet, log, handed)
                session.put_demands(outlet, owed)
                session.clear_demands(outlet, log, gone)
                return {one.idx for one in owed}

        lifting = self._writer.submit(job).result()
        for row in rows:
            if row.index in lifting:
                point("relief told", bytes.fromhex(row.statement_id), outlet=outlet)

    def passed(self, session: WriteSession, rows: Iterable[StatementRow]) -> None:
        """Have ends told of again that an outlet came past: it may owe nothing for them."""
        ended = [row for row in rows if row.kind in LISTED_KINDS and row.state in _LIFTING]
        if ended:
            tell_of_again(session, ended)

    def take(self, outlet: int, said: Sequence[Said], *, to: int = 0) -> None:
        """Keep what an outlet acknowledges, in a transaction of its own.

        Args:
            outlet: that says so.
            said: in its order.
            to: how far its acknowledgements were read; 0 where they have no order.
        """

        def job() -> None:
            with self._failpoints.at("ack.commit"), self._store.write() as session:
                self.acknowledged(session, outlet, said)
                if to:
                    session.set_acknowledged_to(outlet, to)

        if said or to:
            self._writer.submit(job).result()

    def acknowledged(self, session: WriteSession, outlet: int, said: Sequence[Said]) -> None:
        """Judge acknowledgements in a transaction; origins are told of what is lifted by them."""
        now = self._now()
        logs = {head.origin: head.log for head in session.heads() if not head.ours}
        for one in said:
            log = logs.get(Origin(one.origin))
            if log is None:
                self.odd(session, outlet, NEVER_SENT)
                continue
            demand = session.demands(outlet, log, [one.index]).get(one.index)
            verdict = acknowledge(
                one.word,
                demand,
                told=bool(session.handed(outlet, log, [one.index])),
                elsewhere=bool(session.acknowledged(log, one.index)),
                now=now,
            )
            if verdict.code:
                self.odd(session, outlet, verdict.code)
            if verdict.demand is not None:
                session.put_demands(outlet, [verdict.demand])
                if verdict.demand.acknowledged_at:
                    listings = session.rows_at([(log, one.index)])
                    tell_of_again(session, listings)
                    for listing in listings:
                        point("relief acknowledged", listing.statement_id, outlet=outlet)

    def odd(self, session: WriteSession, outlet: int, code: str) -> None:
        """Count an acknowledgement that changes nothing."""
        session.note_oddity(outlet, code, self._now())
        _log.warning("acknowledgement counts for nothing", code=code, outlet=outlet)


def of_telling(
    session: ReadSession, outlet: int, log: int, telling: tuple[Origin, int], answer: Answer
) -> list[Said]:
    """What one word about a whole telling says of its leaves; rows that it refuses are not done.

    Args:
        session: in which the demands of the telling are kept.
        outlet: that was told.
        log: of the leaves.
        telling: its origin and number.
        answer: what is said of it.
    """
    origin, number = telling
    owed = session.demands_of(outlet, log, number) if answer.done else ()
    return [
        *(
            Said(origin, one.idx, Acknowledgement(number, done=True))
            for one in owed
            if not one.acknowledged_at and one.idx not in answer.refused
        ),
        *(
            Said(origin, index, Acknowledgement(number, done=False, reason=why))
            for index, why in answer.refused.items()
        ),
    ]


def _words(rows: Sequence[OutboxRow]) -> dict[int, int]:
    return {row.index: TOLD_NUMBERS[row.state] for row in rows if row.kind in LISTED_KINDS}
