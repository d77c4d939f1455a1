"""What of the logs held is shown as static files (C2SP tlog-tiles): which, to whom, up to where.

    HT10 a log is shown to everyone only where every charter that names it says `tiles: public`;
         else to the members of an alliance that names it, by their exact certificates. A charter
         is shown likewise, by its newest version
    HT11 nothing is shown that the checkpoint shown does not cover, so that what a path gave once
         never changes; the checkpoint alone does
    HT12 of openings only those of open kinds, which carry nothing about a subject

The paths are those of an audit export (`federation.audit.export_names`), so that whoever follows a
folder follows a node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from adapters.state.keyring import KeyRing
from crypto.errors import FormatError
from crypto.merkle import HASH_SIZE
from crypto.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    TileLevel,
    format_entry_tile,
    parse_entry_tile,
    parse_tile_path,
)
from federation.audit.export_names import (
    OPENINGS,
    TILES,
    directory_name,
    format_opening,
    parse_opening_path,
)
from federation.charters.chain import CharterChain
from federation.charters.values import Tiles
from federation.errors import RefusedError
from federation.ids import MemberId, Origin
from federation.ports.store import Store
from federation.statements import LEAF_SIZE, LEAF_VERSION, OPEN_KINDS
from node.charters.view import TrustView

_ENTRIES: Final = -1
"""Level under which the store keeps entry tiles."""
_MEMBERS_ONLY: Final = (
    "章程规定只向成员提供，须出示成员的证书 / the charter shows this to members alone: expected "
    "the certificate of one"
)


class Shown(Protocol):
    """`node.peers.serving.Served`."""

    @property
    def log(self) -> int:
        """Its number in the store."""
        ...

    @property
    def size(self) -> int:
        """Leaves that may be shown."""
        ...

    @property
    def note(self) -> bytes:
        """The checkpoint of that size, with cosignatures."""
        ...


class ShownLogs:
    """Answers for each path by the charters of the moment; only reads, on any thread."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: KeyRing,
        trust: Callable[[], TrustView],
        chains: Callable[[], Sequence[CharterChain]],
        shown: Mapping[Origin, Shown],
    ) -> None:
        """Wire it; `shown` is what peers are shown of each log, and changes."""
        self._store = store
        self._keyring = keyring
        self._trust = trust
        self._chains = chains
        self._shown = shown

    def member(self, certificate: bytes) -> MemberId | None:
        """Who has exactly this certificate (DER); None for nobody's."""
        known = self._trust().by_certificate(certificate) if certificate else None
        return None if known is None else known.id

    def is_public(self, log: str) -> bool:
        """Whether everyone may see a log, so that whoever stands between may keep its tiles."""
        origin = self._named(log)
        return origin is not None and is_public(self._trust(), origin)

    def checkpoint(self, log: str, member: MemberId | None) -> bytes:
        """The newest checkpoint of a log, named by its folder.

        Raises:
            RefusedError: `tiles.unknown`, `tiles.members-only`.
        """
        return self._of(log, member).note

    def tile(self, log: str, path: str, member: MemberId | None) -> bytes:
        """A tile of hashes or entries, by its path below the log.

        Raises:
            RefusedError: likewise; `tiles.unknown` also for what the checkpoint does not cover.
        """
        shown = self._of(log, member)
        try:
            level, number, width = parse_tile_path(f"{TILES}/{path}")
        except FormatError:
            raise _unknown() from None
        if number * TILE_WIDTH + width > _width(shown.size, level):
            raise _unknown()
        with self._store.read() as snapshot:
            stored = _ENTRIES if level == "entries" else level
            (data,) = snapshot.tiles(shown.log, stored, [number])
        if level != "entries":
            return data[: width * HASH_SIZE]
        return format_entry_tile(parse_entry_tile(data)[:width])

    def opening(self, log: str, path: str, member: MemberId | None) -> bytes:
        """The opening of a leaf of an open kind: salt, then payload.

        Raises:
            RefusedError: likewise; `tiles.unknown` also for a closed kind and for what is not held.
        """
        shown = self._of(log, member)
        try:
            index = parse_opening_path(f"{OPENINGS}/{path}")
        except FormatError:
            raise _unknown() from None
        if index >= shown.size:
            raise _unknown()
        with self._store.read() as snapshot:
            (leaf,) = snapshot.leaves(shown.log, index, index + 1)
            if len(leaf) != LEAF_SIZE or leaf[0] != LEAF_VERSION or leaf[1] not in OPEN_KINDS:
                raise _unknown()
            stored = snapshot.openings(shown.log, [index])
        origin = self._named(log)
        assert origin is not None  # noqa: S101 - `_of` has found it
        for _, opening in self._keyring.held_openings(origin, stored):
            return format_opening(opening)
        raise _unknown()

    def charter(self, alliance: str, version: str, member: MemberId | None) -> bytes:
        """The envelope of a version of a charter, as it was received.

        Raises:
            RefusedError: as for a log.
        """
        trust = self._trust()
        chain = next((one for one in self._chains() if one.id.hex() == alliance), None)
        if chain is None:
            raise _unknown()
        public = chain.latest.terms.tiles is Tiles.PUBLIC
        if not public and (member is None or chain.id not in trust.shared_charters(member)):
            raise RefusedError("tiles.members-only", _MEMBERS_ONLY)
        for one in chain.versions:
            if str(one.terms.version) == version:
                return one.envelope
        raise _unknown()

    def may_see(self, origin: Origin, member: MemberId | None) -> None:
        """See that a log of the charters may be shown to whoever asks (HT10).

        Raises:
            RefusedError: `tiles.unknown`, `tiles.members-only`.
        """
        trust = self._trust()
        if not trust.trust.members(origin):
            raise _unknown()
        if not is_public(trust, origin) and (member is None or not trust.offers(origin, member)):
            raise RefusedError("tiles.members-only", _MEMBERS_ONLY)

    def _of(self, log: str, member: MemberId | None) -> Shown:
        origin = self._named(log)
        if origin is None:
            raise _unknown()
        self.may_see(origin, member)
        shown = self._shown.get(origin)
        if shown is None or not shown.note:
            raise _unknown()
        return shown

    def _named(self, log: str) -> Origin | None:
        return next(
            (one for one in self._trust().trust.origins() if directory_name(one) == log), None
        )


def is_public(trust: TrustView, origin: Origin) -> bool:
    """Whether every charter that names a log lets everyone see it (HT10)."""
    said = {alliance.id: alliance.charter.terms.tiles for alliance in trust.trust.alliances}
    named_by = {ref.charter for ref in trust.trust.members(origin)}
    return bool(named_by) and all(said[one] is Tiles.PUBLIC for one in named_by)


def _width(size: int, level: TileLevel) -> int:
    """Entries of all tiles of a level, or hashes."""
    return size if level == "entries" else size >> TILE_HEIGHT * level


def _unknown() -> RefusedError:
    message = (
        "没有此文件：日志、编号或宽度不在已签名的范围内 / no such file: no such log, or its "
        "checkpoint does not cover it"
    )
    return RefusedError("tiles.unknown", message)
