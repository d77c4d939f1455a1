"""Questions of systems that cannot call: rows of a platform's `huxin_check` are asked and answered.

The same desk answers as over HTTP, so the same rules, budgets and records hold. A source speaks
with the credential that the configuration binds to it; a row never names one.

    HT8   a row is asked under a number made of platform, id and time; a process that dies between
          desk and answer asks it again as the same question. An answered row is never changed
    HT9   what is wrong with one row is its own: it is answered `refused` with a code. What is wrong
          with a source's credential, or with the node, keeps that source's rows waiting and no
          other's, and the status says why

Each run every source has its turn of at most `BATCH` rows; a source with thousands of rows keeps no
other waiting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import structlog

from adapters.errors import AdapterError
from adapters.platform.checks import REFUSED, CheckAnswer, CheckRow
from federation.errors import FederationError
from node.network.errors import UnavailableError
from node.status.job_runs import code_of
from node.system.item_errors import ItemErrors
from node.texts.codes import chinese

_log = structlog.get_logger()

BATCH: Final = 64
"""Rows of a source in one run."""
WAITING: Final = frozenset({"access.unknown", "access.slow", "access.expired", "access.revoked"})
"""What says nothing of the row: it waits."""

TOKEN: Final = re.compile(r"hx1_[A-Za-z0-9_-]{43}").fullmatch
"""Whether a text has the form of a token."""

Asks = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Asks the desk with a token; raises as `node.web.calls.Calls.check` does."""


class CheckTable(Protocol):
    """`adapters.platform.checks.DatabaseChecks`."""

    def waiting(self, source: str, most: int, *, after: int = 0) -> list[CheckRow]:
        """Return rows of a source that wait, the oldest first."""
        ...

    def of_others(self, sources: Sequence[str], most: int) -> list[CheckRow]:
        """Return rows that wait and name none of these sources."""
        ...

    def answer(self, row: CheckRow, answer: CheckAnswer) -> bool:
        """Write an answer beside a row that still asks the same."""
        ...


class CheckTaking:
    """Takes the questions of one platform."""

    def __init__(
        self,
        *,
        name: str,
        tokens: Mapping[str, str],
        table: CheckTable,
        asks: Asks,
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
                for row in self._table.waiting(source, BATCH):
                    count += self._table.answer(row, self._asked(row, token))
        with items.each("others"):
            for row in self._table.of_others(tuple(self._tokens), BATCH):
                count += self._table.answer(row, not_bound(self._name, self._tokens))
        self._tell(items.first())
        return count

    def _tell(self, error: Exception | None) -> None:
        code = "" if error is None else code_of(error)
        if error is not None and self.fault != code:
            _log.warning("questions wait", code=code, platform=self._name, error=str(error))
        self.fault, self.message = code, "" if error is None else str(error)

    def _asked(self, row: CheckRow, token: str) -> CheckAnswer:
        """Ask about a row.

        Raises:
            Exception: it must wait.
        """
        if row.unreadable:
            return refused("row.malformed", "内容无法读取 / expected texts that can be read")
        try:
            said = self._asks(token, question(self._name, row))
        except (UnavailableError, AdapterError):
            raise
        except FederationError as error:
            if error.code in WAITING:
                raise
            return refused(error.code, str(error))
        return answer(said)


def question(platform: str, row: CheckRow) -> dict[str, str]:
    """Return what a row asks, under its number (HT8)."""
    return {
        "request_id": f"{platform}.{row.id}.{row.written:x}",
        "matter": row.matter,
        "case_no": row.case_no,
        "purpose": row.purpose,
        "code": row.code,
        "name": row.name,
    }


def answer(said: Mapping[str, Any]) -> CheckAnswer:
    """Return what stands beside a row, of an answer of the desk.

    `measures` has one entry for each match: a match without a measure stands there with none. Where
    no match has one, `reason` and `message` say so: whoever reads no JSON restricts nobody.
    """
    codes = list(said["codes"])
    if not any(match["measures"] for match in said["matches"]):
        told = {match["no_measure"]: match["message"] for match in said["matches"]}
        codes += [{"code": code, "message": message} for code, message in told.items()]
    return CheckAnswer(
        result=said["result"],
        number=said["number"],
        complete=said["complete"],
        reason=codes[0]["code"] if codes else "",
        measures=json.dumps([_match(one) for one in said["matches"]], ensure_ascii=False),
        message="；".join(one["message"] for one in codes),
    )


def _match(match: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        *("origin", "index", "list_type", "list_name", "authority_name", "document"),
        *("decided_on", "until", "measures", "no_measure", "due_on"),
    )
    return {name: match[name] for name in names if name in match}


def refused(code: str, message: str) -> CheckAnswer:
    """Return the answer to a row that was not asked."""
    said = message if " / " in message else f"{chinese(code) or code} / {message}"
    return CheckAnswer(result=REFUSED, reason=code, message=said)


def not_bound(platform: str, sources: Mapping[str, str]) -> CheckAnswer:
    """Return the answer to a row whose source has no credential here."""
    expected = ", ".join(sources)
    message = f"expected a source of [platform.{platform}.checks]: {expected}"
    return refused("source.not-of-platform", message)
