"""Batches of systems that cannot call: rows of a platform's `huxin_check_batch` are asked together.

The same desk answers as over HTTP, with the credential that the configuration binds to a source,
`ROWS_AT_ONCE` rows at a time; rules HT8 and HT9 as for single questions (`check_job`).

    HT19 rows of one batch are of one matter, case and purpose; where they differ all that wait are
         answered `refused` (`row.batch`). Answers of rows that were asked together are written
         together: a process that dies before asks the same again, under the same request
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, Protocol

import structlog

from adapters.errors import AdapterError
from adapters.platform.checks import CheckAnswer, CheckRow
from federation.errors import FederationError
from federation.screening.batches import ROWS_AT_ONCE
from node.network.errors import UnavailableError
from node.platform.check_job import WAITING, answer, not_bound, refused
from node.status.job_runs import code_of
from node.system.item_errors import ItemErrors

_log = structlog.get_logger()

OTHERS: Final = 64
"""Rows of sources that are not bound, in one run."""

AsksMany = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Asks the desk with a token; raises as `node.web.calls.Calls.check_batch` does."""


class BatchTable(Protocol):
    """`adapters.platform.batches.DatabaseBatches`."""

    def ready(self, source: str) -> Sequence[str]:
        """Return batches that are whole."""
        ...

    def rows_of(self, source: str, batch: str, most: int) -> Sequence[CheckRow]:
        """Return rows of a batch that wait."""
        ...

    def of_others(self, sources: Sequence[str], most: int) -> Sequence[CheckRow]:
        """Return rows that wait and name none of these sources."""
        ...

    def answer_all(self, answered: Sequence[tuple[CheckRow, CheckAnswer]]) -> int:
        """Write answers beside rows."""
        ...


class BatchTaking:
    """Takes the batches of one platform."""

    def __init__(
        self, *, name: str, tokens: Mapping[str, str], table: BatchTable, asks: AsksMany
    ) -> None:
        """Wire it.

        Args:
            name: the platform's.
            tokens: of the credential of each source.
            table: the platform's.
            asks: the desk.
        """
        self._name = name
        self._tokens = tokens
        self._table = table
        self._asks = asks
        self.fault = ""
        """Code of what keeps rows waiting, else empty."""
        self.message = ""

    def run(self) -> int:
        """Take what waits.

        Returns:
            The number of rows answered.
        """
        items, count = ItemErrors(), 0
        for source, token in self._tokens.items():
            with items.each(source):
                for batch in self._table.ready(source):
                    while rows := self._table.rows_of(source, batch, ROWS_AT_ONCE):
                        done = self._table.answer_all(self._asked(rows, token))
                        count += done
                        if done < len(rows):
                            break
        with items.each("others"):
            others = self._table.of_others(tuple(self._tokens), OTHERS)
            count += self._table.answer_all(
                [(row, not_bound(self._name, self._tokens)) for row in others]
            )
        self._tell(items.first())
        return count

    def _tell(self, error: Exception | None) -> None:
        code = "" if error is None else code_of(error)
        if error is not None and self.fault != code:
            _log.warning("batches wait", code=code, platform=self._name, error=str(error))
        self.fault, self.message = code, "" if error is None else str(error)

    def _asked(
        self, rows: Sequence[CheckRow], token: str
    ) -> Sequence[tuple[CheckRow, CheckAnswer]]:
        """Ask about rows.

        Raises:
            Exception: they must wait.
        """
        faulty = refused("row.malformed", "内容无法读取 / expected texts that can be read")
        unread = [(row, faulty) for row in rows if row.unreadable]
        asked = [row for row in rows if not row.unreadable]
        if not asked:
            return unread
        heads = {(row.matter, row.case_no, row.purpose) for row in asked}
        if len(heads) > 1:
            message = (
                "同一批的事项、办件、目的须相同 / expected one matter, case and purpose in a batch"
            )
            return [*unread, *((row, refused("row.batch", message)) for row in asked)]
        try:
            said = self._asks(token, question(self._name, asked))
        except (UnavailableError, AdapterError):
            raise
        except FederationError as error:
            if error.code in WAITING:
                raise
            return [*unread, *((row, refused(error.code, str(error))) for row in asked)]
        others = {one["row"]: one for one in said["others"]}
        clear = {"result": "clear", "number": said["number"], "codes": [], "matches": []}
        complete = {"complete": said["as_of"]["complete"]}
        found = (others.get(at, clear) | complete for at in range(1, len(asked) + 1))
        return [*unread, *zip(asked, map(answer, found), strict=True)]


def question(platform: str, rows: Sequence[CheckRow]) -> dict[str, Any]:
    """Return what rows ask together, under their number (HT8)."""
    first = rows[0]
    named = sha256(" ".join(f"{row.id}.{row.written:x}" for row in rows).encode()).hexdigest()
    return {
        "request_id": f"{platform}.{first.id}.{named[:24]}",
        "matter": first.matter,
        "case_no": first.case_no,
        "purpose": first.purpose,
        "rows": [{"code": row.code, "name": row.name} for row in rows],
    }
