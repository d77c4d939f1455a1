"""The chapter of the demo in which a tender's bidders are watched until the contract is signed.

All were asked about; then 泸州 lists one who was clear, and 宜宾, which watches, is told.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from federation.ids import Date
from node.demo.client import Clients, wait
from node.demo.members import LUZHOU, YIBIN
from node.demo.processes import DemoError
from node.demo.screening import BIDDING, PURPOSE, WAGES
from node.demo.tender import LISTED, Bidder

FOLDER: Final = "watch"
BEGAN: Final = "watch.now-match"
_YEAR: Final = 10000
"""In dates of the form YYYYMMDD."""
_COLUMNS: Final = (
    "对象名称",
    "对象类型",
    "统一社会信用代码",
    "列入时间",
    "法定代表人",
    "发布机关",
    "文书号",
    "列入事由",
    "告知日期",
)
"""As 泸州's own file of the list has them."""


class Watching:
    """宜宾 watches bidders, and 泸州 lists one of them."""

    def __init__(self, clients: Clients, today: Date, directory: Path) -> None:
        """Take the running nodes, and where the file of 泸州 is put."""
        self._clients = clients
        self._today = today
        self._folder = directory / FOLDER

    def told(self, bidders: Sequence[Bidder], row: int) -> tuple[float, dict[str, Any]]:
        """Watch, let one be listed, and wait until that is told.

        Args:
            bidders: of the tender, as they were asked about.
            row: of the one who is listed, from 1.

        Returns:
            Seconds from the listing until it was told, and what was shown.

        Raises:
            DemoError: others are told of, or he is told of before.
        """
        home = self._clients[YIBIN]
        terms: dict[str, str | int] = {
            "matter": BIDDING,
            "case_no": f"宜招〔{self._today // _YEAR}〕演示1号",
            "purpose": PURPOSE,
            "until": self._today + _YEAR,
        }
        watch = home.open_watch(terms, bidders)
        position, first = self._read(watch, "")
        if len(first) != LISTED or row in {one["row"] for one in first}:
            raise DemoError(f"{YIBIN.name}: {len(first)} of {LISTED} were told of at the beginning")
        act = perf_counter()
        self._list(bidders[row - 1])
        seen: dict[int, str] = {}

        def unlike() -> str:
            nonlocal position
            position, events = self._read(watch, position)
            seen.update({one["row"]: one["result"] for one in events})
            return "" if seen.get(row) == "match" else f"{YIBIN.name} tells {seen}"

        wait(f"{YIBIN.name}'s watch tells of the bidder who was listed", unlike)
        if set(seen) != {row}:
            raise DemoError(f"{YIBIN.name}: rows {sorted(seen)} were told of, expected {row} alone")
        shown = {"watched": len(bidders), "matches": len(first), "told": BEGAN}
        return round(perf_counter() - act, 3), {YIBIN.region: shown}

    def _read(self, watch: str, after: str) -> tuple[str, list[dict[str, Any]]]:
        """Where the events of a watch end now, and those since a position."""
        events: list[dict[str, Any]] = []
        while True:
            page = self._clients[YIBIN].read_watch(watch, after)
            after, events = page["position"], [*events, *page["events"]]
            if not (page["more"] or page["pending"]):
                return after, events

    def _list(self, bidder: Bidder) -> None:
        """泸州's labour department hands in a file with one row."""
        code, name = bidder
        today = f"{self._today // _YEAR}-{self._today // 100 % 100:02}-{self._today % 100:02}"
        row = (
            name,
            "用人单位",
            code,
            today,
            "示例人甲",
            f"{LUZHOU.name}市人力资源和社会保障局",
            f"泸人社监列〔{self._today // _YEAR}〕演示1号",
            "克扣、无故拖欠农民工工资，数额达到认定拒不支付劳动报酬罪标准",
            f"{self._today // _YEAR}-01-01",
        )
        self._folder.mkdir()
        path = self._folder / f"{WAGES}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows((_COLUMNS, row))
        result = self._clients[LUZHOU].publish_file(path, list_type=WAGES)
        if result["published"] != 1:
            raise DemoError(f"{LUZHOU.name} did not publish {path}: {result}")
