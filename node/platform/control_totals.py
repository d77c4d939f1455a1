"""Control totals 对账: each night what each platform has is compared with what it was told.

By the rules Y1-Y6 of `federation.platform.control_totals`. A platform is compared while nothing
waits for it; what changes while it is being compared is no difference. The result stands in the
store until the next comparison, names leaves by number and nothing of a subject, and is a problem
in the status.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import structlog

from adapters.platform.errors import RowsNotOfferedError
from federation.errors import RefusedError
from federation.ids import Origin, Timestamp
from federation.platform.control_totals import (
    DIFFER,
    DIFFERENCES_MAX,
    UNKNOWN,
    HeldRow,
    RowDifference,
    Total,
    compare,
    totals_of,
)
from federation.ports.outlets import Difference
from federation.ports.store import LogHead, ReadSession, Store
from node.log.writer import WriteThread
from node.texts.states import TOLD_NUMBERS, TOLD_WORDS

_log = structlog.get_logger()

CRON: Final = "30 2 * * *"
"""Every night, when few people publish."""
ATTEMPTS: Final = 3
"""Of a comparison by totals alone, during which something was told."""
WAITING: Final = "waiting"
"""Outcome while there is something that the platform was not told yet."""
STRANGE: Final = "unknown"
"""What is kept of a state that is none of ours: a platform's text goes nowhere."""


class ShowsRows(Protocol):
    """A platform that shows what it has: `DatabasePlatform`, `ServicePlatform`."""

    def shows_all(self) -> bool:
        """Whether what it does not show is not there."""
        ...

    def held(self, origin: Origin, /) -> Iterator[HeldRow]:
        """What it has of a log, by index.

        Raises:
            RowsNotOfferedError: it gives totals alone.
            PlatformError: it does not answer.
        """
        ...


class ControlTotals:
    """Compares one platform; any thread, blocks."""

    def __init__(
        self,
        *,
        name: str,
        outlet: int,
        platform: ShowsRows,
        store: Store,
        writer: WriteThread,
        now: Callable[[], Timestamp],
    ) -> None:
        """Wire it; `outlet` is the platform's number in the store."""
        self._name = name
        self._outlet = outlet
        self._platform = platform
        self._store = store
        self._writer = writer
        self._now = now

    def run(self) -> str:
        """Compare now; `same`, `differs`, `not-offered`, or `waiting` where it must wait.

        Raises:
            PlatformError: it does not answer; what was found before stays.
        """
        with self._store.read() as session:
            heads = [head for head in session.heads() if not head.ours]
            if _waits(session, self._outlet, heads):
                return WAITING
        totals = getattr(self._platform, "totals", None)
        if totals is None:
            return self._by_rows(heads)
        return self._by_totals(heads, totals)

    def report(self, limit: int = 0) -> dict[str, Any]:
        """Return what the newest comparison found.

        Args:
            limit: of the rows that are named.

        Returns:
            `compared_at` (seconds, UTC; null never), `outcome` (as of `run`; empty before),
            `count` of rows that differ, `gone`; with a limit also `groups` and `rows`.
        """
        with self._store.read() as session:
            (outlet,) = [one for one in session.outlets() if one.outlet == self._outlet]
            found = json.loads(outlet.compared) if outlet.compared else {}
            said = {
                "compared_at": outlet.compared_at or None,
                "outcome": found.get("outcome", ""),
                "count": found.get("count", 0),
                "gone": found.get("gone", 0),
            }
            if not limit:
                return said
            groups = (
                [
                    {"origin": origin} | group
                    for origin, of_origin in found["groups"].items()
                    for group in of_origin
                ]
                if found
                else []
            )
            return said | {"groups": groups, "rows": self._rows(session, limit)}

    def _rows(self, session: ReadSession, limit: int) -> list[dict[str, Any]]:
        differences = session.differences(self._outlet, limit)
        origins = {head.log: head.origin for head in session.heads()}
        leaves = session.rows_at([(one.log, one.idx) for one in differences])
        ids = {(row.log, row.idx): row.statement_id.hex() for row in leaves}
        return [
            {
                "origin": origins[one.log],
                "index": one.idx,
                "statement_id": ids.get((one.log, one.idx), ""),
                "told": TOLD_WORDS.get(one.told, UNKNOWN),
                "found": one.found,
            }
            for one in differences
        ]

    def redeliver(self, origin: str) -> int:
        """Have the rows that differ told again; the number of leaves asked for.

        Args:
            origin: of a log, to have all told of it told again; empty for what differs.

        Raises:
            RefusedError: `log.unknown`.
        """

        def job() -> int:
            with self._store.write() as session:
                places = self._to_redeliver(session, origin)
                session.put_waiting(self._outlet, dict.fromkeys(places, True))
                return len(places)

        return self._writer.submit(job).result()

    def _to_redeliver(self, session: ReadSession, origin: str) -> list[tuple[int, int]]:
        heads = {head.origin: head for head in session.heads() if not head.ours}
        if origin and Origin(origin) not in heads:
            message = f"no log {origin} is told to platforms; see `huxin status`"
            raise RefusedError("log.unknown", message)
        named = [
            (one.log, one.idx)
            for one in session.differences(self._outlet, DIFFERENCES_MAX * len(heads))
        ]
        if named and not origin:
            sizes = {head.log: head.delivered_to for head in heads.values()}
            return [(log, index) for log, index in named if index < sizes.get(log, 0)]
        (outlet,) = [one for one in session.outlets() if one.outlet == self._outlet]
        groups = json.loads(outlet.compared)["groups"] if outlet.compared else {}
        return [
            (heads[one].log, index)
            for one in ([Origin(origin)] if origin else map(Origin, groups))
            if one in heads
            for index, _, _ in session.handed_all(self._outlet, heads[one].log)
        ]

    def _by_totals(
        self,
        heads: Sequence[LogHead],
        totals: Callable[[], Mapping[tuple[str, str], Total] | None],
    ) -> str:
        """Compare what a service sums; rows are asked for only of logs that differ."""
        differing: list[LogHead] = []
        told: dict[str, Mapping[str, Total]] = {}
        found: dict[str, dict[str, Total]] = {}
        for _ in range(ATTEMPTS):
            told = self._told_totals(heads)
            if not told and heads:
                return WAITING
            given = totals()
            if given is None:
                return self._keep("not-offered", [], {}, 0)
            found = {head.origin: {} for head in heads}
            for (origin, state), total in given.items():
                found.setdefault(origin, {})[state] = total
            differing = [head for head in heads if told[head.origin] != found[head.origin]]
            if not differing or told == self._told_totals(heads):
                break
        if not differing:
            return self._keep("same", [], {}, 0)
        try:
            return self._by_rows(differing)
        except RowsNotOfferedError:
            groups: dict[str, list[dict[str, Any]]] = {
                head.origin: _groups(told[head.origin], found[head.origin]) for head in differing
            }
            count = sum(
                max(one["told"], one["found"]) for group in groups.values() for one in group
            )
            return self._keep("differs", [], groups, max(1, count))

    def _by_rows(self, heads: Sequence[LogHead]) -> str:
        shows_all = self._platform.shows_all()
        groups: dict[str, list[dict[str, Any]]] = {}
        differences: list[Difference] = []
        count = gone = 0
        for head in heads:
            with self._store.read() as session:
                if _waits(session, self._outlet, heads):
                    return WAITING
                told = _told(session, self._outlet, head.log)
                compared = compare(told, self._platform.held(head.origin), shows_all=shows_all)
            true = self._still(head, compared.differences)
            gone += compared.gone
            if true:
                count += compared.differing - len(compared.differences) + len(true)
                groups[head.origin] = _groups(compared.told, compared.found)
                differences += [
                    Difference(head.log, one.index, TOLD_NUMBERS.get(one.told, 0), _word(one.found))
                    for one in true
                ]
        return self._keep("differs" if count else "same", differences, groups, count, gone)

    def _still(self, head: LogHead, found: Sequence[RowDifference]) -> list[RowDifference]:
        """Leave out what the platform was told, or is to be told, since it was looked at."""
        if not found:
            return []
        with self._store.read() as session:
            handed = session.handed(self._outlet, head.log, [one.index for one in found])
            return [
                one
                for one in found
                if one.told == TOLD_WORDS.get(handed.get(one.index, 0), UNKNOWN)
            ]

    def _told_totals(self, heads: Sequence[LogHead]) -> dict[str, Mapping[str, Total]]:
        """What was told; nothing while something is on its way, which may have come or not."""
        with self._store.read() as session:
            if _waits(session, self._outlet, heads):
                return {}
            return {
                head.origin: totals_of(_told(session, self._outlet, head.log)) for head in heads
            }

    def _keep(
        self,
        outcome: str,
        differences: Sequence[Difference],
        groups: Mapping[str, Sequence[Mapping[str, Any]]],
        count: int,
        gone: int = 0,
    ) -> str:
        """Keep what was found, and return the outcome."""
        document = {"outcome": outcome, "count": count, "gone": gone, "groups": groups}

        def job() -> None:
            with self._store.write() as session:
                session.put_compared(self._outlet, self._now(), json.dumps(document), differences)

        self._writer.submit(job).result()
        if count:
            _log.warning("control totals differ", code=DIFFER, platform=self._name, rows=count)
        return outcome


def _waits(session: ReadSession, outlet: int, heads: Sequence[LogHead]) -> bool:
    cursors = session.handed_to(outlet)
    return any(session.count_waiting(outlet)) or any(
        cursors.get(head.log, 0) < head.delivered_to for head in heads
    )


def _told(session: ReadSession, outlet: int, log: int) -> Iterator[HeldRow]:
    return (
        HeldRow(index, statement_id.hex(), TOLD_WORDS.get(word, UNKNOWN))
        for index, statement_id, word in session.handed_all(outlet, log)
    )


def _groups(told: Mapping[str, Total], found: Mapping[str, Total]) -> list[dict[str, Any]]:
    """The groups that differ, with both counts and digests."""
    none = Total(0, "")
    return [
        {
            "state": _word(state),
            "told": told.get(state, none).count,
            "found": found.get(state, none).count,
            "told_sha256": told.get(state, none).sha256,
            "found_sha256": found.get(state, none).sha256[:64],
        }
        for state in sorted({*told, *found})
        if told.get(state) != found.get(state)
    ]


def _word(state: str) -> str:
    return state if state in TOLD_NUMBERS or not state else STRANGE
