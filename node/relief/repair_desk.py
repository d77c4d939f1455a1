"""What an operator is told of repairs (`huxin repairs`), as documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from federation.ids import Date, StatementId
from node.codec import page_tokens
from node.relief.audit import RepairAudit
from node.relief.rechecks import Rechecks
from node.relief.repair_documents import summary, whole
from node.relief.repairs import Repairs, Wanted

PAGE_DEFAULT = 50


class RepairDesk:
    """Answers `huxin repairs`; any thread, blocks."""

    def __init__(
        self,
        repairs: Repairs,
        audit: RepairAudit,
        rechecks: Rechecks,
        list_name: Callable[[str], str],
    ) -> None:
        """Wire it; `list_name` is what a list is called by the catalog of today."""
        self._repairs = repairs
        self._audit = audit
        self.rechecks = rechecks
        self._list_name = list_name

    def page(
        self, wanted: Wanted, page_size: int, page_token: str
    ) -> tuple[list[dict[str, Any]], str]:
        """A page of reliefs, and the token of the next one.

        Raises:
            StatementError: `page-token.invalid`.
            RefusedError: `working-days.invalid`.
        """
        after = page_tokens.read(page_token)
        found, after = self._repairs.page(wanted, page_size or PAGE_DEFAULT, after)
        return [summary(one) for one in found], page_tokens.write(after)

    def get(self, statement_id: StatementId) -> dict[str, Any]:
        """One relief.

        Raises:
            RefusedError: `record.unknown`, `relief.unknown`, `working-days.invalid`.
        """
        found = whole(self._repairs.get(statement_id))
        return found | {"list_name": self._list_name(found["list_type"])}

    def audit(self) -> list[dict[str, Any]]:
        """Wrong and missed repairs.

        Raises:
            RefusedError: `working-days.invalid`.
        """
        return self._audit.run()

    def rates(self, first: Date, last: Date) -> dict[str, Any]:
        """How many reliefs of our own log, decided in a period, were executed in time.

        Raises:
            RefusedError: `working-days.invalid`.
        """
        count, found = self._repairs.rates(first, last)
        return {
            "first": first,
            "last": last,
            "reliefs": count,
            **asdict(found),
            "timely": found.timely,
            "same_day_share": found.same_day_share,
        }
