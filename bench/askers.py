"""Departments' systems in one process: so many callers, each asks again when it is answered.

    python -m bench.askers

Its standard input has one JSON object a line (`Task`), answered by one (`Answer`). Every question
is of another case, and of a subject by chance, as an enumeration is not.
"""

from __future__ import annotations

from node.system import tls12_off  # isort: skip - before whatever imports grpc

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import grpc
from huxin.v1 import recognition_pb2
from huxin.v1 import screening_pb2 as pb

from bench import http_asking
from bench.federations import TLS_CERTIFICATE, TLS_KEY
from node.network.transport import TlsIdentity, secure_channel

MATTER, PURPOSE = "government-procurement", "joint-punishment"
CALL_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Whom to ask, how, and how often.

    Attributes:
        endpoint: host and port.
        method: path of the unary call, or of the URL.
        token: over HTTP; empty for gRPC, with the client's certificate.
        identity: folder with `tls.key` and `tls.crt`.
        certificate: file with the server's, DER.
        subjects: JSON file of pairs of code and name.
        callers: at one time, each on a connection of its own.
        questions: of all callers together.
        seed: of the choice.
    """

    endpoint: str
    method: str
    identity: str
    certificate: str
    subjects: str
    callers: int
    questions: int
    seed: int
    token: str = ""
    scenarios: tuple[str, ...] = ()
    """Ids of scenarios, of which one by chance is asked for; none: a check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Seconds for all questions, and milliseconds of each; how many answers were matches."""

    seconds: float
    took: list[float]
    matches: int


class Askers:
    """The process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take it, when it is ready."""
        self._process = process

    def ask(self, task: Task) -> Answer:
        """Let it ask."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(task)) + "\n")
        self._process.stdin.flush()
        return Answer(**json.loads(self._process.stdout.readline()))


@contextmanager
def asking() -> Iterator[Askers]:
    """A process that is gone when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.askers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield Askers(process)
    finally:
        process.kill()
        process.communicate()


def _read(task: Task) -> tuple[TlsIdentity, bytes, list[tuple[str, str]]]:
    folder = Path(task.identity)
    identity = TlsIdentity(
        key_pem=(folder / TLS_KEY).read_bytes(),
        certificate_pem=(folder / TLS_CERTIFICATE).read_bytes(),
    )
    subjects = json.loads(Path(task.subjects).read_text("utf-8"))
    return identity, Path(task.certificate).read_bytes(), subjects


@asynccontextmanager
async def _caller(
    task: Task, identity: TlsIdentity, certificate: bytes
) -> AsyncIterator[Callable[[dict[str, str]], Awaitable[bytes]]]:
    """What asks one question after the other, on a connection of its own."""
    if task.token:
        async with http_asking.connected(
            task.endpoint, certificate, task.method, task.token
        ) as connection:

            async def post(question: dict[str, str]) -> bytes:
                async with asyncio.timeout(CALL_SECONDS):
                    return await connection.post(json.dumps(question).encode())

            yield post
        return
    async with secure_channel(task.endpoint, identity, certificate) as channel:
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(task.method)

        async def ask(question: dict[str, str]) -> bytes:
            kind = recognition_pb2.CheckBenefitRequest if task.scenarios else pb.CheckRequest
            request = kind(**question)
            return await call(request.SerializeToString(), timeout=CALL_SECONDS)

        yield ask


async def _ask(task: Task) -> Answer:
    identity, certificate, subjects = _read(task)
    took: list[float] = []
    matches = 0
    left = iter(range(task.questions))
    chance = random.Random(task.seed)

    async def caller() -> None:
        nonlocal matches
        async with _caller(task, identity, certificate) as ask:
            for number in left:
                code, name = chance.choice(subjects)
                named = f"bench-{task.seed}-{number}"
                question = {
                    "request_id": named,
                    "case_no": named,
                    "purpose": PURPOSE,
                    "code": code,
                    "name": name,
                }
                if task.scenarios:
                    question["scenario"] = chance.choice(task.scenarios)
                else:
                    question["matter"] = MATTER
                began = perf_counter()
                answer = await ask(question)
                took.append((perf_counter() - began) * 1000)
                matches += b'"match"' in answer

    began = perf_counter()
    await asyncio.gather(*(caller() for _ in range(task.callers)))
    return Answer(seconds=perf_counter() - began, took=took, matches=matches)


async def main() -> None:
    """Do what the standard input says."""
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(asdict(await _ask(Task(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    tls12_off.require()
    asyncio.run(main())
