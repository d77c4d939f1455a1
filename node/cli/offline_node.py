"""What a node holds, opened for reading beside its running server.

Both databases let others read while the server writes; nothing is written here, and no lock is
taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.sql import open_store
from adapters.state.keyring import KeyRing
from crypto.keys import VerifierKey
from federation.charters.trust import Trust
from federation.charters.values import Terms
from federation.ids import CharterId, Origin
from federation.ports.store import Store
from node.charters.files import load_chains
from node.charters.verifiers import verifiers
from node.charters.view import TrustView
from node.directory.config import Config, load_config
from node.directory.creation import KEY_RING_FILE
from node.directory.keys import NodeKeys, load_keys
from node.directory.marks import Marks
from node.system.clock import SystemClock
from node.system.entropy import token
from node.system.logging import set_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A node's logs, and what opens and verifies them."""

    config: Config
    origin: Origin
    keys: NodeKeys
    store: Store
    keyring: KeyRing
    trust: TrustView
    marks: Marks

    @property
    def in_force(self) -> dict[CharterId, Terms]:
        """The newest version of each pinned alliance that is held."""
        charters = [alliance.charter for alliance in self.trust.trust.alliances]
        return {charter.id: charter.terms for charter in charters}

    def verifier_keys(self, origin: Origin) -> tuple[VerifierKey, ...]:
        """Key of a log, then those of all who may cosign it.

        Raises:
            EntitlementError: `log.unknown`: it is in no charter of this node.
        """
        return self.verifiers(origin) or (self.trust.log_key(origin),)

    def verifiers(self, origin: Origin) -> tuple[VerifierKey, ...]:
        """The same; none where no charter names the log."""
        return verifiers(origin, self.origin, self.keys, self.trust)


@contextmanager
def open_held(directory: Path) -> Iterator[Held]:
    """Open what a node holds.

    Raises:
        ConfigError: no configuration, or not a valid one.
        StoreError: the database cannot be opened.
        KeyRingError: the key ring cannot be read.
        FederationError: keys or charters are not right.
    """
    set_up("error")  # what runs in this process must not write among the results
    config = load_config(directory)
    keys = load_keys(config.keys_directory, config.origin)
    keyring = KeyRing.load(config.state_directory / KEY_RING_FILE, token=token)
    chains = load_chains(config.charters_directory, config.pins)
    trust = TrustView(Trust(chains, SystemClock().now()), config.origin)
    store = open_store(config.database_url)
    try:
        yield Held(
            config=config,
            origin=config.origin,
            keys=keys,
            store=store,
            keyring=keyring,
            trust=trust,
            marks=Marks(config, apart_from=store.server_identifier()),
        )
    finally:
        store.close()
