"""The same over HTTP: Starlette under uvicorn with TLS, a look-up by code, a row durable first.

    python -m bench.bare_http CERTIFICATE KEY SUBJECTS DATABASE    prints its port

`POST /echo` sends back what it gets; `POST /check` does what `Bare/Check` of `bench.bare_check`
does. The server is set as the node's is.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.bare_store import ANSWER, Grouped, Held


async def main(certificate: str, key: str, grouped: Grouped, held: Held) -> None:
    """Serve until the standard input ends."""

    async def echo(request: Request) -> Response:
        return Response(await request.body(), media_type="application/json")

    async def check(request: Request) -> Response:
        held.find(json.loads(await request.body())["code"])
        await asyncio.wrap_future(grouped.append())
        return Response(ANSWER, media_type="application/json")

    app = Starlette(
        routes=[Route("/echo", echo, methods=["POST"]), Route("/check", check, methods=["POST"])]
    )
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio does so only of sockets that name the protocol, which these do not; the node does too.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(listener.getsockname()[1], flush=True)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(
        main(
            sys.argv[1],
            sys.argv[2],
            Grouped(sys.argv[4]),
            Held(sys.argv[4], Path(sys.argv[3])),
        )
    )
