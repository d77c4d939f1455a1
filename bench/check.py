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

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from huxin.v1 import access_pb2
from huxin.v1.access_pb2_grpc import AccessStub

from bench import askers, bare_check, federations, lists
from bench.databases import databases
from bench.lag import percentile
from bench.measuring import Options, Result, Run
from federation.payloads import Listing
from federation.uscc import make_uscc
from node.demo.furnishing import furnish
from node.demo.members import DATA
from node.demo.ports import free_ports
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
"""Subjects at least; of fewer a choice by chance would look like a walk through neighbours."""
MOST_DISTINCT = 900_000
EACH = 2
"""Listings of one subject, where there are more than enough."""
METHOD = "/huxin.v1.Screening/Check"
HTTP_CERTIFICATE, HTTP_KEY = "http.crt", "http.key"
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
    http: str
    """Where it is asked over HTTP, with `token`."""
    token: str = ""

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

    def over_http(self, task: askers.Task) -> askers.Task:
        """The same questions over HTTP."""
        return replace(task, endpoint=self.http, method="/v1/checks", token=self.token)


def run(options: Options, callers: Sequence[int] = CALLERS) -> Iterator[Result]:
    """Measure over gRPC; the size is how many listings the node holds."""
    yield from measured(options, callers, http=False)


def measured(options: Options, callers: Sequence[int], *, http: bool) -> Iterator[Result]:
    """Measure on each database, over gRPC or over HTTP."""
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
                size = options.size or SIZE
                asked = prepared(directory, pair.publisher, pair.guests[0], pair, size)
                found = _measured(asked, other, options.runs or RUNS, callers, http=http)
            for (bench, baseline), of_all in found.items():
                yield Result(
                    bench=bench,
                    database=kind,
                    unit="ms" if "p99" in bench else "questions per second",
                    baseline=baseline,
                    runs=tuple(of_all),
                    size=size,
                )


def _measured(
    asked: Asked, database: str, runs: int, callers: Sequence[int], *, http: bool
) -> dict[tuple[str, str], list[Run]]:
    found: dict[tuple[str, str], list[Run]] = {}
    name = "check-http" if http else "check"
    with (
        federations.serving(asked.node),
        bare(asked, database, http=http) as endpoint,
        askers.asking() as client,
    ):
        asked = permitted(asked)
        client.ask(asked.task(1, 0))  # what is made at the first question is made
        for number in range(runs):
            for count in callers:
                task = asked.task(count, 1 + number * 1000 + count)
                node = client.ask(asked.over_http(task) if http else task)
                for word, against in ((ECHO, "Echo"), (LOOK_UP, "Check")):
                    other = client.ask(bare_task(task, endpoint, against, http=http))
                    _add(found, name, count, word, node, other)
    return found


def prepared(directory: Path, node: Path, guest: Path, pair: federations.Pair, size: int) -> Asked:
    """Give a node catalogs, a library, listings, and a port for departments."""
    distinct = max(DISTINCT, min(size // EACH, MOST_DISTINCT))
    lists.write_list(directory / "list.csv", distinct)
    made = map(lists.short, lists.listings(directory / "list.csv", pair.audience))
    rows = [_named(row, number) for number, row in enumerate(made)]
    furnish(load_config(node), DATA, ())
    if size:
        lists.preload(node, lists.many(rows, size))
    endpoint, http = (f"127.0.0.1:{port}" for port in free_ports(2))
    _set(node, "access", listen=endpoint)
    _set(node, "http", listen=http, cert=HTTP_CERTIFICATE, key=HTTP_KEY)
    subjects = [(row.subject.code, row.subject.name) for row in islice(rows, distinct)]
    others = [
        (
            make_uscc("91510500", f"YY{number * 37 % 1_000_000:06}"),
            f"无名示例{number}有限公司（演示）",
        )
        for number in range(len(subjects))
    ]
    (directory / "subjects.json").write_text(json.dumps([*subjects, *others]), "utf-8")
    config = load_config(node)
    theirs = load_keys(config.keys_directory, config.origin)
    (directory / "server.der").write_bytes(theirs.certificate)
    (node / HTTP_CERTIFICATE).write_bytes(theirs.tls_certificate)
    (node / HTTP_KEY).write_bytes(theirs.tls_key)
    return Asked(
        node=node,
        endpoint=endpoint,
        identity=guest,
        certificate=directory / "server.der",
        subjects=directory / "subjects.json",
        http=http,
    )


def _set(node: Path, section: str, **values: str) -> None:
    """Give settings of a section values that have none."""
    path = node / FILE_NAME
    before, title, after = path.read_text("utf-8").partition(f"\n[{section}]\n")
    for name, value in values.items():
        after = after.replace(f'\n{name} = ""', f'\n{name} = "{value}"', 1)
    path.write_text(f"{before}{title}{after}", encoding="utf-8")


def permitted(asked: Asked) -> Asked:
    """Let the guest's certificate, and a token, ask as much as they like."""
    request = access_pb2.NewCredentialRequest(
        department="bench",
        roles=["department"],
        matters=[askers.MATTER],
        purposes=[askers.PURPOSE],
        budget=10**8,
        expires_on=20991231,
        by="bench",
    )
    with grpc.insecure_channel(f"unix:{read_node_file(asked.node).socket}") as channel:
        stub = AccessStub(channel)
        token = stub.NewCredential(request).token
        request.certificate = _der(asked.identity)
        stub.NewCredential(request)
    return replace(asked, token=token)


@contextmanager
def bare(asked: Asked, database: str, *, http: bool = False) -> Iterator[str]:
    """The bare server; yields its endpoint."""
    client = asked.subjects.with_name("client.der")
    client.write_bytes(_der(asked.identity))
    served = (asked.node / HTTP_CERTIFICATE, asked.node / HTTP_KEY)
    whose = served if http else (asked.node, client)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "bench.bare_http" if http else "bench.bare_check",
            *map(str, (*whose, asked.subjects, database)),
        ],
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


def bare_task(task: askers.Task, endpoint: str, what: str, *, http: bool = False) -> askers.Task:
    """The same questions for the bare server."""
    if http:
        return replace(task, endpoint=endpoint, method=f"/{what.lower()}", token="none")
    return replace(task, endpoint=endpoint, method=f"/{bare_check.SERVICE}/{what}")


def _add(
    measured: dict[tuple[str, str], list[Run]],
    name: str,
    callers: int,
    baseline: str,
    found: askers.Answer,
    other: askers.Answer,
) -> None:
    rates = [len(one.took) / one.seconds for one in (found, other)]
    longest = [percentile(one.took, 99) for one in (found, other)]
    for bench, (value, bare_value) in (
        (f"{name}-at-{callers}", rates),
        (f"{name}-p99-at-{callers}", longest),
    ):
        measured.setdefault((bench, baseline), []).append(Run(value=value, baseline=bare_value))


def _named(listing: Listing, number: int) -> Listing:
    """Of a name that no other subject has: the makers of the demo's lists repeat theirs."""
    name = f"{number}号{listing.subject.name}"
    return replace(listing, subject=replace(listing.subject, name=name))


def _der(folder: Path) -> bytes:
    pem = (folder / federations.TLS_CERTIFICATE).read_bytes()
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
