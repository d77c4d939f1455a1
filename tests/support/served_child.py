"""A child process that serves a long log over mutual TLS to a peer that does not read.

`python -m tests.support.served_child DIRECTORY MEGABYTES` says its port, and, once all streams of
its only peer have ended, how many batches it had read for them and its own peak memory. It stops
at the end of its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from node.system import tls12_off  # isort: skip - before grpc

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from huxin.v1.exchange_pb2_grpc import add_ExchangeServicer_to_server

from federation.ids import MemberId, StatementId
from federation.own_log import Draft
from federation.peers.frames import Frame
from federation.peers.replication import DeliveredBatch
from federation.statements import Kind, ScenarioAction
from node.network.follow import Follower, Timing
from node.network.transport import Doorman, TlsIdentity, server_credentials, server_options
from node.peers.session import Session
from node.services.exchange import ExchangeService, NodeInfo
from node.system.wakeups import Changes
from tests.support import charters as build
from tests.support.exchange import FakeWriter
from tests.support.simulation import Federation, SimNode
from tests.support.waiting import until

ME, PEER = "510500", "510300"
STREAMS = 4
PAYLOAD_BYTES = 32_000
AT_ONCE = 32
STALL_SECONDS = 2.0


def identity(member: str) -> TlsIdentity:
    """Key and certificate of a test member."""
    key = build.tls_key(member).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    certificate = x509.load_der_x509_certificate(build.certificate(member))
    return TlsIdentity(key_pem=key, certificate_pem=certificate.public_bytes(Encoding.PEM))


def identify(certificate: bytes) -> MemberId | None:
    """The one peer."""
    return MemberId(PEER) if certificate == build.certificate(PEER) else None


def filled(directory: Path, megabytes: int) -> SimNode:
    """A node whose log has openings of so many megabytes, which everyone may read."""
    chain = build.make_chain([build.make_member(ME), build.make_member(PEER)])
    node = Federation(directory, [ME], [chain])[ME]
    for _ in range(megabytes * 1_000_000 // (AT_ONCE * PAYLOAD_BYTES) + 1):
        node.say(*(_large(node) for _ in range(AT_ONCE)))
    return node


def _large(node: SimNode) -> Draft:
    return Draft(
        kind=Kind.SCENARIO,
        action=ScenarioAction.OPENED,
        statement_id=StatementId(node.tokens(16)),
        payload=bytes(PAYLOAD_BYTES),
    )


class Counting:
    """The node's exchange, and how many batches were read from it for the peer."""

    def __init__(self, node: SimNode) -> None:
        self._exchange = node.exchange
        self.opened = 0
        self.batches = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exchange, name)

    def open_session(self, peer: MemberId) -> Session:
        self.opened += 1
        return self._exchange.open_session(peer)

    def plan(self, session: Session, *, read: bool = True) -> list[Frame]:
        frames = self._exchange.plan(session, read=read)
        self.batches += sum(isinstance(frame, DeliveredBatch) for frame in frames)
        return frames


def peak_memory() -> int:
    """Largest resident size that this process has had, in bytes."""
    status = Path("/proc/self/status").read_text("ascii")
    (line,) = [line for line in status.split("\n") if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


async def serve(node: SimNode) -> None:
    """Serve until all streams have come and gone."""
    tls12_off.require()
    exchange = Counting(node)
    writer = FakeWriter()
    readers = ThreadPoolExecutor(4)
    service = ExchangeService(
        info=lambda: NodeInfo(region=ME, name=ME, origin=node.origin, version="1"),
        envelopes=lambda _peer, _held: [],
        exchange=exchange,
        writer=writer,
        follower=Follower(
            exchange=exchange,
            writer=writer,
            changes=Changes(),
            readers=readers,
            received=lambda _peer, _frame: None,
            timing=Timing(tick=0.05, stall=STALL_SECONDS),
        ),
        doorman=Doorman(identify),
        asks=lambda _: False,
        readers=readers,
        attest=node.answers.answer,
    )
    server = grpc.aio.server(options=server_options())
    add_ExchangeServicer_to_server(service, server)
    credentials = server_credentials(lambda: identity(ME), lambda: [build.certificate(PEER)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await until(lambda: exchange.opened == STREAMS)
    await until(lambda: not node.exchange.peers())
    sys.stdout.write(json.dumps({"peak": peak_memory(), "batches": exchange.batches}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)
    writer.close()
    readers.shutdown()


if __name__ == "__main__":
    asyncio.run(serve(filled(Path(sys.argv[1]), int(sys.argv[2]))))
