"""All benefits of one subject, against one question about one of them: milliseconds.

500 scenarios of a node that holds many listings; one caller, over the Unix socket.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import grpc
from huxin.v1 import recognition_pb2 as pb
from huxin.v1.recognition_pb2_grpc import RecognitionsStub

from bench import federations
from bench.benefit import SCENARIOS, offered
from bench.check import RUNS, SIZE, prepared
from bench.databases import databases
from bench.measuring import Options, Result, Run
from node.directory.presence import read_node_file
from tests.support.invented import code_of, name_of

QUESTIONS = 20
"""Of each kind in one run."""


def run(options: Options) -> Iterator[Result]:
    """Measure on each database; the size is how many listings the node holds."""
    for kind in options.databases:
        with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
            directory = Path(name)
            with databases(kind, directory) as server, server.fresh() as url:
                pair = federations.found(directory, guests=1)
                federations.use_database(pair.publisher, url)
                size = options.size or SIZE
                asked = prepared(directory, pair.publisher, pair.guests[0], pair, size)
                runs = tuple(_measured(asked.node, options.runs or RUNS))
            yield Result(
                bench=f"benefits, {SCENARIOS} scenarios",
                database=kind,
                unit="ms",
                baseline="one CheckBenefit",
                runs=runs,
                size=size,
            )


def _measured(node: Path, runs: int) -> Iterator[Run]:
    with federations.serving(node):
        scenarios = offered(node)
        with grpc.insecure_channel(f"unix:{read_node_file(node).socket}") as channel:
            stub = RecognitionsStub(channel)
            for number in range(runs):

                def one(at: int, run: int = number) -> object:
                    wanted = scenarios[at % len(scenarios)]
                    question = pb.CheckBenefitRequest(scenario=wanted, **_asked(run, at, "one"))
                    return stub.CheckBenefit(question)

                def every(at: int, run: int = number) -> object:
                    return list(stub.ListBenefits(pb.ListBenefitsRequest(**_asked(run, at, "all"))))

                yield Run(value=_took(every), baseline=_took(one))


def _took(ask: Callable[[int], object]) -> float:
    """Milliseconds of a question, the median of several."""
    ask(0)  # what is made at the first question is made
    took = []
    for at in range(1, QUESTIONS + 1):
        began = perf_counter()
        ask(at)
        took.append((perf_counter() - began) * 1000)
    return median(took)


def _asked(number: int, at: int, word: str) -> dict[str, str]:
    return {
        "request_id": f"bench-{word}-{number}-{at}",
        "case_no": f"bench-{at}",
        "purpose": "joint-incentive",
        "code": code_of(at),
        "name": name_of(at),
    }
