"""A page that asks nobody: Starlette and Jinja2 under uvicorn, set as the node's is.

    python -m bench.bare_page    prints its port

`GET /BYTES` answers a page of about as many bytes: rows of a table, each escaped.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Final

import uvicorn
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

_ROW: Final = {
    "name": "虚构企业有限公司（演示）",
    "code": "91510500YY00000001",
    "document": "川执<2026>1号",
    "state": "有效",
}
_TEMPLATE: Final = """<!doctype html><html lang="zh"><title>{{ title }}</title><body><table>
{% for row in rows %}<tr>
  <td data-label="name"><a href="/records/{{ row.code }}">{{ row.name }}</a></td>
  <td data-label="code"><code>{{ row.code }}</code></td><td>{{ row.document }}</td>
  <td><span class="light good"></span>{{ row.state }}</td>
</tr>
{% endfor %}</table></body></html>"""


async def main() -> None:
    """Serve until the standard input ends."""
    template = Environment(autoescape=True).from_string(_TEMPLATE)
    row_size = len(template.render(title="", rows=[_ROW, _ROW]).encode()) - len(
        template.render(title="", rows=[_ROW]).encode()
    )

    async def page(request: Request) -> HTMLResponse:
        rows = [_ROW] * (int(request.path_params["size"]) // row_size)
        return HTMLResponse(template.render(title="bare", rows=rows))

    config = uvicorn.Config(
        Starlette(routes=[Route("/{size:int}", page)]),
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(listener.getsockname()[1], flush=True)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(main())
