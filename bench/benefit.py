"""Questions about one benefit at a node that holds many listings and 500 scenarios.

As `bench.check`, and against the same bare server: the code is looked up by an index and a row is
appended durably. Each question is of a scenario by chance; some ask for a list of the trustworthy,
some that a firm is not listed, some where it is registered.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from huxin.v1 import payload_pb2, registry_pb2

from bench import askers, federations
from bench.check import LOOK_UP, RUNS, SIZE, Asked, bare, bare_task, permitted, prepared
from bench.databases import databases
from bench.measuring import Options, Result, Run
from bench.publications import registry
from federation.conditions import AllOf, Condition, NoListing, OnList, RegisteredIn
from federation.ids import Date
from federation.payloads import Benefit, Scenario, SubjectKind
from node.codec import ProtobufPayloads
from node.system.entropy import token

SCENARIOS = 500
CALLERS = (1, 64)
METHOD = "/huxin.v1.Recognitions/CheckBenefit"
CONDITIONS: tuple[Condition, ...] = (
    OnList(list_type="tax-grade-a"),
    NoListing(list_types=("unpaid-migrant-wages",), measure="wages-credit"),
    AllOf(of=(RegisteredIn(region="51"), OnList(list_type="tax-grade-a"))),
)


def run(options: Options, callers: Sequence[int] = CALLERS) -> Iterator[Result]:
    """Measure on each database; the size is how many listings the node holds."""
    for kind in options.databases:
        with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
            directory = Path(name)
            with (
                databases(kind, directory) as server,
                server.fresh() as url,
                server.fresh() as other,
            ):
                pair = federations.found(directory, guests=1)
                federations.use_database(pair.publisher, url)
                size, runs = options.size or SIZE, options.runs or RUNS
                asked = prepared(directory, pair.publisher, pair.guests[0], pair, size)
                found = _measured(asked, other, runs, callers)
            for count, of_all in found.items():
                yield Result(
                    bench=f"benefit, {count} callers",
                    database=kind,
                    unit="questions per second",
                    baseline=LOOK_UP,
                    runs=tuple(of_all),
                    size=size,
                )


def _measured(
    asked: Asked, database: str, runs: int, callers: Sequence[int]
) -> dict[int, list[Run]]:
    found: dict[int, list[Run]] = {count: [] for count in callers}
    with (
        federations.serving(asked.node),
        bare(asked, database) as endpoint,
        askers.asking() as client,
    ):
        asked = permitted(asked)
        scenarios = offered(asked.node)
        task = replace(asked.task(1, 0), method=METHOD, scenarios=scenarios)
        client.ask(task)  # what is made at the first question is made
        for number in range(runs):
            for count in callers:
                check = asked.task(count, 1 + number * 1000 + count)
                node = client.ask(replace(check, method=METHOD, scenarios=scenarios))
                bare_one = client.ask(bare_task(check, endpoint, "Check"))
                found[count].append(
                    Run(
                        value=len(node.took) / node.seconds,
                        baseline=len(bare_one.took) / bare_one.seconds,
                    )
                )
    return found


def offered(node: Path, count: int = SCENARIOS) -> tuple[str, ...]:
    """Let a node publish scenarios of its own; their ids."""
    payloads = ProtobufPayloads()
    drafts = [
        registry_pb2.Draft(
            action=1,
            scenario=payload_pb2.Scenario.FromString(payloads.encode(_scenario(number))),
        )
        for number in range(count)
    ]
    request = registry_pb2.PublishRequest(request_id=token(16).hex(), drafts=drafts)
    with registry(node) as stub:
        published = stub.Publish(request, timeout=600).published
    return tuple(one.statement_id.hex() for one in published)


def _scenario(number: int) -> Scenario:
    return Scenario(
        scenario_type="信易租",
        title=f"免押金租赁 {number}（演示）",
        provider="510500-development",
        provider_name="泸州市发展和改革委员会（演示）",
        benefits=(Benefit(text="免押金"),),
        conditions_text="",
        subject_kinds=(SubjectKind.ENTERPRISE,),
        valid_from=Date(20200101),
        valid_until=Date(0),
        charters=(),
        condition=CONDITIONS[number % len(CONDITIONS)],
    )
