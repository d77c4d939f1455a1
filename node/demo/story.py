"""The story of the demo: what the cities say to each other, step by step, and how long it takes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from huxin.v1 import registry_pb2

from federation.ids import CharterId, StatementId
from federation.reconcile.grounds import GROUND_MISSING
from federation.reconcile.identity import USCC
from federation.regions import lies_within, registered_in
from node.demo import checks
from node.demo.alliances import TwoAlliances
from node.demo.benefits import Benefits
from node.demo.checks import Statuses
from node.demo.client import STATUS_SECONDS, Clients, wait
from node.demo.execution import CERTIFICATES, Execution
from node.demo.furnishing import CATALOGS, LIBRARY, PERSONS, list_files, read_library
from node.demo.members import (
    CHENGDU,
    CITIES,
    HUB,
    LUZHOU,
    MEMBERS,
    NEIJIANG,
    SOUTH,
    YIBIN,
    ZIGONG,
    DemoMember,
)
from node.demo.notices import FOLDER, Notices, firm_of
from node.demo.offices import Offices
from node.demo.platforms import Platforms
from node.demo.processes import DemoError, Processes
from node.demo.recognising import recognise
from node.demo.screening import Screening
from node.demo.steps import Step, name_subject
from node.demo.tender import Tender
from node.demo.watching import Watching
from node.system.clock import SystemClock

LISTS: Final = "lists"
"""Folder of the departments' files, in the demo's data and in its directory."""
OLD_FILE: Final = "judgment-defaulter.csv"
RECORDS_MAX: Final = 1000
STRUCK_LIST: Final = "major-tax-violation"
"""The list that the demo's catalog of 宜宾 strikes."""
OLD_LIST: Final = "judgment-defaulter"
INVENTED: Final = "invented-2026.yaml"
"""A joint supplement that makes a list of its own."""


class Story:
    """Plays the story and checks each step; `steps` grows while it is played."""

    def __init__(
        self,
        *,
        directory: Path,
        data: Path,
        alliances: Mapping[str, CharterId],
        platforms: Platforms | None,
        offices: Offices,
        processes: Processes,
        clients: Clients,
        begins: Callable[[str], None],
        told: Callable[[Step], None],
    ) -> None:
        """Take the running federation.

        `begins` is called with its name before each step, `told` at its end.
        """
        self._alliances = alliances
        self._platforms = platforms
        self._offices = offices
        self._folder = directory
        self._lists = directory / LISTS
        self._data = data
        self._expected = json.loads((data / LISTS / "expected.json").read_text("utf-8"))
        known = {
            member: read_library(data / CATALOGS / member.region / LIBRARY) for member in CITIES
        }
        self._renamed = {
            code
            for code in known[NEIJIANG]
            if not lies_within(registered_in(USCC, code), NEIJIANG.region)
        }
        self._old_codes = {
            member.region: sum(bool(row["organisation_code"]) for row in rows.values())
            for member, rows in known.items()
        }
        firms = {code: row["name"] for rows in known.values() for code, row in rows.items()}
        self._names = Counter(firms.values())
        self._firms = known[ZIGONG]
        self._bidding = known[LUZHOU]
        self._invented = (data / CATALOGS / INVENTED).read_text("utf-8")
        self._processes = processes
        self._clients = clients
        self._begins = begins
        self._told = told
        self._today = SystemClock().today()
        self._began = perf_counter()
        self._relieved: dict[StatementId, tuple[DemoMember, str]] = {}
        self.steps: list[Step] = []
        self.agreed: Statuses = {}
        """The statuses that last showed all logs alike."""

    def play(self) -> None:
        """Play all steps.

        Raises:
            DemoError: something is not as it must be.
        """
        self._meet()
        self._publish()
        self._attest()
        judged = self._reconcile()
        self._offices.close(ZIGONG)
        self._relieve(
            "repair", "修复", LUZHOU, registry_pb2.RELIEF_KIND_REPAIR, "repaired", "泸信修决"
        )
        self._relieve(
            "withdraw", "撤销", YIBIN, registry_pb2.RELIEF_KIND_WITHDRAWAL, "withdrawn", "宜撤决"
        )
        self._old_file()
        self._scenario()
        self._two_alliances()
        self._invented_list()
        self._quality(judged)
        repair = self._outstanding()
        self._stop_and_catch_up()
        self._notices()
        self._screening()
        self._benefits()
        self._certificate(repair)
        self._end()
        if self._platforms is not None:
            self._told_to_platforms(self._platforms)

    def _meet(self) -> None:
        with self._step("connect", "互连") as step:
            wait("all nodes are connected", lambda: checks.not_connected(self._clients.statuses()))
            step.results = {"through_hub_only": [ZIGONG.region, YIBIN.region]}

    def _publish(self) -> None:
        def publish(member: DemoMember) -> dict[str, dict[str, Any]]:
            results: dict[str, dict[str, Any]] = {}
            for path in list_files(self._lists / member.region):
                result = self._clients[member].publish_file(path, list_type=path.stem)
                expected = self._expected[f"{member.region}/{path.name}"]
                differs = checks.unexpected_rows(result, expected)
                if differs:
                    raise DemoError(f"{member.name} {path.name}: {differs}")
                results[path.name] = result
            return results

        with self._step("publish", "发布名单") as step:
            published = self._clients.each(lambda client: publish(client.member), CITIES)
            act = perf_counter()
            sizes = {
                member: sum(result["published"] for result in results.values())
                for member, results in zip(CITIES, published, strict=True)
            }
            self._agree(sizes)
            step.to_last_node_s = _since(act)
            files = [result for results in published for result in results.values()]
            step.results = {
                "rows": sum(result["rows"] for result in files),
                "published": sum(result["published"] for result in files),
                "refused": sum(result["refused_rows"] for result in files),
            }

    def _attest(self) -> None:
        """Each city knows its own firms alone; of the others' it asks where they are registered."""
        with self._step("attest", "主体核验") as step:
            act = perf_counter()

            def unlike() -> str:
                step.results = checks.attested(self._clients.statuses(), CITIES)
                return checks.not_attested(step.results, self._old_codes)

            wait("subjects are attested where they are registered", unlike, 2 * STATUS_SECONDS)
            step.to_last_node_s = _since(act)

    def _reconcile(self) -> StatementId:
        """One listing: each city judges it by its own catalog and base library; returns its id."""
        with self._step("reconcile", "比对认定", ZIGONG) as step:
            listing = next(
                record
                for record in self._clients[ZIGONG].records(state="active", limit=RECORDS_MAX)
                if record["list_type"] == STRUCK_LIST and record["subject"]["code"] in self._renamed
            )
            statement_id = StatementId(bytes.fromhex(listing["statement_id"]))
            wanted = {LUZHOU: "active", NEIJIANG: "held", YIBIN: "rejected"}

            def unlike() -> str:
                for member, state in wanted.items():
                    record = self._clients[member].record(statement_id)
                    shown = {"state": "nothing"} if record is None else record
                    step.results[member.region] = {k: shown.get(k) for k in ("state", "rule")}
                    if shown["state"] != state:
                        return f"{member.name} shows {shown['state']}, expected {state}"
                return ""

            wait("each city judges by its own catalog", unlike)
            step.statement_ids = [listing["statement_id"]]
            step.subject = {k: listing["subject"][k] for k in ("code", "name")}
        return statement_id

    def _two_alliances(self) -> None:
        with self._step("alliances", "两个联盟", LUZHOU) as step:
            chapter = TwoAlliances(self._clients, self._alliances, self._today)
            step.statement_ids, step.to_last_node_s, step.results = chapter.play()

    def _invented_list(self) -> None:
        """A joint supplement that makes a list which no law makes is not adopted."""
        with self._step("invented-list", "拒收自设名单", CHENGDU) as step:
            refused = self._clients[CHENGDU].refusal_of_edition(self._invented, PERSONS)
            if refused != GROUND_MISSING:
                raise DemoError(f"{CHENGDU.name}: expected {GROUND_MISSING}, got {refused!r}")
            step.results = {CHENGDU.region: refused}

    def _quality(self, listed: StatementId) -> None:
        """Whoever listed sees in its quality report who held it, and why.

        What 宜宾's own catalog lacks is no fault of the listing's, and not named among them.
        """
        with self._step("quality", "数据质量", ZIGONG) as step:
            wanted = {NEIJIANG.region: "held"}

            def unlike() -> str:
                found = self._clients[ZIGONG].quality(self._today, self._today)
                said = {
                    fault["by"].partition(".")[0]: fault
                    for row in found["rows"]
                    for fault in row["faults"]
                    if fault["statement_id"] == listed.hex()
                }
                step.results = {
                    region: {name: fault[name] for name in ("outcome", "reason")}
                    for region, fault in said.items()
                }
                outcomes = {region: fault["outcome"] for region, fault in said.items()}
                return "" if outcomes == wanted else f"expected {wanted}, got {outcomes}"

            wait("the report names who held the listing", unlike)
            step.statement_ids = [listed.hex()]

    def _relieve(
        self,
        name: str,
        title: str,
        member: DemoMember,
        kind: registry_pb2.ReliefKind.ValueType,
        state: str,
        letters: str,
    ) -> None:
        with self._step(name, title, member) as step:
            listing = self._oldest(member)
            statement_id = StatementId(bytes.fromhex(listing["statement_id"]))
            document = f"{letters}〔{self._today // 10000}〕演示1号"
            act = perf_counter()
            relief = self._clients[member].relieve(kind, statement_id, document, self._today)
            self._clients.wait_record(member, statement_id, state)
            step.to_last_node_s = _since(act)
            self._relieved[statement_id] = (member, state)
            name_subject(step, listing, relief)

    def _old_file(self) -> None:
        """The files from before the reliefs, once more: nothing may come back."""
        with self._step("old-file", "再报旧文件") as step:
            for member in (LUZHOU, YIBIN):
                path = self._lists / member.region / OLD_FILE
                result = self._clients[member].publish_file(path, list_type=OLD_LIST)
                step.results[member.region] = result["decisions"]
                if result["published"]:
                    message = f"{member.name}: {path.name} published {result['published']} rows"
                    raise DemoError(message)
            self._agree({})
            for statement_id, (said_by, state) in self._relieved.items():
                self._clients.wait_record(said_by, statement_id, state)
            step.statement_ids = [statement_id.hex() for statement_id in self._relieved]

    def _scenario(self) -> None:
        with self._step("scenario", "场景互认", NEIJIANG) as step:
            act = perf_counter()
            said = recognise(self._clients, self._lists, self._today)
            step.to_last_node_s = _since(act)
            step.statement_ids = [statement_id.hex() for statement_id in said]
            step.results = {LUZHOU.region: "accepted", ZIGONG.region: "declined"}

    def _stop_and_catch_up(self) -> None:
        """One node is down while another city repairs; started again, it catches up by itself."""
        with self._step("catch-up", "停机与追平", NEIJIANG) as step:
            self._clients.leave(NEIJIANG)
            self._processes.stop(NEIJIANG)
            listing = self._oldest(ZIGONG)
            statement_id = StatementId(bytes.fromhex(listing["statement_id"]))
            document = f"自信修决〔{self._today // 10000}〕演示1号"
            relief = self._clients[ZIGONG].relieve(
                registry_pb2.RELIEF_KIND_REPAIR, statement_id, document, self._today
            )
            self._clients.wait_record(ZIGONG, statement_id, "repaired")
            act = perf_counter()
            self._processes.start(NEIJIANG)
            self._processes.wait_ready(NEIJIANG)
            self._clients.open(NEIJIANG)
            self._clients.wait_record(ZIGONG, statement_id, "repaired")
            step.to_last_node_s = _since(act)
            self._relieved[statement_id] = (ZIGONG, "repaired")
            name_subject(step, listing, relief)

    def _outstanding(self) -> Execution:
        """自贡's platform alone owes 泸州's repair; it acknowledges while other steps go on."""
        with self._step("outstanding", "未执行可见", LUZHOU) as step:
            (repair,) = [one for one in self.steps if one.name == "repair"]
            step.statement_ids, step.subject = repair.statement_ids, repair.subject
            relief = StatementId(bytes.fromhex(repair.statement_ids[1]))
            chapter = Execution(self._clients[LUZHOU], relief)
            step.results = chapter.wait_outstanding({ZIGONG.name})
            self._offices.open(ZIGONG)
        return chapter

    def _certificate(self, chapter: Execution) -> None:
        with self._step("certificate", "执行与证明", LUZHOU) as step:
            chapter.wait_outstanding(set())
            (repair,) = [one for one in self.steps if one.name == "repair"]
            step.results = chapter.prove(repair.subject or {}, self._folder / CERTIFICATES)

    def _notices(self) -> None:
        """A firm is told at home of what another city lists of it."""
        with self._step("notice", "属地通报", YIBIN) as step:
            firm = firm_of(self._firms, self._names)
            chapter = Notices(self._clients, self._alliances[SOUTH.name], firm, self._today)
            said, step.to_last_node_s, step.results = chapter.told(self._folder / FOLDER)
            step.statement_ids, step.subject = [said.hex()], firm
        with self._step("campaign", "专项治理", ZIGONG) as step:
            step.results = {ZIGONG.region: chapter.campaign()}

    def _screening(self) -> None:
        """Departments ask before they act; what they were told ends with the listing."""
        with self._step("check", "先查后办", YIBIN) as step:
            chapter = Screening(self._clients, self._today, self._names)
            step.to_last_node_s, step.results = chapter.prompted()
            name_subject(step, chapter.repaired.listing)
        with self._step("tender", "一标五千家", YIBIN) as step:
            tender = Tender(self._clients, self._today, self._names, self._bidding)
            step.results = tender.checked()
        with self._step("watch", "签约前跟踪", LUZHOU) as step:
            watching = Watching(self._clients, self._today, self._folder)
            step.to_last_node_s, step.results = watching.told(tender.bidders, 1)
            step.subject = dict(zip(("code", "name"), tender.bidders[0], strict=True))
        with self._step("same-name", "同名不同企", YIBIN) as step:
            step.results = chapter.same_name()
        with self._step("cleared", "修复后再查", LUZHOU) as step:
            relief, step.to_last_node_s, step.results = chapter.cleared()
            name_subject(step, chapter.repaired.listing, relief)
        with self._step("undone", "撤销后解除", LUZHOU) as step:
            relief, step.to_last_node_s, step.results = chapter.undone()
            name_subject(step, chapter.quashed.listing, relief)

    def _benefits(self) -> None:
        """What a firm has earned in one city serves it in the others."""
        with self._step("benefit", "场景适用", NEIJIANG) as step:
            chapter = Benefits(self._clients, self._data, self._folder, self._today)
            step.to_last_node_s, step.results = chapter.had()
            name_subject(step, chapter.firm)
        with self._step("benefit-withdrawn", "守信撤销", LUZHOU) as step:
            relief, step.to_last_node_s, step.results = chapter.withdrawn()
            name_subject(step, chapter.firm, relief)
        with self._step("benefit-equivalence", "等级对照", CHENGDU) as step:
            step.results = chapter.read_as()

    def _end(self) -> None:
        with self._step("agree", "核对一致") as step:
            for statement_id, (said_by, state) in self._relieved.items():
                self._clients.wait_record(said_by, statement_id, state)
            self._agree({}, checks.not_ok)
            step.statement_ids = [statement_id.hex() for statement_id in self._relieved]

    def _told_to_platforms(self, platforms: Platforms) -> None:
        """What arrived at the platforms: all of it, and the way of a relieved record."""
        with self._step("platforms", "各市平台") as step:
            of = {
                member.region: (statement_id, state)
                for statement_id, (member, state) in self._relieved.items()
            }
            shown = {
                LUZHOU.region: of[YIBIN.region],
                YIBIN.region: of[LUZHOU.region],
                ZIGONG.region: of[YIBIN.region],
            }
            step.results = platforms.play(self._clients, shown)
            step.statement_ids = [statement_id.hex() for statement_id, _ in shown.values()]

    def _agree(
        self,
        sizes: dict[DemoMember, int],
        unlike_too: Callable[[Statuses], str] = lambda _: "",
    ) -> None:
        """Wait until each city's log is the same wherever it is held, whole and applied.

        The statuses that showed it are kept: later ones may be of before and after a receipt.
        """

        def unlike() -> str:
            statuses = self._clients.statuses()
            least = {
                member: max(checks.own_size(statuses, member), sizes.get(member, 0))
                for member in MEMBERS
                if member is not HUB
            }
            self.agreed = statuses
            return checks.not_agreed(statuses, least) or unlike_too(statuses)

        wait("all nodes hold the same logs", unlike, STATUS_SECONDS)

    def _oldest(self, member: DemoMember) -> dict[str, Any]:
        """The active listing of a city's own log that was decided first."""
        active = self._clients[member].records(state="active", limit=1000)
        if not active:
            raise DemoError(f"{member.name}: no active listing in its own log")
        return min(active, key=lambda record: (record["decided_on"], record["index"]))

    @contextmanager
    def _step(self, name: str, title: str, member: DemoMember | None = None) -> Iterator[Step]:
        step = Step(name=name, title=title, region="" if member is None else member.region)
        self._begins(name)
        began = perf_counter()
        step.started_s = round(began - self._began, 3)
        try:
            yield step
        except DemoError as error:
            raise DemoError(f"{title} {name}: {error}") from error
        step.took_s = _since(began)
        self.steps.append(step)
        self._told(step)


def _since(moment: float) -> float:
    return round(perf_counter() - moment, 3)
