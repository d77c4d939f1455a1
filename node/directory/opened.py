"""What is opened of a node's directory before anything is built on it: keys, key ring, database.

Every wing's wiring takes this value and, by name, the parts of other wings that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import structlog

from adapters.sql import open_store
from adapters.state.keyring import KeyRing
from federation.facts import PayloadReader
from federation.ports.store import Store
from node.codec import ProtobufPayloads
from node.directory.config import Config, Environment, load_config
from node.directory.creation import KEY_RING_FILE
from node.directory.keys import NodeKeys, load_keys
from node.directory.marks import Marks
from node.directory.reloading import Reloading, with_sources_in_use
from node.system.clock import Clock, SystemClock
from node.system.disk import Reserve
from node.system.entropy import token
from node.system.failpoints import Failpoints

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A node's directory, opened; `store` is to be closed by who opened it."""

    config: Config
    reloading: Reloading
    """Replaces the sources of `config`."""
    clock: Clock
    failpoints: Failpoints
    payloads: PayloadReader
    keys: NodeKeys
    keyring: KeyRing
    reserve: Reserve
    store: Store
    marks: Marks


def open_directory(directory: Path) -> Opened:
    """Open a node's directory.

    Raises:
        ConfigError: the configuration.
        RefusedError: keys or key ring.
        StoreError: the database.
        KeyRingError: the key ring is missing, damaged, or older than the database.
    """
    config, sources = with_sources_in_use(load_config(directory))
    keys = load_keys(config.keys_directory, config.origin)
    keyring = KeyRing.load(
        config.state_directory / KEY_RING_FILE,
        token=token,
        escrow=Path(config.keys.escrow) if config.keys.escrow else None,
    )
    store = open_store(config.database_url)
    if not store.keeps_pages_whole():
        _log.warning("full_page_writes is off", code="store.torn-pages")
    failpoints = Failpoints(Environment().failpoint)
    return Opened(
        config=config,
        reloading=Reloading(config, sources),
        clock=SystemClock(),
        failpoints=failpoints,
        payloads=ProtobufPayloads(),
        keys=keys,
        keyring=keyring,
        reserve=Reserve(config.directory, config.storage.reserve_bytes),
        store=store,
        marks=Marks(config, apart_from=store.server_identifier(), around=failpoints.at),
    )
