"""The chapter of the demo in which 泸州, a member of both alliances, speaks to each and to both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, Final

from federation.ids import CharterId, Date, StatementId
from federation.payloads import Audience, Listing, Source, Subject, TermQuality, Tier
from federation.uscc import kinds_of
from node.demo.client import Clients, wait
from node.demo.members import (
    ALLIANCES,
    CHENGDU,
    LUZHOU,
    SOUTH,
    TONGNAN,
    WEST,
    ZIGONG,
    DemoMember,
)

RIVER_LIST: Final = "510000-cross-river-pollution"
"""Made by the demo's local regulation of 四川, and narrowed by the joint supplement 川渝."""
PURPOSE: Final = "joint-punishment"
_LATER: Final = 20000
"""Two years in dates of the form YYYYMMDD."""
_READERS: Final = (ZIGONG, CHENGDU, TONGNAN)


class TwoAlliances:
    """泸州 lists a subject to 川南, one to 成渝 and one to both; 成都 lists one to 成渝."""

    def __init__(self, clients: Clients, ids: Mapping[str, CharterId], today: Date) -> None:
        """Take the running nodes and the alliances' ids by name."""
        self._clients = clients
        self._ids = ids
        self._today = today

    def play(self) -> tuple[list[str], float, dict[str, Any]]:
        """Say it all, and check what each city has of it.

        Returns:
            Statement ids, seconds until the last node showed them, and what each city shows.

        Raises:
            DemoError: a node shows what it must not, or not what it must.
        """
        known = self._clients[LUZHOU].records(state="active", limit=len(ALLIANCES) + 2)
        subjects = [record["subject"] for record in known]
        act = perf_counter()
        luzhou = self._clients[LUZHOU]
        said = {
            "south": luzhou.list_(self._listing(LUZHOU, subjects[0], [SOUTH.name])),
            "west": luzhou.list_(self._listing(LUZHOU, subjects[1], [WEST.name])),
            "both": luzhou.list_(self._listing(LUZHOU, subjects[2], [SOUTH.name, WEST.name])),
            "chengdu": self._clients[CHENGDU].list_(
                self._listing(CHENGDU, subjects[3], [WEST.name])
            ),
        }
        results: dict[str, Any] = {}

        def unlike() -> str:
            for member in _READERS:
                results[member.region] = {
                    name: self._shown(member, statement_id) for name, statement_id in said.items()
                }
            return "; ".join(
                f"{region} shows {results[region]}, expected {wanted}"
                for region, wanted in EXPECTED.items()
                if results[region] != wanted
            )

        wait("each alliance has only what was said to it", unlike)
        took = round(perf_counter() - act, 3)
        return [statement_id.hex() for statement_id in said.values()], took, results

    def _shown(self, member: DemoMember, statement_id: StatementId) -> str:
        """What a node shows: nothing, a leaf without content, or its judgement."""
        record = self._clients[member].record(statement_id)
        if record is None:
            return UNKNOWN
        if record["subject"] is None:
            return LEAF_ONLY
        return ": ".join(filter(None, (record["state"], record["rule"])))

    def _listing(
        self, member: DemoMember, subject: Mapping[str, str], alliances: Sequence[str]
    ) -> Listing:
        return Listing(
            audience=Audience(
                charters=tuple(self._ids[name] for name in alliances), purposes=(PURPOSE,)
            ),
            subject=Subject(
                scheme="uscc",
                code=subject["code"],
                name=subject["name"],
                kind=kinds_of(subject["code"])[0],
            ),
            list_type=RIVER_LIST,
            tier=Tier.SEVERE,
            authority=f"{member.region}-ecology",
            authority_name=f"{member.name}生态环境主管部门（演示）",
            document=f"{member.name}环严列〔{self._today // 10000}〕{'、'.join(alliances)}演示1号",
            decided_on=self._today,
            listed_on=self._today,
            prior_notice_on=Date(self._today - self._today % 10000 + 101),
            basis="演示条例（虚构）第九条",
            publish_until=Date(self._today + _LATER - self._today % 100 + 1),
            term=TermQuality.STATED,
            source=Source(department="ecology", batch="demo", row=1, key="1"),
        )


UNKNOWN: Final = "unknown"
LEAF_ONLY: Final = "leaf only"
_REFUSED: Final = "rejected: catalog.list-unknown"
EXPECTED: Final[Mapping[str, Mapping[str, str]]] = {
    ZIGONG.region: {"south": "active", "west": LEAF_ONLY, "both": "active", "chengdu": UNKNOWN},
    CHENGDU.region: {"south": LEAF_ONLY, "west": "active", "both": "active", "chengdu": "active"},
    TONGNAN.region: {"south": LEAF_ONLY, "west": _REFUSED, "both": _REFUSED, "chengdu": _REFUSED},
}
