"""The query store and the query log, wired."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.errors import KeyRingError
from adapters.sql.query_rows import has_rows
from adapters.sql.query_store import QueryStore, open_query_store
from adapters.state.shredding import shred
from crypto.keys import KeyType, Signer
from federation.ids import ORIGIN_FORM, Origin, node_of
from node.access.query_keys import LOOKUP_FILE, QueryKeys
from node.access.query_log import QueryLog
from node.access.query_writer import QueryWriter
from node.directory.config import Config
from node.directory.keys import SEED_SIZE, KeyFileError, load_signer, write_private
from node.directory.opened import Opened
from node.system.entropy import token

QUERY_KEYS_DIRECTORY: Final = "queries"
QUERY_KEY_FILE: Final = "queries.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """The query store, open, with what writes into it."""

    store: QueryStore
    writer: QueryWriter
    keys: QueryKeys
    log: QueryLog

    def close(self) -> None:
        """Finish what was submitted, then close the store."""
        self.writer.close()
        self.store.close()


def wire_queries(opened: Opened) -> Queries:
    """Open it; keys that are not there yet are made.

    Raises:
        StoreError: the database.
        KeyRingError: keys are damaged, or gone while rows are there.
        KeyFileError: a key file is readable by others, or another node's.
    """
    config = opened.config
    keys = QueryKeys(
        config.state_directory / QUERY_KEYS_DIRECTORY, now=opened.clock.now, token=token
    )
    signer = _signer(config.keys_directory / QUERY_KEY_FILE, config.node_name)
    store = open_query_store(query_database_url(config))
    try:
        if keys.fresh:
            _require_empty(store, config.state_directory / QUERY_KEYS_DIRECTORY)
        log = QueryLog(origin=Origin(signer.name), signer=signer, keys=keys, token=token)
    except BaseException:
        store.close()
        raise
    return Queries(store=store, writer=QueryWriter(store), keys=keys, log=log)


def query_database_url(config: Config) -> str:
    """DIR/queries.db beside a file, else tables of its own on the database's server."""
    if config.database.url.startswith("postgresql"):
        return config.database.url
    return f"sqlite:///{config.directory / 'queries.db'}"


def _require_empty(store: QueryStore, directory: Path) -> None:
    """See that keys made just now are not made in the place of keys that rows were sealed under."""
    with store.read() as reads:
        if has_rows(reads):
            shred(directory / LOOKUP_FILE)
            message = f"{directory}: the keys of the query store are missing; restore them"
            raise KeyRingError(message)


def _signer(path: Path, node: str) -> Signer:
    """The query log's key; its name is the log's origin."""
    name = f"queries.{node}"
    if not path.exists():
        signer = Signer(name=f"{name}/1", type=KeyType.NOTE, seed=token(SEED_SIZE))
        write_private(path, signer.to_seed_text().encode() + b"\n")
    signer = load_signer(path)
    matches = ORIGIN_FORM.fullmatch(signer.name) and node_of(Origin(signer.name)) == name
    if not matches or signer.type is not KeyType.NOTE:
        message = f"{path}: expected a key named {name}/<number>, got {signer.name}"
        raise KeyFileError("keys.other-node", message)
    return signer
