"""What no check can do without: mutual TLS, a look-up by code, a row that is durable first.

    python -m bench.bare_check OWN_DIRECTORY CLIENT_CERTIFICATE SUBJECTS DATABASE    prints its port

`Bare/Echo` sends back what it gets; `Bare/Check` looks the subject up in a table with an index, has
a row appended by one thread that commits what waits together, and answers as many bytes as a check.
"""

from __future__ import annotations

from node.system import tls12_off  # isort: skip - before whatever imports grpc

import asyncio
import sys
from pathlib import Path
from typing import Any

import grpc
from huxin.v1 import screening_pb2 as pb

from bench.bare_store import ANSWER, Grouped, Held
from node.directory.config import load_config
from node.directory.keys import load_keys
from node.network.transport import TlsIdentity, server_credentials, server_options

SERVICE = "bench.Bare"


async def main(own: Path, client: bytes, grouped: Grouped, held: Held) -> None:
    """Serve until the standard input ends."""

    async def echo(request: bytes, _context: Any) -> bytes:
        return request

    async def check(request: bytes, _context: Any) -> bytes:
        asked = pb.CheckRequest.FromString(request)
        held.find(asked.code)
        await asyncio.wrap_future(grouped.append())
        return ANSWER

    config = load_config(own)
    mine = load_keys(config.keys_directory, config.origin)
    identity = TlsIdentity(key_pem=mine.tls_key, certificate_pem=mine.tls_certificate)
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Echo": grpc.unary_unary_rpc_method_handler(echo),
        "Check": grpc.unary_unary_rpc_method_handler(check),
    }
    server = grpc.aio.server(options=server_options())
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    credentials = server_credentials(lambda: identity, lambda: [client])
    print(server.add_secure_port("127.0.0.1:0", credentials), flush=True)
    await server.start()
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    tls12_off.require()
    asyncio.run(
        main(
            Path(sys.argv[1]),
            Path(sys.argv[2]).read_bytes(),
            Grouped(sys.argv[4]),
            Held(sys.argv[4], Path(sys.argv[3])),
        )
    )
