"""The chapter of the demo in which departments ask before they act, and say what they did.

Builders on 泸州's list for unpaid wages apply for the government's money in 宜宾, and in 自贡.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

from huxin.v1 import registry_pb2

from federation.ids import Date, StatementId
from federation.uscc import make_uscc
from node.demo.client import STATUS_SECONDS, Clients, wait
from node.demo.execution import Execution
from node.demo.members import LUZHOU, YIBIN, ZIGONG, DemoMember
from node.demo.processes import DemoError

WAGES: Final = "unpaid-migrant-wages"
FUNDS: Final = "government-funds"
BIDDING: Final = "bidding"
"""招投标: under which the bidders of a tender are asked about."""
OFFICIAL: Final = "示例人丙"
PURPOSE: Final = "joint-punishment"
_YEAR: Final = 10000
"""In dates of the form YYYYMMDD."""
_LISTED: Final = 200
"""Builders among whom two are looked for who stand on one list alone, and nobody of their name."""
_ENDED: Final = {
    "repaired": (registry_pb2.RELIEF_KIND_REPAIR, "泸信修决"),
    "withdrawn": (registry_pb2.RELIEF_KIND_WITHDRAWAL, "泸撤决"),
}
_NOBODY: Final = make_uscc("91510500", "YY999999")
"""A code that no firm of the demo has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A builder, and what 宜宾 answered when it applied."""

    listing: Mapping[str, Any]
    question: Mapping[str, str]
    match: Mapping[str, Any]
    """The match of the answer."""
    number: str
    """Of the answer."""

    @property
    def statement_id(self) -> StatementId:
        """Of the listing."""
        return StatementId(bytes.fromhex(self.listing["statement_id"]))

    @property
    def record(self) -> str:
        """The listing, as outcomes name it."""
        return f"{self.match['origin']}#{self.match['index']}"


class Screening:
    """Two builders apply in 宜宾; what becomes of their applications."""

    def __init__(self, clients: Clients, today: Date, names: Mapping[str, int]) -> None:
        """Take the running nodes, and how many firms have a name."""
        self._names = names
        self._clients = clients
        self._today = today
        self._asked = 0
        self._tokens = {
            member: clients[member].credential(
                f"{member.name}市财政局（演示）", FUNDS, PURPOSE, Date(today + _YEAR)
            )
            for member in (YIBIN, ZIGONG)
        }
        self.repaired, self.quashed = self._apply()
        """Whose listing is repaired later, and whose is withdrawn."""

    def prompted(self) -> tuple[float, dict[str, Any]]:
        """The officer in 宜宾 reports; 泸州 sees the case; 自贡 has no measure.

        Returns:
            Seconds until 泸州 saw it, and what each city showed.

        Raises:
            DemoError: somebody shows something else.
        """
        act = perf_counter()
        measures: list[dict[str, str]] = []
        for asked in (self.repaired, self.quashed):
            (measure,) = asked.match["measures"]
            measures.append(measure)
            self._report(asked, measure["code"], "prompted")
        for asked in (self.repaired, self.quashed):
            self._wait_case(asked, "prompted")
        seen = perf_counter() - act
        elsewhere = self._check(ZIGONG, self._again(self.repaired))
        (match,) = elsewhere["matches"]
        if match["measures"] or not match["no_measure"]:
            raise DemoError(f"{ZIGONG.name}: expected no measure, got {match['measures']}")
        return round(seen, 3), {
            YIBIN.region: {"result": "match", "class": measures[0]["class"]},
            LUZHOU.region: {"result": "prompted"},
            ZIGONG.region: {"result": "match", "code": match["no_measure"]},
        }

    def same_name(self) -> dict[str, Any]:
        """Another firm has the name of one that is listed: nothing follows for it.

        Raises:
            DemoError: it is matched, or clear.
        """
        answer = self._check(YIBIN, self._again(self.repaired) | {"code": _NOBODY})
        if answer["result"] != "insufficient" or answer["matches"]:
            raise DemoError(f"{YIBIN.name}: expected insufficient, got {answer['result']}")
        return {YIBIN.region: {"result": "insufficient", "code": answer["codes"][0]["code"]}}

    def cleared(self) -> tuple[StatementId, float, dict[str, Any]]:
        """泸州 repairs one, every city acknowledges, and 宜宾 is asked again.

        Returns:
            The repair, seconds until the last node showed it, and the answer.

        Raises:
            DemoError: it is not clear, or does not say what no longer holds.
        """
        relief, took = self._lift(self.repaired, "repaired")
        Execution(self._clients[LUZHOU], relief).wait_outstanding(set())
        answer = self._check(YIBIN, self.repaired.question)
        gone = [f"{one['origin']}#{one['index']}" for one in answer["superseded"]]
        if answer["result"] != "clear" or gone != [self.repaired.record]:
            raise DemoError(f"{YIBIN.name}: expected clear, got {answer['result']}, {gone}")
        return relief, took, {YIBIN.region: {"result": "clear", "superseded": len(gone)}}

    def undone(self) -> tuple[StatementId, float, dict[str, Any]]:
        """泸州 withdraws the other; 宜宾's department is told, undoes both, and 泸州 sees it.

        Returns:
            The withdrawal, seconds until the last node showed it, and who was told what.

        Raises:
            DemoError: it is not told, or 泸州 does not see it.
        """
        relief, took = self._lift(self.quashed, "withdrawn")
        told = {asked.number for asked in (self.repaired, self.quashed)}

        def unlike() -> str:
            pending = self._clients[YIBIN].pending_outcomes()
            found = {one["check"] for one in pending if one["state"] == "reopened"}
            return "" if told <= found else f"{YIBIN.name} has {len(told - found)} not reopened"

        wait("what was answered is reopened", unlike, STATUS_SECONDS)
        for asked in (self.repaired, self.quashed):
            (measure,) = asked.match["measures"]
            self._report(asked, measure["code"], "undone")
            self._wait_case(asked, "undone")
        results = {YIBIN.region: {"result": "reopened"}, LUZHOU.region: {"result": "undone"}}
        return relief, took, results

    def _lift(self, asked: Asked, state: str) -> tuple[StatementId, float]:
        """泸州 ends a listing of which 宜宾 was asked."""
        kind, letters = _ENDED[state]
        document = f"{letters}〔{self._today // 10000}〕演示2号"
        act = perf_counter()
        relief = self._clients[LUZHOU].relieve(kind, asked.statement_id, document, self._today)
        self._clients.wait_record(LUZHOU, asked.statement_id, state)
        return relief, round(perf_counter() - act, 3)

    def _apply(self) -> tuple[Asked, Asked]:
        """Find two builders on that list alone, and on none another of their name."""
        found: list[Asked] = []
        listed = self._clients[LUZHOU].records(state="active", list_type=WAGES, limit=_LISTED)
        for listing in reversed(listed):  # the first ones are left to whoever tries the examples
            subject = listing["subject"]
            if self._names[subject["name"]] != 1:
                continue  # after its repair it would be one of several of its name
            question = {
                "request_id": self._request(),
                "matter": FUNDS,
                "case_no": f"宜财申〔{self._today // 10000}〕演示{self._asked}号",
                "purpose": PURPOSE,
                "code": subject["code"],
                "name": subject["name"],
            }
            answer = self._check(YIBIN, question)
            if len(answer["matches"]) == 1 and len(answer["matches"][0]["measures"]) == 1:
                (match,) = answer["matches"]
                found.append(
                    Asked(listing=listing, question=question, match=match, number=answer["number"])
                )
                if len(found) == 2:
                    return found[0], found[1]
        raise DemoError(f"{YIBIN.name}: fewer than two of {LUZHOU.name}'s builders are prompted")

    def _check(self, member: DemoMember, question: Mapping[str, str]) -> dict[str, Any]:
        """Ask until all logs were looked at whole: one that grew just now is behind for a while."""
        answer: dict[str, Any] = {}

        def unlike() -> str:
            answer.update(self._clients[member].check(question, self._tokens[member]))
            return "" if answer["complete"] else f"{member.name}: {answer['coverage']}"

        wait(f"{member.name}'s answer is complete", unlike)
        return answer

    def _report(self, asked: Asked, measure: str, result: str) -> None:
        report = {
            "check": asked.number,
            "origin": asked.match["origin"],
            "index": asked.match["index"],
            "measure": measure,
            "result": result,
            "decided_on": self._today,
            "person": OFFICIAL,
        }
        reported = self._clients[YIBIN].report_outcome(report, self._tokens[YIBIN])
        if not reported["published"]:
            raise DemoError(f"{YIBIN.name}: the outcome waits: {reported['later']}")

    def _wait_case(self, asked: Asked, result: str) -> None:
        def unlike() -> str:
            seen = {
                one["result"]
                for one in self._clients[LUZHOU].outcomes()
                if one["record"] == asked.record and one["region"] == YIBIN.name
            }
            return "" if result in seen else f"{LUZHOU.name} has {sorted(seen)}"

        wait(f"{LUZHOU.name} sees that a case is {result}", unlike)

    def _again(self, asked: Asked) -> dict[str, str]:
        """The question of an application, as a new one."""
        return {**asked.question, "request_id": self._request()}

    def _request(self) -> str:
        self._asked += 1
        return f"demo-{self._asked}"
