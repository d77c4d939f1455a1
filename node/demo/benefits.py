"""The chapter of the demo in which what a firm has earned in one city serves it in the others.

泸州's list of A-grade tax payers and its deposit-free scenario: 内江 recognised it, 自贡 declined,
成都 reads a grade of its own evaluation by an equivalence.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from huxin.v1 import registry_pb2

from federation.ids import Date, StatementId
from node.demo.client import STATUS_SECONDS, Clients, wait
from node.demo.members import CHENGDU, LUZHOU, NEIJIANG, ZIGONG, DemoMember
from node.demo.processes import DemoError
from node.demo.recognising import all_published, ending_after
from node.demo.screening import FUNDS, OFFICIAL

AWARDS: Final = "awards"
SCENARIOS: Final = "scenarios"
"""Folders of the demo's data."""
A_GRADE: Final = "tax-grade-a"
EVALUATED: Final = "public-credit-evaluation"
_PURPOSE: Final = "joint-incentive"
_SAID: Final = {NEIJIANG: "accepts", ZIGONG: "declines", CHENGDU: "accepts"}
_YEAR: Final = 10000
"""In dates of the form YYYYMMDD."""


class Benefits:
    """A firm of 泸州 wants to rent in 内江, in 自贡; one of 成都 there."""

    def __init__(self, clients: Clients, data: Path, folder: Path, today: Date) -> None:
        """Publish what was awarded, the scenario, and what the cities say of it.

        Args:
            clients: the running nodes.
            data: the demo's data.
            folder: where copies of files may be written.
            today: the day.

        Raises:
            DemoError: a city refuses what it should publish.
        """
        self._clients, self._data, self._today = clients, data, today
        self._folder = folder / AWARDS
        self._folder.mkdir(exist_ok=True)
        self._asked = 0
        self._tokens = {
            member: clients[member].credential(
                f"{member.name}市政务服务中心（演示）", FUNDS, _PURPOSE, Date(today + _YEAR)
            )
            for member in _SAID
        }
        self.firm = self._awarded(LUZHOU, A_GRADE)
        """A firm of 泸州's list, as it stands in its log."""
        self._evaluated = self._awarded(CHENGDU, EVALUATED)
        (path,) = self._copied(LUZHOU.region, f"{SCENARIOS}/{LUZHOU.region}.yaml")
        path.write_text(ending_after(path.read_text("utf-8"), today), "utf-8")
        self.scenario = self._published(LUZHOU, path, "scenario")[0]
        for member, word in _SAID.items():
            (path,) = self._copied(member.region, f"{SCENARIOS}/{member.region}-{word}.yaml")
            said = path.read_text("utf-8").replace("{scenario}", self.scenario.hex())
            path.write_text(said.replace("{day}", str(today)), "utf-8")
            self._clients.wait_record(LUZHOU, self.scenario, "in-force")
            self._published(member, path, "recognition")

    def had(self) -> tuple[float, dict[str, Any]]:
        """The firm is deposit-free in 内江, not in 自贡; both cities count that it used it.

        Returns:
            Seconds until 泸州 counted it, and what each city showed.

        Raises:
            DemoError: somebody shows something else.
        """
        answer = self._wait(NEIJIANG, self.firm, "entitled")
        declined = self._wait(ZIGONG, self.firm, "not")
        if [one["code"] for one in declined["codes"]] != ["benefit.declined"]:
            raise DemoError(f"{ZIGONG.name}: expected its reason, got {declined['codes']}")
        act = perf_counter()
        report = {"check": answer["number"], "used_on": self._today, "person": OFFICIAL}
        used = self._clients[NEIJIANG].use_benefit(report, self._tokens[NEIJIANG])
        if not used["published"]:
            raise DemoError(f"{NEIJIANG.name}: the use waits: {used['later']}")

        def unlike() -> str:
            for member in (NEIJIANG, LUZHOU):
                counted = self._clients[member].benefit_uses(self._today, self._today)
                if [(one["region"], one["uses"]) for one in counted] != [(NEIJIANG.name, 1)]:
                    return f"{member.name} counts {counted}"
            return ""

        wait("both cities count the use", unlike)
        return round(perf_counter() - act, 3), {
            NEIJIANG.region: {"result": "entitled"},
            ZIGONG.region: {"result": "not", "code": "benefit.declined"},
            LUZHOU.region: {"result": "used"},
        }

    def withdrawn(self) -> tuple[StatementId, float, dict[str, Any]]:
        """泸州's authority withdraws the award, and 内江's answer changes with its reason.

        Returns:
            The withdrawal, seconds until the answer had changed, and the answer.

        Raises:
            DemoError: it does not.
        """
        statement_id = StatementId(bytes.fromhex(self.firm["statement_id"]))
        act = perf_counter()
        relief = self._clients[LUZHOU].relieve(
            registry_pb2.RELIEF_KIND_WITHDRAWAL,
            statement_id,
            f"泸税撤〔{self._today // _YEAR}〕演示1号",
            self._today,
        )
        answer = self._wait(NEIJIANG, self.firm, "not")
        code = next(one["code"] for one in answer["conditions"] if one["answer"] == "no")
        results = {NEIJIANG.region: {"result": "not", "code": code}}
        return relief, round(perf_counter() - act, 3), results

    def read_as(self) -> dict[str, Any]:
        """成都 reads its own evaluation as an A, by the equivalence that two persons adopted.

        Raises:
            DemoError: it does not.
        """
        answer = self._wait(CHENGDU, self._evaluated, "entitled")
        return {CHENGDU.region: {"result": answer["result"], "code": "equivalence"}}

    def _awarded(self, member: DemoMember, list_type: str) -> Mapping[str, Any]:
        """Publish a list of a city's, and take the first firm on it."""
        (path,) = self._copied(member.region, f"{AWARDS}/{member.region}/{list_type}.csv")
        self._clients[member].publish_file(path, list_type=list_type)
        held = self._clients[member].records(
            state="active", kind="commendation", list_type=list_type, limit=100
        )
        if not held:
            raise DemoError(f"{member.name}: nobody is on {list_type}")
        return min(held, key=lambda record: int(record["index"]))

    def _copied(self, region: str, *names: str) -> list[Path]:
        """Copies of files: what is published has its errors written beside it."""
        folder = self._folder / region
        folder.mkdir(exist_ok=True)
        return [Path(shutil.copy(self._data / name, folder)) for name in names]

    def _published(self, member: DemoMember, path: Path, kind: str) -> list[StatementId]:
        return all_published(self._clients[member].publish_file(path, kind=kind))

    def _wait(self, member: DemoMember, firm: Mapping[str, Any], result: str) -> dict[str, Any]:
        """Ask until this is answered: what came just now is judged, and attested, in a while."""
        answer: dict[str, Any] = {}

        def unlike() -> str:
            self._asked += 1
            question = {
                "request_id": f"demo-benefit-{self._asked}",
                "scenario": self.scenario.hex(),
                "case_no": f"园租〔{self._today // _YEAR}〕演示1号",
                "purpose": _PURPOSE,
                "code": firm["subject"]["code"],
                "name": firm["subject"]["name"],
            }
            answer.clear()
            answer.update(self._clients[member].check_benefit(question, self._tokens[member]))
            if answer["result"] == result:
                return ""
            open_ones = [
                (one["code"], [rule["code"] for rule in one["rules"]])
                for one in answer["conditions"]
            ]
            return f"{member.name} answers {answer['result']}, {answer['codes']}, {open_ones}"

        wait(f"{member.name} answers {result}", unlike, STATUS_SECONDS)
        return answer
