"""The chapter of the demo in which 宜宾 lists a firm of 自贡, and 自贡 tells it 属地通报."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from federation.ids import CharterId, Date, StatementId
from federation.payloads import (
    Audience,
    Exit,
    ExitKind,
    Listing,
    Source,
    Subject,
    TermQuality,
    Tier,
)
from federation.uscc import kinds_of
from node.demo.client import Clients, wait
from node.demo.members import YIBIN, ZIGONG
from node.demo.processes import DemoError
from node.notices.letters import notice_letter

FOLDER: Final = "letters"
LETTER: Final = "通报函.docx"
LIST_TYPE: Final = "judgment-defaulter"
_PURPOSE: Final = "joint-punishment"
_LATER: Final = 10000
"""A year in dates of the form YYYYMMDD."""


def firm_of(firms: Mapping[str, Mapping[str, str]], names: Mapping[str, int]) -> dict[str, str]:
    """The last firm of a base library that exists and shares its name with none."""
    return next(
        {"code": code, "name": row["name"]}
        for code, row in sorted(firms.items(), reverse=True)
        if names[row["name"]] == 1 and not row["status"]
    )


class Notices:
    """A firm of 自贡 that a court of 宜宾 lists."""

    def __init__(
        self, clients: Clients, charter: CharterId, firm: Mapping[str, str], today: Date
    ) -> None:
        """Take the running nodes, the alliance of both, and the firm."""
        self._clients = clients
        self._charter = charter
        self._firm = firm
        self._today = today

    def told(self, folder: Path) -> tuple[StatementId, float, dict[str, Any]]:
        """List it, wait until 自贡 tells of it, and print the letter.

        Returns:
            The listing, seconds until 自贡 told of it, and what each city showed.

        Raises:
            DemoError: 自贡 does not tell of it, or somebody else does.
        """
        act = perf_counter()
        statement_id = self._clients[YIBIN].list_(self._listing())
        found: dict[str, Any] = {}

        def unlike() -> str:
            notices = self._clients[ZIGONG].notices()
            told = [one for one in notices if one["statement_id"] == statement_id.hex()]
            found.update(told[0] if told else {})
            shown = found.get("state", "nothing")
            return "" if shown == "active" else f"{ZIGONG.name} tells of {shown}"

        wait(f"{ZIGONG.name} tells its firm", unlike)
        took = round(perf_counter() - act, 3)
        elsewhere = [one["statement_id"] for one in self._clients[YIBIN].notices()]
        if statement_id.hex() in elsewhere:
            raise DemoError(f"{YIBIN.name} tells of a firm that is not its own")
        folder.mkdir()
        (folder / LETTER).write_bytes(notice_letter(found))
        return (
            statement_id,
            took,
            {
                ZIGONG.region: {
                    "from": found["city"],
                    "state": found["state"],
                    "repair_from": found["repair_from"],
                    "letter": f"{FOLDER}/{LETTER}",
                }
            },
        )

    def campaign(self) -> dict[str, Any]:
        """自贡 enters its firms on that list into a ledger; its exit rate.

        Raises:
            DemoError: nothing was entered, or more has exited than was.
        """
        home = self._clients[ZIGONG]
        opened = home.open_campaign(
            "失信问题专项治理（演示）",
            f"自信办〔{self._today // 10000}〕演示1号",
            "自贡市发展改革委（演示）",
        )
        home.enter_campaign(opened, LIST_TYPE)
        shown = home.campaign(opened)
        if not 0 <= shown["exited"] < shown["subjects"]:
            raise DemoError(f"{ZIGONG.name}: {shown['exited']} of {shown['subjects']} have exited")
        return {name: shown[name] for name in ("subjects", "exited", "rate")}

    def _listing(self) -> Listing:
        return Listing(
            audience=Audience(charters=(self._charter,), purposes=(_PURPOSE,)),
            subject=Subject(
                scheme="uscc",
                code=self._firm["code"],
                name=self._firm["name"],
                kind=kinds_of(self._firm["code"])[0],
            ),
            list_type=LIST_TYPE,
            tier=Tier.SEVERE,
            authority=f"{YIBIN.region}-court",
            authority_name=f"{YIBIN.name}某法院（演示）",
            document=f"（{self._today // 10000}）川15执演示1号",
            decided_on=self._today,
            listed_on=self._today,
            prior_notice_on=Date(self._today - self._today % 10000 + 101),
            basis="最高人民法院关于公布失信被执行人名单信息的若干规定",
            publish_until=Date(self._today + _LATER - self._today % 100 + 1),
            term=TermQuality.STATED,
            exits=(
                Exit(kind=ExitKind.PERFORMED),
                Exit(kind=ExitKind.LISTED_FOR, months=6),
            ),
            source=Source(department="court", batch="demo", row=1, key="notice-1"),
        )
