"""Checks of one subject at a node that holds many listings: questions a second, and milliseconds.

Over mutual TLS, by 1, 8 and 64 callers, each question another case, half of the subjects listed;
each answer is recorded durably before it is given. Against a bare server over the same TLS that
looks the code up by an index and appends a row durably, committing what waits together; and
against one that sends back what it gets. Callers and server share this machine's processors.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from huxin.v1 import access_pb2
from huxin.v1.access_pb2_grpc import AccessStub

from bench import askers, bare_check, federations, lists
from bench.databases import SQLITE
from bench.lag import percentile
from bench.measuring import Options, Result, Run
from federation.payloads import Listing
from federation.uscc import make_uscc
from node.demo.founding import free_ports
from node.demo.furnishing import furnish
from node.demo.members import DATA
from node.directory.config import FILE_NAME, load_config
from node.directory.keys import load_keys
from node.directory.presence import read_node_file

SIZE = 200_000
"""Listings; 2,000,000 is the mark, and takes half an hour to make."""
RUNS = 3
CALLERS = (1, 8, 64)
QUESTIONS = 400
"""For each caller up to eight; as many for eight as for more."""
DISTINCT = 20_000
"""Subjects; of fewer a choice by chance would look like a walk through neighbouring codes."""
METHOD = "/huxin.v1.Screening/Check"
LOOK_UP = "bare look-up and durable append"
ECHO = "bare echo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A node that may be asked, and by whom."""

    node: Path
    endpoint: str
    identity: Path
    certificate: Path
    subjects: Path

    def task(self, callers: int, seed: int, questions: int = QUESTIONS) -> askers.Task:
        """Questions for the node."""
        return askers.Task(
            endpoint=self.endpoint,
            method=METHOD,
            identity=str(self.identity),
            certificate=str(self.certificate),
            subjects=str(self.subjects),
            callers=callers,
            questions=questions * min(callers, 8),
            seed=seed,
        )


def run(options: Options, callers: Sequence[int] = CALLERS) -> Iterator[Result]:
    """Measure; the size is how many listings the node holds, on SQLite."""
    size, runs = options.size or SIZE, options.runs or RUNS
    if SQLITE not in options.databases:
        return
    with tempfile.TemporaryDirectory(prefix="huxin-bench-") as name:
        directory = Path(name)
        pair = federations.found(directory, guests=1)
        asked = prepared(directory, pair.publisher, pair.guests[0], pair, size)
        measured: dict[tuple[str, str], list[Run]] = {}
        with (
            federations.serving(asked.node),
            bare(asked, directory / "bare.db") as endpoint,
            askers.asking() as client,
        ):
            permitted(asked)
            client.ask(asked.task(1, 0))  # what is made at the first question is made
            for number in range(runs):
                for count in callers:
                    seed = 1 + number * 1000 + count
                    found = client.ask(asked.task(count, seed))
                    for word, against in ((ECHO, "Echo"), (LOOK_UP, "Check")):
                        task = bare_task(asked, endpoint, against, count, seed)
                        other = client.ask(task)
                        _add(measured, count, word, found, other)
        for (bench, baseline), of_all in measured.items():
            yield Result(
                bench=bench,
                database=SQLITE,
                unit="ms" if "p99" in bench else "questions per second",
                baseline=baseline,
                runs=tuple(of_all),
                size=size,
            )


def prepared(directory: Path, node: Path, guest: Path, pair: federations.Pair, size: int) -> Asked:
    """Give a node catalogs, a library, listings, and a port for departments."""
    lists.write_list(directory / "list.csv", DISTINCT)
    made = map(lists.short, lists.listings(directory / "list.csv", pair.audience))
    rows = [_named(row, number) for number, row in enumerate(made)]
    furnish(load_config(node), DATA, ())
    if size:
        lists.preload(node, lists.many(rows, size))
    (port,) = free_ports(1)
    endpoint = f"127.0.0.1:{port}"
    path = node / FILE_NAME
    before, section, after = path.read_text("utf-8").partition("\n[access]\n")
    after = after.replace('listen = ""', f'listen = "{endpoint}"', 1)
    path.write_text(f"{before}{section}{after}", encoding="utf-8")
    subjects = [(row.subject.code, row.subject.name) for row in islice(rows, DISTINCT)]
    others = [
        (
            make_uscc("91510500", f"YY{number * 37 % 1_000_000:06}"),
            f"无名示例{number}有限公司（演示）",
        )
        for number in range(len(subjects))
    ]
    (directory / "subjects.json").write_text(json.dumps([*subjects, *others]), "utf-8")
    config = load_config(node)
    theirs = load_keys(config.keys_directory, config.origin).certificate
    (directory / "server.der").write_bytes(theirs)
    return Asked(
        node=node,
        endpoint=endpoint,
        identity=guest,
        certificate=directory / "server.der",
        subjects=directory / "subjects.json",
    )


def permitted(asked: Asked) -> None:
    """Let the guest's certificate ask as much as it likes."""
    request = access_pb2.NewCredentialRequest(
        department="bench",
        roles=["department"],
        matters=[askers.MATTER],
        purposes=[askers.PURPOSE],
        budget=10**8,
        expires_on=20991231,
        certificate=_der(asked.identity),
        by="bench",
    )
    with grpc.insecure_channel(f"unix:{read_node_file(asked.node).socket}") as channel:
        AccessStub(channel).NewCredential(request)


@contextmanager
def bare(asked: Asked, database: Path) -> Iterator[str]:
    """The bare server; yields its endpoint."""
    client = database.with_name("client.der")
    client.write_bytes(_der(asked.identity))
    paths = (asked.node, client, asked.subjects, database)
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.bare_check", *map(str, paths)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield f"127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()


def bare_task(asked: Asked, endpoint: str, what: str, callers: int, seed: int) -> askers.Task:
    """The same questions for the bare server."""
    fields: dict[str, Any] = {
        "endpoint": endpoint,
        "method": f"/{bare_check.SERVICE}/{what}",
        "identity": str(asked.identity),
        "certificate": str(asked.certificate),
        "subjects": str(asked.subjects),
    }
    return askers.Task(**fields, callers=callers, questions=QUESTIONS * min(callers, 8), seed=seed)


def _add(
    measured: dict[tuple[str, str], list[Run]],
    callers: int,
    baseline: str,
    found: askers.Answer,
    other: askers.Answer,
) -> None:
    rates = [len(one.took) / one.seconds for one in (found, other)]
    longest = [percentile(one.took, 99) for one in (found, other)]
    for bench, (value, bare_value) in (
        (f"check-at-{callers}", rates),
        (f"check-p99-at-{callers}", longest),
    ):
        measured.setdefault((bench, baseline), []).append(Run(value=value, baseline=bare_value))


def _named(listing: Listing, number: int) -> Listing:
    """Of a name that no other subject has: the makers of the demo's lists repeat theirs."""
    name = f"{number}号{listing.subject.name}"
    return replace(listing, subject=replace(listing.subject, name=name))


def _der(folder: Path) -> bytes:
    pem = (folder / federations.TLS_CERTIFICATE).read_bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
