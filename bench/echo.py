"""A gRPC server over mutual TLS that sends back what it gets, until its standard input ends.

python -m bench.echo OWN_DIRECTORY PEER_DIRECTORY      prints its port
"""

from __future__ import annotations

from node.system import tls12_off  # isort: skip - before whatever imports grpc

import asyncio
import sys
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Any

import grpc

from node.directory.config import load_config
from node.directory.keys import load_keys
from node.network.transport import TlsIdentity, server_credentials, server_options

METHOD = "/bench.Echo/Stream"


async def _echo(requests: AsyncIterable[bytes], _context: Any) -> AsyncIterator[bytes]:
    async for message in requests:
        yield message


async def main(own: Path, peer: Path) -> None:
    """Serve."""
    mine, theirs = (
        load_keys(config.keys_directory, config.origin) for config in map(load_config, (own, peer))
    )
    identity = TlsIdentity(key_pem=mine.tls_key, certificate_pem=mine.tls_certificate)
    _, service, method = METHOD.split("/")
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.stream_stream_rpc_method_handler(_echo)
    server = grpc.aio.server(options=server_options())
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {method: handler}),)
    )
    credentials = server_credentials(lambda: identity, lambda: [theirs.certificate])
    print(server.add_secure_port("127.0.0.1:0", credentials), flush=True)
    await server.start()
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    tls12_off.require()
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
