"""Reading a corpus: its nodes laid out to be run, and what comes out of them."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from crypto.commitment import verify_commitment
from federation.charters.chain import CharterChain
from federation.errors import StatementError
from federation.ids import CharterId
from federation.names import KINDS
from federation.ports.store import LogHead, ReadSession
from federation.rows import OpeningStatus
from federation.statements import HEADER_SIZE
from node.charters.files import load_chain
from node.codec import ProtobufPayloads
from node.codec.as_json import payload_to_json
from node.records.records import Records
from tests.support.clock import FakeClock
from tests.support.federation_dirs import WiredNode, set_key

HERE = Path(__file__).parent
CORPORA = HERE / "corpora.json"
SQLITE, POSTGRES = ".db.gz", ".sql.gz"
_PAYLOADS = ProtobufPayloads()


@dataclass(frozen=True)
class Corpus:
    """A folder that `tests.golden.make` wrote."""

    folder: Path

    @property
    def expected(self) -> dict[str, Any]:
        """What must come out of it."""
        document: dict[str, Any] = json.loads(self.path("expected.json").read_text("utf-8"))
        return document

    @property
    def payloads(self) -> dict[str, dict[str, Any]]:
        """What the openings say, by log and index."""
        document: dict[str, dict[str, Any]] = json.loads(
            self.path("payloads.json").read_text("utf-8")
        )
        return document

    @property
    def clock(self) -> FakeClock:
        """The moment of its databases."""
        return FakeClock(self.expected["moment"])

    def path(self, *parts: str) -> Path:
        """A part of it."""
        return self.folder.joinpath(*parts)

    def lay_out(self, region: str, directory: Path) -> Path:
        """Make the directory of a node that can be run; its database is put beside by `restore`."""
        shutil.copytree(self.path("nodes", region), directory)
        pin = self.expected["charter"]["id"]
        shutil.copytree(self.path("charter"), directory / "charters" / pin)
        for name in ("inbox", "outbox"):
            (directory / name).mkdir()
        for name in ("keys", "state", "offline"):
            private = directory / name
            private.chmod(0o700)
            for path in private.iterdir():
                path.chmod(0o600)
        (directory / "huxin.toml").chmod(0o600)
        return directory

    def restore(self, region: str, directory: Path, database: str) -> str:
        """Put the database of a node into its place; the revision of its tables.

        Args:
            region: of the node.
            directory: laid out.
            database: the URL of an empty one on a server; not used for SQLite.
        """
        name: str = self.expected["nodes"][region]["database"]
        data = gzip.decompress(self.path("databases", name).read_bytes())
        if name.endswith(SQLITE):
            path = directory / "huxin.db"
            path.write_bytes(data)
            path.chmod(0o600)
            with sqlite3.connect(path) as connection:
                (found,) = connection.execute("SELECT version_num FROM alembic_version")
            connection.close()
        else:
            set_key(directory, "url", json.dumps(database))
            url = make_url(database).set(drivername="postgresql")
            text = url.render_as_string(hide_password=False)
            with psycopg.connect(text, autocommit=True) as server:
                server.execute(data)
                (found,) = server.execute("SELECT version_num FROM alembic_version")
        revision: str = found[0]
        return revision


def digest(folder: Path) -> str:
    """SHA-256 over the names and contents of all files of a folder."""
    lines = [
        f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return sha256("".join(lines).encode()).hexdigest()


@contextmanager
def wired(directory: Path) -> Iterator[WiredNode]:
    """A node, wired as the program wires it."""
    node = WiredNode(directory)
    try:
        yield node
    finally:
        node.close()


def records_of(node: WiredNode) -> Records:
    """The node's reader of records."""
    assert isinstance(node.parts.records, Records)
    return node.parts.records


def summary(node: WiredNode) -> dict[str, Any]:
    """What a node says of all its logs: sizes, roots, states, and each record."""
    status = node.parts.status(local_state=True)
    said = node.logs()
    with node.store.read() as session:
        logs = {
            head.origin: {
                "size": head.size,
                "root": said[head.origin]["root"],
                "log_state": said[head.origin]["log_state"],
                "forked": head.forked,
                "records": _records(node, session, head),
            }
            for head in session.heads()
        }
    return {"local_state": status["local_state"], "logs": logs}


def _records(node: WiredNode, session: ReadSession, head: LogHead) -> list[list[Any]]:
    rows = session.rows_between(head.log, 0, head.size)
    views = records_of(node).views(session, rows)
    return [
        [row.idx, row.kind, row.action, view.state, view.rule, OpeningStatus(row.opening).name]
        for row, view in zip(rows, views, strict=True)
    ]


def said(node: WiredNode) -> dict[str, dict[str, Any]]:
    """What every opening that a node holds says, by log and index; each opens its leaf.

    Of what cannot be read the code for which it is refused.
    """
    found: dict[str, dict[str, Any]] = {}
    keyring = records_of(node)._keyring
    with node.store.read() as session:
        for head in session.heads():
            rows = {row.idx: row for row in session.rows_between(head.log, 0, head.size)}
            leaves = session.leaves(head.log, 0, head.size)
            documents = found.setdefault(head.origin, {})
            for stored in session.openings_between(head.log, 0, head.size):
                opening = keyring.open_opening(head.origin, stored)
                leaf = leaves[stored.index]
                verify_commitment(
                    leaf[HEADER_SIZE:],
                    origin=head.origin,
                    salt=opening.salt,
                    header=leaf[:HEADER_SIZE],
                    payload=opening.payload,
                )
                documents[str(stored.index)] = read(rows[stored.index].kind, opening.payload)
    return found


def read(kind: int, payload: bytes) -> dict[str, Any]:
    """A payload as a document with its kind, or the code for which it is refused."""
    try:
        document = payload_to_json(_PAYLOADS.decode(kind, payload))
    except StatementError as error:
        return {"kind": kind, "refused": error.code}
    return {"kind": KINDS.name(kind), "payload": document}


def holds(now: object, then: object) -> bool:
    """Whether a document still says all that it said; later versions may say more."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        return all(name in now and holds(now[name], value) for name, value in then.items())
    if isinstance(then, list) and isinstance(now, list):
        return len(now) == len(then) and all(map(holds, now, then))
    return now == then


def chain_of(corpus: Corpus, pin: str, scratch: Path) -> CharterChain:
    """The charter's chain, verified from its pin."""
    shutil.copytree(corpus.path("charter"), scratch / pin)
    return load_chain(scratch, CharterId(bytes.fromhex(pin)))
