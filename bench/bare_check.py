"""What no check can do without: mutual TLS, a look-up by code, a row that is durable first.

    python -m bench.bare_check OWN_DIRECTORY CLIENT_CERTIFICATE SUBJECTS DATABASE    prints its port

`Bare/Echo` sends back what it gets; `Bare/Check` looks the subject up in a table with an index, has
a row appended by one thread that commits what waits together, and answers as many bytes as a check.
SQLite, with the settings of the query store.
"""

from __future__ import annotations

from node.system import tls12_off  # isort: skip - before whatever imports grpc

import asyncio
import json
import queue
import sqlite3
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import grpc
from huxin.v1 import screening_pb2 as pb

from node.directory.config import load_config
from node.directory.keys import load_keys
from node.network.transport import TlsIdentity, server_credentials, server_options

SERVICE = "bench.Bare"
ANSWER = bytes(1500)
_ROW = "x" * 600
"""Sealed question, commitment and references."""


def connect(path: str) -> sqlite3.Connection:
    """Open a database as the node does."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


class Grouped:
    """One thread that writes, and commits together what waits."""

    def __init__(self, path: str) -> None:
        """Begin."""
        self._waiting: queue.SimpleQueue[Future[None]] = queue.SimpleQueue()
        self._path = path
        threading.Thread(target=self._write, daemon=True).start()

    def append(self) -> Future[None]:
        """Append a row; done when it is durable."""
        done: Future[None] = Future()
        self._waiting.put(done)
        return done

    def _write(self) -> None:
        connection = connect(self._path)
        connection.execute("CREATE TABLE appended (id INTEGER PRIMARY KEY, body TEXT)")
        while True:
            group = [self._waiting.get()]
            while not self._waiting.empty():
                group.append(self._waiting.get())
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO appended (body) VALUES (?)", [(_ROW,)] * len(group))
            connection.execute("COMMIT")
            for done in group:
                done.set_result(None)


def filled(database: str, subjects: Path) -> sqlite3.Connection:
    """A table of the subjects."""
    connection = connect(database)
    connection.execute("CREATE TABLE held (code TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT OR IGNORE INTO held VALUES (?, ?)", json.loads(subjects.read_text("utf-8"))
    )
    connection.execute("COMMIT")
    return connection


async def main(own: Path, client: bytes, database: str, looking: sqlite3.Connection) -> None:
    """Serve until the standard input ends."""
    grouped = Grouped(database)

    async def echo(request: bytes, _context: Any) -> bytes:
        return request

    async def check(request: bytes, _context: Any) -> bytes:
        asked = pb.CheckRequest.FromString(request)
        looking.execute("SELECT name FROM held WHERE code = ?", (asked.code,)).fetchone()
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
            sys.argv[4],
            filled(sys.argv[4], Path(sys.argv[3])),
        )
    )
