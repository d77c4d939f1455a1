"""The chapter of the demo in which all bidders of a tender in 宜宾 are asked about at once.

5,000 invented bidders, of whom twelve stand on 泸州's list for unpaid wages, and one more will.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from federation.ids import Date
from federation.screening.batches import PART_ROWS
from federation.uscc import make_uscc
from node.demo.client import Clients, wait
from node.demo.members import LUZHOU, YIBIN
from node.demo.processes import DemoError
from node.demo.screening import BIDDING, PURPOSE, WAGES

BIDDERS: Final = 5000
LISTED: Final = 12
_LOOKED_AT: Final = 600
"""Builders of the list, and firms of the library, among whom bidders are chosen."""

Bidder = tuple[str, str]


class Tender:
    """All bidders are asked about for one case."""

    def __init__(
        self,
        clients: Clients,
        today: Date,
        names: Mapping[str, int],
        firms: Mapping[str, Mapping[str, str]],
    ) -> None:
        """Take the running nodes, the names that firms of the demo have, and those of 泸州."""
        self._clients = clients
        self._year = today // 10000
        self._names = names
        self._firms = firms
        self.bidders: Sequence[Bidder] = ()
        """Who was asked about; the first is a firm of 泸州 that is on no list."""

    def checked(self) -> dict[str, Any]:
        """Ask, and count.

        Raises:
            DemoError: not just the listed ones are matches, each with its measure.
        """
        listed = self._prompted()
        others = [
            (make_uscc("91511500", f"YT{number:06}"), f"宜宾示例投标{number}号有限公司（演示）")
            for number in range(BIDDERS - LISTED - 1)
        ]
        if any(name in self._names for _, name in others):
            raise DemoError("a bidder has the name of another firm of the demo")
        bidders = [self._clear(), *others[:100], *listed, *others[100:]]
        self.bidders = bidders
        found, closed = self._asked("1", bidders)
        matches = {row for row, one in found.items() if one["result"] == "match"}
        wanted = {bidders.index(one) + 1 for one in listed}
        counted = {name: closed[name] for name in ("rows", "clear", "matches")}
        expected = {"rows": BIDDERS, "clear": BIDDERS - LISTED, "matches": LISTED}
        if matches != wanted or counted != expected or len(found) != LISTED:
            raise DemoError(f"{YIBIN.name}: expected {expected}, got {counted}")
        return {YIBIN.region: counted}

    def _clear(self) -> Bidder:
        """An enterprise of 泸州's base library that nothing is found of."""
        firms = [
            (code, row["name"])
            for code, row in sorted(self._firms.items(), reverse=True)
            if code.startswith("91") and self._names[row["name"]] == 1 and not row["status"]
        ][:_LOOKED_AT]
        found, _ = self._asked("2", firms)
        return next(one for row, one in enumerate(firms, 1) if row not in found)

    def _prompted(self) -> Sequence[Bidder]:
        """Builders of 泸州's list who are prompted in 宜宾, so many as are wanted."""
        records = self._clients[LUZHOU].records(state="active", list_type=WAGES, limit=_LOOKED_AT)
        firms = [(one["subject"]["code"], one["subject"]["name"]) for one in records]
        firms = list(dict.fromkeys(one for one in firms if self._names[one[1]] == 1))
        found: dict[int, dict[str, Any]] = {}

        def unlike() -> str:
            found.update(self._asked("0", firms)[0])
            right = [row for row, one in found.items() if _is_prompted(one)]
            return "" if len(right) >= LISTED else f"{YIBIN.name}: {len(right)} are prompted"

        wait(f"{YIBIN.name} prompts {LISTED} of {LUZHOU.name}'s builders", unlike)
        return [firms[row - 1] for row, one in found.items() if _is_prompted(one)][:LISTED]

    def _asked(
        self, number: str, bidders: Sequence[Bidder]
    ) -> tuple[dict[int, dict[str, Any]], dict[str, Any]]:
        """What is not plainly clear, by row from 1, and what is counted."""
        digest = sha256(repr(bidders).encode()).hexdigest()
        opening = {
            "request_id": f"tender-{number}-{digest[:8]}",
            "matter": BIDDING,
            "case_no": f"宜招〔{self._year}〕演示{number}号",
            "purpose": PURPOSE,
            "input": digest,
        }
        rows = [(at, *bidder) for at, bidder in enumerate(bidders, 1)]
        parts = [rows[at : at + PART_ROWS] for at in range(0, len(rows), PART_ROWS)]
        _, *told, closed = self._clients[YIBIN].check_batch(opening, parts)
        return {one["row"]: one for part in told for one in part["others"]}, closed


def _is_prompted(one: Mapping[str, Any]) -> bool:
    return one["result"] == "match" and any(match["measures"] for match in one["matches"])
