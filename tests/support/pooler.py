"""A pooler of transactions before PostgreSQL, as pgbouncer with `pool_mode=transaction`.

Each transaction of a client has the session that was free last; what one asked of its session is
the next one's, and options of the start are dropped.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from sqlalchemy import URL, make_url

_NOT_HERE: Final = [struct.pack(">I", code) for code in (80877103, 80877104)]
"""Requests for TLS and for GSSAPI."""
_TOLD: Final = ("server_version", "client_encoding", "standard_conforming_strings", "TimeZone")
_TIMEOUT: Final = 10


class Pooler:
    """Sessions of one database, given to whoever begins a transaction."""

    def __init__(self, url: URL, sessions: int) -> None:
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._held: list[psycopg.Connection] = []
        self._free: list[socket.socket] = []
        self._changed = threading.Condition()
        self._greeting = b""
        for _ in range(sessions):
            self._free.append(self._session())

    def _session(self) -> socket.socket:
        made = psycopg.connect(self._address, sslmode="disable", autocommit=True)
        self._held.append(made)  # logged in by it, spoken to by us
        told = [(name, made.info.parameter_status(name) or "") for name in _TOLD]
        words = (name.encode() + b"\0" + value.encode() + b"\0" for name, value in told)
        self._greeting = b"".join(
            (
                _framed(b"R", bytes(4)),
                *(_framed(b"S", word) for word in words),
                _framed(b"K", bytes(8)),
                _framed(b"Z", b"I"),
            )
        )
        spoken = socket.socket(fileno=os.dup(made.fileno()))
        spoken.settimeout(_TIMEOUT)
        return spoken

    def serve(self, client: socket.socket) -> None:
        """Serve one client until it goes."""
        while _start(client)[:4] in _NOT_HERE:
            client.sendall(b"N")
        client.sendall(self._greeting)
        session: socket.socket | None = None
        while (message := _message(client)) and message[:1] != b"X":
            session = session or self._take()
            session.sendall(message)
            if message[:1] not in (b"Q", b"S"):
                continue
            answer = b""
            while answer[:1] != b"Z":
                answer = _message(session)
                client.sendall(answer)
            if answer[-1:] == b"I":
                self._give(session)
                session = None

    def _take(self) -> socket.socket:
        with self._changed:
            assert self._changed.wait_for(lambda: self._free, _TIMEOUT)
            return self._free.pop()

    def _give(self, session: socket.socket) -> None:
        with self._changed:
            self._free.append(session)
            self._changed.notify()

    def close(self) -> None:
        for session in self._free:
            session.close()
        for held in self._held:
            held.close()


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _start(connection: socket.socket) -> bytes:
    (size,) = struct.unpack(">I", _exactly(connection, 4))
    return _exactly(connection, size - 4)


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


def _message(connection: socket.socket) -> bytes:
    head = _exactly(connection, 5)
    return head + _exactly(connection, struct.unpack(">I", head[1:])[0] - 4)


@contextmanager
def pooled(address: str, sessions: int = 3) -> Iterator[str]:
    """Put a pooler before a database; gives its address."""
    url = make_url(address)
    pooler = Pooler(url, sessions)
    clients: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(client: socket.socket) -> None:
            with client, suppress(EOFError, OSError):
                pooler.serve(client)

        def listen() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                clients.append(threading.Thread(target=serve, args=(client,), daemon=True))
                clients[-1].start()

        listening = threading.Thread(target=listen, daemon=True)
        listening.start()
        port = server.getsockname()[1]
        made = URL.create("postgresql", url.username, None, "127.0.0.1", port, url.database)
        try:
            yield made.render_as_string(hide_password=False)
        finally:
            server.shutdown(socket.SHUT_RDWR)
            listening.join(_TIMEOUT)
            for client in clients:
                client.join(_TIMEOUT)
            pooler.close()
