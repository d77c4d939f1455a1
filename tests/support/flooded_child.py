"""A child process that serves a real log over mutual TLS to an honest and to a lying peer.

`python -m tests.support.flooded_child DIRECTORY` says its port. Each line of its standard input
is answered by one of its standard output: `say` publishes a listing, `look` says what its status
would (how often each peer was blamed, logs that forked, leaves held of each log). At the end of
its input it says its peak memory in bytes and stops.
"""

from __future__ import annotations

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from node.system import tls12_off  # isort: skip - before grpc

import grpc
from huxin.v1.exchange_pb2_grpc import add_ExchangeServicer_to_server

from federation.ids import MemberId
from node.network.follow import Follower, Timing
from node.network.header_floods import BarredCertificates, HeadersGuard
from node.network.transport import Doorman, server_credentials, server_options
from node.services.exchange import ExchangeService, NodeInfo
from node.system.clock import monotonic
from node.system.logging import set_up
from node.system.wakeups import Changes
from tests.support import charters as build
from tests.support.exchange import FakeWriter
from tests.support.served_child import identity, peak_memory
from tests.support.simulation import Federation, SimNode, listing

ME, LIAR, HONEST = "510500", "510300", "511500"
PEERS = (LIAR, HONEST)


def identify(certificate: bytes) -> MemberId | None:
    """One of the two peers."""
    return next((MemberId(p) for p in PEERS if build.certificate(p) == certificate), None)


def looked(node: SimNode) -> dict[str, Any]:
    """What the status says of peers and logs."""
    blamed = node.exchange.blamed().items()
    return {
        "blamed": {f"{peer} {code}": count for (peer, code), count in blamed},
        "forked": sorted(node.exchange.forked()),
        "sizes": node.sizes(),
    }


def say(answer: Any) -> None:
    """One line."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


async def serve(node: SimNode) -> None:
    """Serve until the end of the input."""
    tls12_off.require()
    changes, writer, readers = Changes(), FakeWriter(), ThreadPoolExecutor(4)
    doorman, barred = Doorman(identify), BarredCertificates(monotonic)
    service = ExchangeService(
        info=lambda: NodeInfo(region=ME, name=ME, origin=node.origin, version="1"),
        envelopes=lambda _peer, _held: [],
        exchange=node.exchange,
        writer=writer,
        follower=Follower(
            exchange=node.exchange,
            writer=writer,
            changes=changes,
            readers=readers,
            received=lambda _peer, _frame: None,
            timing=Timing(tick=0.5, stall=5.0),
        ),
        doorman=doorman,
        asks=lambda _: True,
        readers=readers,
        attest=node.answers.answer,
    )
    server = grpc.aio.server(
        options=server_options(), interceptors=(HeadersGuard(doorman, barred),)
    )
    add_ExchangeServicer_to_server(service, server)
    credentials = server_credentials(
        lambda: identity(ME), lambda: barred.let_in(build.certificate(peer) for peer in PEERS)
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    say(port)
    number = 0
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if line == "say":
            number += 1
            content = listing(number, audience=node.audience())
            await asyncio.wrap_future(writer.submit(partial(node.list_, content)))
            changes.ring()
            say(number)
        else:
            say(looked(node))
    await server.stop(None)
    writer.close()
    readers.shutdown()
    say({"peak": peak_memory()})


def main() -> None:
    """Serve one node of a charter of three."""
    set_up("error")  # its standard output is for answers
    chain = build.make_chain([build.make_member(member) for member in (ME, *PEERS)])
    asyncio.run(serve(Federation(Path(sys.argv[1]), [ME], [chain])[ME]))


if __name__ == "__main__":
    main()
