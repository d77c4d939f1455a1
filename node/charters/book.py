"""The charters in force in a running node: on disk, from peers, and as of the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from enum import Enum
from pathlib import Path

import structlog

from federation.charters.chain import CharterChain, HeldVersion, advance
from federation.charters.trust import Trust
from federation.charters.verification import alliance_of, read_envelope
from federation.errors import CharterError, RefusedError
from federation.ids import CharterId, MemberId, Origin, Timestamp
from node.charters.contacts import Contact, contacts_of
from node.charters.files import load_chains, store_chain
from node.charters.joining import newest
from node.charters.view import TrustView

_log = structlog.get_logger()


class Offered(Enum):
    """What a charter version from a peer is."""

    NEW = "new"
    KNOWN = "known"
    REFUSED = "refused"


class CharterBook:
    """Keeps the `TrustView` of the moment; replaced as a whole, so it is read without a lock."""

    def __init__(
        self,
        *,
        directory: Path,
        pins: Callable[[], Sequence[CharterId]],
        own: Origin,
        not_direct: Collection[str],
        now: Callable[[], Timestamp],
        changed: Callable[[], None],
    ) -> None:
        """Load the charters.

        Args:
            directory: DIR/charters.
            pins: the pinned alliances, read anew at each reload.
            own: our origin.
            not_direct: member ids with which no connection is made, though they have endpoints.
            now: seconds UTC.
            changed: called after the charters changed.

        Raises:
            CharterError: see `node.charters.files.load_chains`.
        """
        self._directory = directory
        self._pins = pins
        self._own = own
        self._not_direct = frozenset(not_direct)
        self._now = now
        self._changed = changed
        self._lock = threading.Lock()
        self._chains: tuple[CharterChain, ...] = load_chains(directory, pins())
        self._view = self._build()
        self._contacts: tuple[TrustView | None, tuple[Contact, ...]] = (None, ())

    @property
    def chains(self) -> Sequence[CharterChain]:
        """Every version of every charter held."""
        return self._chains

    def view(self) -> TrustView:
        """The charters as of now, also where the clock was set back."""
        now, until = self._now(), self._view.trust.valid_until
        if now < self._built_at or (until is not None and now > until):
            with self._lock:
                self._view = self._build()
        return self._view

    def judge(self, envelope: bytes) -> Offered:
        """What a charter version from a peer would be to us; on any thread, nothing is adopted.

        Reading and verifying a large one takes seconds, whoever made it: it is done here and not
        where others wait for it, and not at all for what is held.
        """
        return self._judged(envelope)[0]

    def adopt(self, envelope: bytes) -> bool:
        """Take a charter version from a peer, if it is new and valid.

        Returns:
            Whether the charters changed.
        """
        with self._lock:
            _, longer, version = self._judged(envelope)
            if longer is None:
                return False
            store_chain(self._directory, longer)
            self._chains = tuple(longer if one.id == longer.id else one for one in self._chains)
            self._view = self._build()
        _log.info("charter adopted", charter=longer.id.hex(), version=version)
        return True

    def _judged(self, envelope: bytes) -> tuple[Offered, CharterChain | None, int]:
        """What it is, and of what is new the chain that has it, and its number."""
        chains = self._chains
        if any(envelope in chain.envelopes for chain in chains):
            return Offered.KNOWN, None, 0
        try:
            read = read_envelope(envelope)
        except CharterError as error:
            _log.warning("charter refused", code=error.code)
            return Offered.REFUSED, None, 0
        alliance, version = alliance_of(*read), read[1].version
        for chain in chains:
            if chain.id != alliance:
                continue
            try:
                longer = advance(chain, envelope, read)
            except CharterError as error:
                _log.info("charter not taken", code=error.code, version=version)
                return Offered.REFUSED, None, 0
            known = longer == chain
            return (Offered.KNOWN, None, 0) if known else (Offered.NEW, longer, version)
        return Offered.REFUSED, None, 0

    def reload(self) -> list[str]:
        """Read the charters on disk again; the ids of those in force.

        Raises:
            CharterError: a file does not verify; then nothing changed.
        """
        chains = load_chains(self._directory, self._pins())
        with self._lock:
            self._chains = chains
            self._view = self._build()
        self._changed()
        return [chain.id.hex() for chain in chains]

    def in_force(self, alliance: CharterId) -> bytes:
        """The envelope of the version in force of an alliance.

        Raises:
            RefusedError: `charter.unknown`; `charter.forked`: two versions stand.
        """
        for chain in self._chains:
            if chain.id == alliance:
                newest(chain)
                return chain.latest.envelope
        message = (
            "本节点不在此联盟 / expected the id of an alliance of this node, as the status says it"
        )
        raise RefusedError("charter.unknown", message)

    def contacts(self) -> Sequence[Contact]:
        """Peers with which a connection may be made; made anew when the charters changed.

        Asked at each handshake, and for each stream again and again.
        """
        view = self.view()
        made_of, contacts = self._contacts
        if view is not made_of:
            contacts = tuple(c for c in contacts_of(view) if c.peer not in self._not_direct)
            self._contacts = (view, contacts)
        return contacts

    def identify(self, certificate: bytes) -> MemberId | None:
        """The peer that has exactly this certificate (DER) and may connect to us."""
        known = self.view().by_certificate(certificate)
        return None if known is None or known.id in self._not_direct else known.id

    def envelopes_for(self, peer: MemberId, held: Sequence[HeldVersion] = ()) -> Sequence[bytes]:
        """Envelopes of the charters that this peer and we share, in order.

        Every version, but those up to one that the peer holds (`CharterChain.beyond`).
        """
        return [e for chain in self._shared(peer) for e in chain.beyond(held)]

    def held_with(self, peer: MemberId) -> Sequence[HeldVersion]:
        """What we hold of the charters shared with a peer; it learns of no others."""
        return [chain.held for chain in self._shared(peer)]

    def _shared(self, peer: MemberId) -> list[CharterChain]:
        shared = self.view().shared_charters(peer)
        return [chain for chain in self._chains if chain.id in shared]

    def _build(self) -> TrustView:
        self._built_at = self._now()
        return TrustView(Trust(self._chains, self._built_at), self._own)
